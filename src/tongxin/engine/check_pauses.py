"""What a step makes stand still: is it there, and has it a clock?"""

from collections.abc import Iterator

from tongxin.engine.graph import Graph
from tongxin.engine.model import Node
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.vocabulary import HUMAN
from tongxin.words import _


def check_pauses(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    """Every id in `tx:pauses` is a limit or a timer of the same diagram that can run while the case is here."""
    if node.pauses and node.event == "link":
        draft.error(element, _("链接不等人，停不了表"), _("请把停表写在要等的步骤上"))
        return
    for name in node.pauses:
        wrong = _wrong(name, node, graph)
        if wrong is not None:
            draft.error(element, *wrong)
        elif not _may_meet(node, graph.nodes[name], graph):
            said = graph.nodes[name].name or name.rpartition("/")[2]
            draft.warn(
                element, _("“{name}”和这一步不会同时在等", name=said), _("请改选和它并行的步骤，或把它从停表里去掉")
            )


def _wrong(name: str, node: Node, graph: Graph) -> tuple[str, str] | None:
    """What is wrong, and what to do about it."""
    target = graph.nodes.get(name)
    shown = name.rpartition("/")[2]
    if target is None or _file(name) != _file(node.id):
        return _("停表里的“{name}”不在这张图里", name=shown), _("请改选这张图里有时限或定时的步骤")
    said = target.name or shown
    around = target.scope[:-1] if target.kind == "startEvent" else target.scope
    if node.id in (name, target.attached_to, *around):
        return _("停的是这一步自己的时限，它会永远停着"), _("请改选别的步骤；这一步等待时不该计时，就删去它的时限")
    if follows(target, graph):
        about = graph.nodes[target.attached_to or ""]
        return (
            _("定时“{name}”跟着任务“{task}”的时限走，不能单独停", name=said, task=about.name or about.id),
            _("请改写成任务的编号“{name}”", name=about.id.rpartition("/")[2]),
        )
    if target.kind in HUMAN and target.limit is None:
        return _("“{name}”没有时限，停不了表", name=said), _("请给它写上 tx:limit，或写它边上定时事件的编号")
    if target.kind not in HUMAN and not _waits_for_time(target, graph):
        return _("“{name}”没有时限，也不是定时，停不了表", name=said), _("请改选有时限的任务或定时事件")
    return None


def follows(timer: Node, graph: Graph) -> bool:
    """Whether it is a timer on a task's edge that reads the task's limit (`due`): it stands still with that."""
    expression = timer.timer.expression if timer.timer else None
    host = graph.nodes.get(timer.attached_to or "")
    return expression is not None and "due" in expression.names and host is not None and host.limit is not None


def _waits_for_time(node: Node, graph: Graph) -> bool:
    begins_a_case = node.kind == "startEvent" and not (node.scope and graph.nodes[node.scope[-1]].triggered)
    return node.timer is not None and not begins_a_case


def _file(name: str) -> str:
    """Which diagram an element stands in: those of called processes have ids that begin with the call's."""
    return name.rpartition("/")[0]


def _may_meet(node: Node, target: Node, graph: Graph) -> bool:
    """Whether both can wait at once, conditions taken as free: somewhere before them the way forks."""
    if target.kind == "startEvent":
        return True  # it waits as long as what stands around it runs
    shared = len([one for one, other in zip(node.scope, target.scope, strict=False) if one == other])
    scope = node.scope[:shared]
    mine, other = (_in_scope(one, scope, graph) for one in (node, target))
    beside = scope and graph.nodes[scope[-1]].kind == "adHocSubProcess"
    if mine.id == other.id or beside or mine.triggered or other.triggered:
        return True
    for branches in _forks(scope, graph):
        here = [number for number, branch in enumerate(branches) if mine.id in branch]
        there = [number for number, branch in enumerate(branches) if other.id in branch]
        if here and there and len({*here, *there}) > 1:
            return True
    return False


def _in_scope(node: Node, scope: tuple[str, ...], graph: Graph) -> Node:
    """What stands for it in a scope around: the subprocess it is in, or the step it is on the edge of."""
    outer = node if node.scope == scope else graph.nodes[node.scope[len(scope)]]
    return graph.nodes[outer.attached_to] if outer.attached_to else outer


def _forks(scope: tuple[str, ...], graph: Graph) -> Iterator[list[set[str]]]:
    """Wherever one token becomes several: what each of them can come to."""
    for node in graph.within(scope):
        flows = graph.outgoing[node.id]
        if node.attached_to and not node.interrupting:
            yield [graph.reachable([node.id]), graph.reachable([node.attached_to])]
        if len(flows) > 1 and node.kind not in ("exclusiveGateway", "eventBasedGateway"):
            yield [graph.reachable([flow.target]) for flow in flows]
