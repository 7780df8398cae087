"""What the exploration of tokens found, in words: which element, what happens there, what to do about it."""

from collections.abc import Iterable

from tongxin.engine.graph import Graph
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.soundness.markings import Explored, Marking
from tongxin.engine.soundness.net import Arc, Knot, Net
from tongxin.engine.soundness.unfold import NOT, Part
from tongxin.words import _

_FEW = 3  # names in one sentence


class Verdicts:
    """Findings on the tokens of a process, each mistake once."""

    def __init__(self, graph: Graph, draft: Draft) -> None:
        self.graph, self.draft = graph, draft
        self.unfinished = False
        self._said: set[tuple[str, str]] = set()

    def add(self, part: Part, net: Net, seen: Explored, *, may_be_left: bool) -> None:
        """`may_be_left`: an event from outside can end this scope, so going round in it is no mistake."""
        blamed = self._stuck(net, seen) | self._growing(net, seen)
        if not may_be_left:
            blamed |= self._endless(net, seen)
        if not blamed:
            self._doubled(net, seen)
        if not seen.complete and not blamed:
            self.unfinished = True
        if seen.complete:
            self._dead(part, net, seen, blamed)

    def not_finished(self, process: Element) -> None:
        self.draft.warn(
            process,
            _("没有查完：走法太多，不能断定会不会卡住"),
            _("请把并行的几段各自画成从分到合的一整块，或拆成子流程，再检查一次"),
        )

    def _stuck(self, net: Net, seen: Explored) -> set[str]:
        """Tokens that wait at a join for others that never come."""
        blamed: set[str] = set()
        for marking in seen.stuck:
            waiting = {net.arcs[arc].target: net.knots[net.arcs[arc].target] for arc in marking}
            for knot in waiting.values():
                arrived = [net.arcs[arc] for arc in knot.ins if arc in marking]
                missing = [net.arcs[arc] for arc in knot.ins if arc not in marking]
                join = (missing or arrived)[0].waits_at
                blamed.add(join)
                if ("stuck", join) in self._said:
                    continue
                if knot.join == "some":
                    self._mutual(join, missing)
                else:
                    self._waits(join, net, seen, marking, knot, missing)
        return blamed

    def _mutual(self, join: str, missing: list[Arc]) -> None:
        self._error(
            join,
            "stuck",
            _("这个包容汇合和别的汇合互相等待，谁也走不下去（它还在等{ways}）", ways=self._ways(missing)),
            _("请让每个包容汇合只汇合同一个网关分出来的线"),
        )

    def _waits(self, join: str, net: Net, seen: Explored, marking: Marking, knot: Knot, missing: list[Arc]) -> None:
        ways = self._ways(missing)
        choice = self._decided(net, seen, marking, knot, missing)
        if self._comes_after(knot, net, missing):
            self._error(
                join,
                "stuck",
                _("汇合要等自己之后才来的线，永远等不到（{ways}）", ways=ways),
                _("请把绕回的线接到汇合之前的排他网关"),
            )
        elif choice is None:
            self._error(
                join,
                "stuck",
                _("这里要等{ways}，可是等不到：走到这里就卡住", ways=ways),
                _("请看看这条线前面为什么来不了，或把汇合改成排他网关"),
            )
        else:
            self._error(
                join,
                "stuck",
                _("{choice}，这里就等不到{ways}，事项会一直卡住", choice=choice, ways=ways),
                _("分开时只走其中一条的，请用排他网关汇合；要几条都走完再往下的，请用并行网关分开"),
            )

    def _comes_after(self, knot: Knot, net: Net, missing: list[Arc]) -> bool:
        return all(net.begin not in net.before([arc.id], knot.id) for arc in missing)

    def _decided(self, net: Net, seen: Explored, marking: Marking, knot: Knot, missing: list[Arc]) -> str | None:
        """The last choice after which the missing token could not come any more, in words."""
        reach = net.before([arc.id for arc in missing], knot.id) | {arc.id for arc in missing}
        for _before, one, sent in reversed(seen.path(marking)):
            chooser = net.knots[one]
            if chooser.split == "all" or len(chooser.outs) < 2:
                continue
            if reach.isdisjoint(sent) and not reach.isdisjoint(chooser.outs):
                return self._choice(net.arcs[sent[0]])
        return None

    def _choice(self, taken: Arc) -> str:
        """Going this way, as a clause of a sentence."""
        element = taken.leaves
        flow = self.graph.flows.get(element)
        if flow is None:
            node = self.graph.nodes[element.removeprefix(NOT)]
            if element.startswith(NOT) and node.kind == "boundaryEvent":
                return _("没有发生“{event}”时", event=node.name or node.id)
            if element.startswith(NOT):
                return _("从“{where}”出去的条件都不成立时", where=node.name or node.id)
            if node.kind == "boundaryEvent":
                return _("只要发生“{event}”", event=node.name or node.id)
            return _("“{step}”照常办完时", step=node.name or node.id)
        source = self.graph.nodes[flow.source]
        where, way = source.name or source.id, self._way(element)
        if flow.condition is not None or flow.default:
            return _("从“{where}”走{way}时（只要条件真会这样）", where=where, way=way)
        return _("从“{where}”走{way}时", where=where, way=way)

    def _growing(self, net: Net, seen: Explored) -> set[str]:
        blamed = set()
        for smaller, larger in seen.growing:
            more = [arc for arc in set(larger) if larger.count(arc) > smaller.count(arc)]
            steps = [step for step in seen.path(larger) if net.knots[step[1]].split != "one" and len(step[2]) > 1]
            element = self._splitter(net, steps[-1][1], steps[-1][2]) if steps else net.arcs[more[0]].waits_at
            blamed.add(element)
            self._error(
                element,
                "growing",
                _("每绕一圈就从这里多出一份，没有限度：同一步会同时开出许多份"),
                _("请先把分开的几条线汇合，再往回绕"),
            )
        return blamed

    def _splitter(self, net: Net, knot: int, sent: Marking) -> str:
        flow = self.graph.flows.get(net.arcs[sent[0]].leaves)
        return flow.source if flow else net.knots[knot].node

    def _endless(self, net: Net, seen: Explored) -> set[str]:
        endless = seen.endless()
        if not endless:
            return set()
        last = {one for one in endless if endless.issuperset(seen.after.get(one, ()))}
        places = [net.arcs[arc].waits_at for marking in last for arc in marking]
        ordered = [one for one in self.graph.nodes if one in set(places)]
        self._error(
            ordered[0],
            "endless",
            _("走到这里就一直绕圈，到不了结束（{steps}）", steps=self._names(ordered)),
            _("请从圈里画一条能走出去的线"),
        )
        return {ordered[0]}

    def _doubled(self, net: Net, seen: Explored) -> None:
        for _marking, one in seen.doubled:
            element = self._meeting(net.arcs[one], net)
            if ("doubled", element) not in self._said:
                self._said.add(("doubled", element))
                ways = self._list([self._way(flow.id) for flow in self.graph.incoming[element]])
                self.draft.warn(
                    self.graph.elements[element],
                    _("几条线会各自走到这里，从这里起的步骤可能办两遍（{ways}）", ways=ways),
                    _("要等几条线都到了再往下，请先用并行或包容网关汇合；本来就要各办一遍的，不必改"),
                )

    def _meeting(self, arc: Arc, net: Net) -> str:
        """The last place before the work done twice where several flows come together."""
        flow = self.graph.flows.get(arc.leaves)
        element = arc.waits_at if net.knots[arc.target].work or flow is None else flow.source
        seen = first = element
        passed: set[str] = set()
        while len(self.graph.incoming[seen]) == 1 and seen not in passed:
            passed.add(seen)
            seen = self.graph.incoming[seen][0].source
        return seen if len(self.graph.incoming[seen]) > 1 else first

    def _dead(self, part: Part, net: Net, seen: Explored, blamed: set[str]) -> None:
        """Elements that never have their turn; only the first of a row, and none behind what is blamed already."""
        alive: set[str] = set()
        for one in seen.fired:
            found: Knot | Arc = net.knots[one] if one in net.knots else net.arcs[one]
            alive |= found.members
        behind = self.graph.reachable(blamed)
        for element in part.nodes - alive - behind:
            node = self.graph.nodes[element]
            before = {flow.source for flow in self.graph.incoming[element]} | {node.attached_to}
            if before & alive:
                self._error(
                    element,
                    "dead",
                    _("永远轮不到这一步"),
                    _("请检查前面的线和事件：照现在的画法，没有哪种走法会到这里"),
                )

    def _error(self, element: str, mistake: str, message: str, advice: str) -> None:
        if (mistake, element) not in self._said:
            self._said.add((mistake, element))
            self.draft.error(self.graph.elements[element], message, advice)

    def _ways(self, arcs: Iterable[Arc]) -> str:
        return self._list([self._way(arc.arrives) for arc in arcs])

    def _way(self, element: str) -> str:
        flow = self.graph.flows.get(element)
        if flow is None:
            node = self.graph.nodes[element]
            return _("“{name}”", name=node.name or node.id)
        if flow.name:
            return _("线“{name}”", name=flow.name)
        source, target = self.graph.nodes[flow.source], self.graph.nodes[flow.target]
        return _("“{source}”到“{target}”的线", source=source.name or source.id, target=target.name or target.id)

    def _names(self, elements: list[str]) -> str:
        return self._list([_("“{name}”", name=self.graph.nodes[one].name or one) for one in elements])

    def _list(self, names: list[str]) -> str:
        few = _("、").join(names[:_FEW])
        return _("{few} 等 {n} 处", few=few, n=len(names)) if len(names) > _FEW else few
