"""Does every event have somebody who brings it about, or takes it, and may it stand where it stands?"""

from tongxin.engine.cycles import Cycle
from tongxin.engine.graph import Graph
from tongxin.engine.model import Node
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.vocabulary import ACTIVITIES, WAITING
from tongxin.words import _

_FAILING = ACTIVITIES - {"userTask", "manualTask", "receiveTask"}  # may bring about an error
_NEVER_INTERRUPTED = ("cancel", "error")
_ONCE = ("cancel", "compensation")  # there can be but one to take over


def check_event(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    if node.kind == "boundaryEvent":
        _check_boundary(element, node, graph, draft)
    elif node.kind == "startEvent":
        _check_start(element, node, graph, draft)
    elif node.throws:
        _check_throw(element, node, graph, draft)


def _check_boundary(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    host = graph.nodes.get(node.attached_to or "")
    may_host = ACTIVITIES if node.event in ("error", "compensation") else WAITING
    if host is None or host.scope != node.scope or host.kind not in may_host or host.triggered or host.is_handler:
        draft.error(element, _("边界事件没有挂在能等待的步骤上"), _("请把它挂到任务或子流程的边上"))
        return
    if host.throws and node.event != "compensation":
        draft.error(element, _("送出消息一下就办完，边上的事件不会发生"), _("请删去它，或改用接收任务等回音"))
    if node.event in _ONCE and node.id != next(one.id for one in graph.attached[host.id] if one.event == node.event):
        draft.error(element, _("这一步已经有一个同样的边界事件"), _("补偿和取消边界事件各只能有一个，请删去多的"))
    if node.event == "error" and host.kind not in _FAILING:
        draft.error(element, _("这一步不会出错误"), _("错误边界事件只能挂在自动任务或子流程上"))
    if node.event == "escalation" and not host.is_nested:
        draft.error(element, _("这一步不会升级"), _("升级边界事件只能挂在子流程或调用活动上"))
    if node.event == "cancel" and (host.kind != "transaction" or not _ends(host, "cancel", graph)):
        draft.error(element, _("这一步不会取消"), _("取消边界事件只能挂在里面有取消结束事件的事务上"))
    if node.event in _NEVER_INTERRUPTED and not node.interrupting:
        draft.error(element, _("错误和取消边界事件总要中断"), _("请改成中断型"))
    if node.interrupting and isinstance(node.timer, Cycle):
        draft.error(element, _("中断型的定时只会到一次"), _("请写日期或时长，或改成非中断型"))
    expression = node.timer.expression if node.timer else None
    if expression is not None and "due" in expression.names and host.limit is None:
        draft.error(element, _("用了 due，但所挂的任务没有期限"), _("请在任务上写 tx:limit"))


def _check_start(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    host = graph.nodes[node.scope[-1]] if node.scope else None
    if host is None and node.event in ("conditional", "error", "escalation", "compensation"):
        draft.error(element, _("流程不能由这个事件开始"), _("请改成普通、消息、信号或定时开始"))
    if not node.interrupting and (host is None or not host.triggered or node.event in ("error", "compensation")):
        draft.error(element, _("这个开始事件不能是非中断型"), _("请改成中断型"))
    if node.interrupting and host is not None and isinstance(node.timer, Cycle):
        draft.error(element, _("中断型的定时只会到一次"), _("请写日期或时长，或改成非中断型"))
    if host is not None and host.triggered and node.event == "compensation" and len(host.scope) == 0:
        draft.error(element, _("流程本身办完就不能补偿了"), _("请把补偿事件子流程放进要补偿的子流程里"))
    if host is not None and host.triggered and node.event == "compensation" and _is_second(host, graph):
        draft.error(element, _("这里已经有一个补偿事件子流程"), _("请合成一个"))


def _is_second(handler: Node, graph: Graph) -> bool:
    """Whether another compensation event subprocess of its scope comes before it."""
    handlers = [sub for sub in graph.within(handler.scope) if sub.triggered and _begins(sub, "compensation", graph)]
    return handlers[0].id != handler.id


def _begins(subprocess: Node, event: str, graph: Graph) -> bool:
    inside = graph.within((*subprocess.scope, subprocess.id))
    return any(node.kind == "startEvent" and node.event == event for node in inside)


def _check_throw(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    if node.event == "error" and not _ends_the_case(node, graph) and not _is_caught(node, graph):
        draft.error(element, _("没有边界事件接住错误“{error}”", error=node.code), _("请在外面的子流程上加错误边界事件"))
    if node.event == "escalation" and not _is_caught(node, graph):
        draft.warn(element, _("没有事件接住升级“{code}”", code=node.code), _("请在外面的子流程上加升级边界事件"))
    if node.event == "cancel" and (not node.scope or not _has_cancel_edge(node.scope[-1], graph)):
        draft.error(
            element, _("取消结束事件不在有取消边界事件的事务里"), _("请把它放进事务，并在事务边上加取消边界事件")
        )
    if node.event == "compensation":
        _check_compensation(element, node, graph, draft)
    if node.inputs and node.event not in ("message", "signal"):
        draft.error(element, _("这里不能有“tx:{name}”", name="input"), _("只有送出消息或信号的事件才带内容"))
    if node.event == "link" and any(not flow.hidden for flow in graph.outgoing[node.id]):
        draft.error(element, _("链接抛出事件后面不能有线"), _("请删去这条线"))


def _check_compensation(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    scope = compensation_scope(node, graph)
    inside = [one for one in graph.nodes.values() if one.scope[: len(scope)] == scope]
    if node.compensates:
        about = graph.nodes.get(node.compensates)
        if about is None or about.scope != scope:
            draft.error(element, _("要补偿的步骤不在同一个流程或子流程里"), _("请改正 activityRef，或去掉它"))
            return
        inside = [one for one in inside if about.id in (one.attached_to, *one.scope)]
    if not any(one.event == "compensation" and not one.throws for one in inside):
        draft.error(element, _("没有什么可补偿的"), _("请给要补偿的步骤加补偿边界事件，并连到补偿时要办的步骤"))


def compensation_scope(node: Node, graph: Graph) -> tuple[str, ...]:
    """The scope whose activities a compensation event is about: event subprocesses speak for what is around them."""
    scope = node.scope
    while scope and graph.nodes[scope[-1]].triggered:
        scope = scope[:-1]
    return scope


def _ends(host: Node, event: str, graph: Graph) -> bool:
    inner = graph.within((*host.scope, host.id))
    return any(node.kind == "endEvent" and node.event == event for node in inner)


def _has_cancel_edge(host: str, graph: Graph) -> bool:
    return any(node.event == "cancel" for node in graph.attached[host])


def _ends_the_case(node: Node, graph: Graph) -> bool:
    """Whether it stands in the process itself or in an event subprocess of it."""
    return all(graph.nodes[scope].triggered for scope in node.scope)


def _is_caught(thrown: Node, graph: Graph) -> bool:
    """Whether an event takes it on the way out, scope by scope."""
    for depth in range(len(thrown.scope), -1, -1):
        path, source = thrown.scope[:depth], thrown.scope[depth : depth + 1]
        caught = [*_triggers(path, source, graph), *(graph.attached[path[-1]] if path else ())]
        if any(node.event == thrown.event and node.code in (None, thrown.code) for node in caught):
            return True
    return False


def _triggers(scope: tuple[str, ...], source: tuple[str, ...], graph: Graph) -> list[Node]:
    """The start events of the event subprocesses that something from `source` may begin in a scope."""
    starts: dict[str, Node] = {}
    for sub in graph.within(scope):
        if sub.triggered:
            inside = graph.within((*scope, sub.id))
            starts.update((sub.id, node) for node in inside if node.kind == "startEvent")
    begun = starts.pop(source[0], None) if source else None
    took_over = begun is not None and begun.interrupting and begun.event != "compensation"
    return [] if took_over else list(starts.values())
