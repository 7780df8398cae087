"""A judge for the check of soundness: every marking in every order, without reductions. For small sketches only."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations

Marking = tuple[str, ...]
MOST = 2_000


class TooLarge(Exception):
    """There are more markings than this judge looks at."""


@dataclass
class Verdict:
    stuck: bool = False
    growing: bool = False
    endless: bool = False
    twice: bool = False


class Naive:
    def __init__(self, text: str) -> None:
        self.flows = re.findall(r"(\w+)>(\w+)", text)
        self.ins: dict[str, list[str]] = {}
        self.outs: dict[str, list[str]] = {}
        for source, target in self.flows:
            self.outs.setdefault(source, []).append(f"{source}>{target}")
            self.ins.setdefault(target, []).append(f"{source}>{target}")
        self.reach = {
            (join, flow): self._before(join, flow) for join in self.ins if join[0] == "o" for flow in self.ins[join]
        }

    def judge(self) -> Verdict:
        verdict = Verdict()
        first = tuple(sorted(self.outs["s"]))
        came: dict[Marking, Marking | None] = {first: None}
        after: dict[Marking, list[Marking]] = {}
        todo = [first]
        while todo:
            marking = todo.pop()
            after[marking] = sorted({tuple(sorted(one)) for one in self._next(Counter(marking))})
            verdict.stuck |= bool(marking) and not after[marking]
            verdict.twice |= self._is_twice(Counter(marking))
            for one in after[marking]:
                if one in came:
                    continue
                came[one] = marking
                if self._grows(one, came):
                    verdict.growing = True
                elif one:
                    todo.append(one)
            if len(came) > MOST:
                raise TooLarge(TooLarge.__doc__)
        verdict.endless = self._is_endless(after)
        return verdict

    def _next(self, tokens: Counter[str]) -> Iterator[list[str]]:
        for node in {flow.split(">")[1] for flow in tokens}:
            for taken in self._taken(node, tokens):
                rest = list((tokens - Counter(taken)).elements())
                if node[0] == "t":
                    yield []
                else:
                    yield from ([*rest, *sent] for sent in self._sent(node))

    def _taken(self, node: str, tokens: Counter[str]) -> list[list[str]]:
        filled = [flow for flow in self.ins[node] if flow in tokens]
        if node[0] in "pq":
            return [filled] if len(filled) == len(self.ins[node]) else []
        if node[0] == "o" and len(self.ins[node]) > 1:
            return [] if self._waits(node, filled, tokens) else [filled]
        return [[flow] for flow in filled]

    def _waits(self, join: str, filled: list[str], tokens: Counter[str]) -> bool:
        empty = [flow for flow in self.ins[join] if flow not in filled]
        for token in tokens:
            node = token.split(">")[1]
            to_empty = any(node in self.reach[join, flow] for flow in empty)
            if node != join and to_empty and not any(node in self.reach[join, flow] for flow in filled):
                return True
        return False

    def _before(self, join: str, flow: str) -> set[str]:
        seen: set[str] = set()
        todo = [flow.split(">", maxsplit=1)[0]]
        while todo:
            node = todo.pop()
            if node not in seen and node != join:
                seen.add(node)
                todo += [one.split(">")[0] for one in self.ins.get(node, [])]
        return seen

    def _sent(self, node: str) -> list[list[str]]:
        outs = self.outs.get(node, [])
        if node[0] in "xyzv" and outs:
            return [[flow] for flow in outs]
        if node[0] == "o" and len(outs) > 1:
            asked = outs[:-1]  # the last is the default
            some = chain.from_iterable(combinations(asked, size) for size in range(1, len(asked) + 1))
            return [*(list(one) for one in some), [outs[-1]]]
        return [outs]

    def _grows(self, marking: Marking, came: dict[Marking, Marking | None]) -> bool:
        """Three tokens on one flow, and fewer on the way here: with inclusive joins two are no proof."""
        larger, one = Counter(marking), came[marking]
        while one is not None and max(larger.values(), default=0) > 2:
            if len(one) < len(marking) and Counter(one) <= larger:
                return True
            one = came[one]
        return False

    def _is_twice(self, tokens: Counter[str]) -> bool:
        """Two tokens before a step."""
        at = Counter({node: sum(tokens[flow] for flow in flows) for node, flows in self.ins.items()})
        return any(count > 1 and node[0] not in "etxyzpqov" for node, count in at.items())

    @staticmethod
    def _is_endless(after: dict[Marking, list[Marking]]) -> bool:
        """Whether from some marking neither the end nor anything else that is wrong can be reached."""
        good = {one for following in after.values() for one in following if one not in after}
        good |= {marking for marking, following in after.items() if not following}
        size = -1
        while size != len(good):
            size = len(good)
            good |= {marking for marking, following in after.items() if not good.isdisjoint(following)}
        return not good.issuperset(after)
