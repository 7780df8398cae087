"""The first step that every way from a step comes to: its immediate postdominator.

Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001), on the graph turned round.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

_END = ""


def postdominators(following: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """By step; None where ways end apart. Steps from which no way ends are left out."""
    preceding: dict[str, list[str]] = defaultdict(list)
    heirs: dict[str, Sequence[str]] = {name: ways or (_END,) for name, ways in following.items()}
    for name, ways in heirs.items():
        for way in ways:
            preceding[way].append(name)
    order = _from_the_end(preceding)
    place = {name: at for at, name in enumerate(order)}
    found = {_END: _END}
    changed = True
    while changed:
        changed = False
        for name in order[1:]:
            known = [way for way in heirs[name] if way in found]
            meeting = known[0]
            for way in known[1:]:
                meeting = _meet(found, place, meeting, way)
            if found.get(name) != meeting:
                found[name] = meeting
                changed = True
    del found[_END]
    return {name: meeting or None for name, meeting in found.items()}


def _meet(found: Mapping[str, str], place: Mapping[str, int], one: str, other: str) -> str:
    while one != other:
        while place[one] > place[other]:
            one = found[one]
        while place[other] > place[one]:
            other = found[other]
    return one


def _from_the_end(preceding: Mapping[str, Sequence[str]]) -> list[str]:
    """The end, then every step after some step that follows it: reverse postorder of the graph turned round."""
    seen, left = {_END}, []
    todo = [(_END, iter(preceding.get(_END, ())))]
    while todo:
        name, ways = todo[-1]
        way = next((one for one in ways if one not in seen), None)
        if way is None:
            left.append(name)
            todo.pop()
        else:
            seen.add(way)
            todo.append((way, iter(preceding.get(way, ()))))
    return list(reversed(left))
