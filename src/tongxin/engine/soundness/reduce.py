"""Shrinks a net without changing its verdict: what is drawn in blocks collapses, whatever its size."""

from tongxin.engine.soundness.net import END, Arc, Knot, Net

# How `n` arcs from a split straight to a join become one: those ways of splitting that this join puts together again.
_MATCHING = {"any": ("one",), "all": ("all",), "some": ("one", "all", "some")}


def reduce(net: Net) -> None:
    """Apply the rules until none applies. Each takes away an arc or a knot, so this ends."""
    todo = dict.fromkeys(net.knots)
    while todo:
        knot = net.knots.get(todo.popitem()[0])
        if knot is None or knot.final is not None or not knot.ins:
            continue
        around = _around(net, knot)
        if any(rule(net, knot) for rule in _RULES):
            todo.update(dict.fromkeys(around | _around(net, knot)))


def _around(net: Net, knot: Knot) -> set[int]:
    if knot.id not in net.knots:
        return set()
    sources = {net.arcs[arc].source for arc in knot.ins}
    return {knot.id} | sources | {net.arcs[arc].target for arc in knot.outs}


def _drop_ends(net: Net, knot: Knot) -> bool:
    """A token that goes to an end with nothing to do is of no account; of several ways to an end one is enough."""
    ends = [net.arcs[arc] for arc in knot.outs if net.knots[net.arcs[arc].target].final == END]
    idle = [arc for arc in ends if not arc.work]
    all_end = len(ends) == len(knot.outs)
    if knot.split == "some" and idle and not all_end:
        return _choose_end(net, knot, idle)
    spare = idle[1:] if len(idle) == len(knot.outs) else idle
    if knot.split == "one":
        spare = ends[1:]
    for arc in spare:
        knot.work |= arc.work
        _forget(net, knot, arc)
    return bool(spare)


def _choose_end(net: Net, knot: Knot, ends: list[Arc]) -> bool:
    """Some of ends and others is: some of the others, or nothing."""
    several = net.knot(knot.node, split="some")
    for arc in [net.arcs[one] for one in knot.outs]:
        if arc not in ends:
            net.move_source(arc, several)
    if len(several.outs) == 1:
        several.split = "all"
    knot.split = "one"
    net.connect(knot, several, net.arcs[next(iter(several.outs))].leaves)
    return True


def _forget(net: Net, knot: Knot, arc: Arc) -> None:
    """The arc's elements have their turn when the knot has."""
    knot.members |= arc.members
    target = net.knots[arc.target]
    net.drop_arc(arc)
    if not target.ins:
        net.drop_knot(target)


def _drop_loop(net: Net, knot: Knot) -> bool:
    """Going round and coming back as one token changes nothing, as long as there is another way."""
    if knot.join != "any" or knot.split != "one":
        return False
    loops = [net.arcs[arc] for arc in knot.outs if net.arcs[arc].target == knot.id]
    if not loops or len(loops) == len(knot.outs):
        return False
    for arc in loops:
        knot.work |= arc.work
        _forget(net, knot, arc)
    return True


def _merge_parallel(net: Net, knot: Knot) -> bool:
    """Arcs from a split straight to the join that matches it."""
    by_target: dict[int, list[Arc]] = {}
    for one in knot.outs:
        by_target.setdefault(net.arcs[one].target, []).append(net.arcs[one])
    changed = False
    for target, arcs in by_target.items():
        if len(arcs) < 2 or target == knot.id or knot.split not in _MATCHING[net.knots[target].join]:
            continue
        for arc in arcs[1:]:
            arcs[0].members |= arc.members
            arcs[0].work |= arc.work
            net.drop_arc(arc)
        changed = True
    return changed


def _trivial(net: Net, knot: Knot) -> bool:
    """One way in and one way on: the knot becomes part of the arc."""
    if len(knot.ins) != 1 or len(knot.outs) != 1:
        return False
    before, after = net.arcs[next(iter(knot.ins))], net.arcs[next(iter(knot.outs))]
    if before.source == knot.id or before.id == net.begin:
        return False
    target = net.knots[after.target]
    before.work |= after.work | knot.work
    before.members |= after.members | knot.members
    before.arrives, before.waits_at = after.arrives, after.waits_at
    net.drop_arc(after)
    net.move_target(before, target)
    net.drop_knot(knot)
    return True


def _fuse(net: Net, knot: Knot) -> bool:
    """The only way on is the only way into the next: one knot that joins as this and splits as that."""
    if len(knot.outs) != 1:
        return False
    arc = net.arcs[next(iter(knot.outs))]
    after = net.knots[arc.target]
    if after is knot or after.final is not None or len(after.ins) != 1:
        return False
    knot.work |= arc.work | after.work
    knot.members |= arc.members | after.members
    knot.split, knot.node = after.split, after.node
    net.drop_arc(arc)
    for one in list(after.outs):
        net.move_source(net.arcs[one], knot)
    net.drop_knot(after)
    return True


def _fuse_joins(net: Net, knot: Knot) -> bool:
    """A join straight into a join of its kind; choices only where nothing is done between."""
    if len(knot.outs) != 1 or len(knot.ins) < 2 or knot.join == "some":
        return False
    arc = net.arcs[next(iter(knot.outs))]
    after = net.knots[arc.target]
    to_end = after.final == END and knot.join == "any"
    if after is knot or not (to_end or (after.join == knot.join and after.final is None)):
        return False
    if knot.join == "any" and (knot.work or arc.work):
        return False
    after.work |= arc.work | knot.work
    net.drop_arc(arc)
    for one in list(knot.ins):
        way = net.arcs[one]
        way.members |= arc.members | knot.members
        net.move_target(way, after)
    net.drop_knot(knot)
    return True


def _fuse_splits(net: Net, knot: Knot) -> bool:
    """A split straight into a split of its kind."""
    for one in knot.outs:
        arc = net.arcs[one]
        after = net.knots[arc.target]
        if after is knot or after.final is not None or len(after.ins) != 1 or not after.outs:
            continue
        if after.split == knot.split:
            for way in [net.arcs[out] for out in after.outs]:
                way.work |= arc.work | after.work
                way.members |= arc.members | after.members
                net.move_source(way, knot)
            net.drop_arc(arc)
            net.drop_knot(after)
            return True
    return False


_RULES = (_drop_loop, _drop_ends, _merge_parallel, _trivial, _fuse, _fuse_joins, _fuse_splits)
