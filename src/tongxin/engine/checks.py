"""Does the graph make sense? Starts, ends, conditions, roles, dead corners."""

from collections.abc import Collection

from tongxin.engine.check_events import check_event
from tongxin.engine.check_pauses import check_pauses
from tongxin.engine.graph import Graph
from tongxin.engine.model import Node
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.vocabulary import ACTIVITIES, HUMAN
from tongxin.words import _

MOST_NESTED = 60  # scopes one inside the other, those of called processes included
MOST_WAITING = 4_000_000  # flows into inclusive joins times nodes: each such pair is looked at and kept


def check(process: Element, graph: Graph, draft: Draft) -> None:
    deepest = max(graph.nodes.values(), key=lambda node: len(node.scope), default=None)
    if deepest is not None and len(deepest.scope) > MOST_NESTED:
        draft.error(
            graph.elements[deepest.id],
            _("子流程和调用一层套一层，超过 {most} 层", most=MOST_NESTED),
            _("请减少嵌套的子流程和调用"),
        )
        return
    _check_scope(process, None, graph.within(()), graph, draft)
    for host in graph.nested:
        element, inner = graph.elements[host.id], graph.within((*host.scope, host.id))
        if host.kind == "adHocSubProcess":
            _check_ad_hoc(element, inner, graph, draft)
        else:
            _check_scope(element, host, inner, graph, draft)
    joins = [node for node in graph.nodes.values() if node.kind == "inclusiveGateway"]
    if sum(len(graph.incoming[join.id]) for join in joins) * len(graph.nodes) > MOST_WAITING:
        draft.error(process, _("包容汇合的线太多"), _("请拆成几个流程，或改用排他、并行网关"))
    for node in graph.nodes.values():
        element = graph.elements[node.id]
        _check_ends(element, node, graph, draft)
        _check_flows(element, node, graph, draft)
        check_event(element, node, graph, draft)
        check_pauses(element, node, graph, draft)
        if node.kind in HUMAN and node.lane.role is None and node.lane.role_by is None:
            draft.error(element, _("没有写由谁办"), _("请把它放进写了 tx:role（角色）的泳道"))
        if node.loop is not None and (node.triggered or node.is_handler):
            draft.error(element, _("事件子流程和补偿步骤不能多实例或循环"), _("请在里面画多实例"))


def _check_scope(scope: Element, host: Node | None, nodes: Collection[Node], graph: Graph, draft: Draft) -> None:
    starts = [node for node in nodes if node.kind == "startEvent"]
    _check_starts(scope, host, starts, draft)
    if not any(node.kind == "endEvent" for node in nodes):
        draft.error(scope, _("没有结束事件"), _("请加上结束事件"))
    apart = [node for node in nodes if node.triggered or node.is_handler]  # begun by events, not by flows
    reached = graph.reachable(node.id for node in (*starts, *apart))
    for node in nodes:
        element = graph.elements[node.id]
        if starts and node.id not in reached and node.kind != "boundaryEvent":
            draft.error(element, _("走不到这一步"), _("请从前面的步骤连一条线过来，或删去它"))


def _check_starts(scope: Element, host: Node | None, starts: Collection[Node], draft: Draft) -> None:
    plain = [node for node in starts if node.event == "none"]
    if host is None:
        if not starts:
            draft.error(scope, _("没有开始事件"), _("请加上开始事件"))
        elif len(plain) > 1:
            draft.error(
                scope, _("有 {n} 个普通的开始事件", n=len(plain)), _("请只留一个，其余改成消息、信号或定时开始")
            )
        return
    if len(starts) != 1:
        many = _("有 {n} 个开始事件", n=len(starts)) if starts else _("没有开始事件")
        if host.calls is None or not plain:
            draft.error(scope, many, _("请留下正好一个开始事件"))
    if host.calls is not None:
        if len(plain) != 1:
            draft.error(scope, _("被调用的流程没有普通的开始事件"), _("请在被调用的流程里画一个"))
    elif host.triggered and plain:
        draft.error(scope, _("事件子流程的开始没有写由什么触发"), _("请选消息、信号、定时、条件、错误、升级或补偿"))
    elif not host.triggered and starts and not plain:
        draft.error(scope, _("子流程的开始不能等事件"), _("请改成普通的开始事件，或把子流程改成事件子流程"))


def _check_ad_hoc(scope: Element, nodes: Collection[Node], graph: Graph, draft: Draft) -> None:
    entries = [node for node in nodes if node.kind in ACTIVITIES and not graph.incoming[node.id]]
    if not entries:
        draft.error(scope, _("即席子流程里没有可办的步骤"), _("请画上可以随时办的用户任务"))
    reached = graph.reachable(node.id for node in entries)
    for node in nodes:
        element = graph.elements[node.id]
        if node.id not in reached and node.kind != "boundaryEvent":
            draft.error(element, _("走不到这一步"), _("请从前面的步骤连一条线过来，或删去它"))
        if node.kind in ("parallelGateway", "inclusiveGateway") and len(graph.incoming[node.id]) > 1:
            draft.error(element, _("即席子流程里不能汇合：几条线的步骤不一定都会办"), _("请去掉汇合，或画成子流程"))
        if node in entries and node.kind not in HUMAN:
            draft.error(element, _("即席子流程里先办的步骤要由人办"), _("请在前面画一个用户任务"))
        if node.kind in ("startEvent", "endEvent"):
            draft.error(element, _("即席子流程里没有开始和结束"), _("请删去它；步骤由办理人随时开始"))
        if node.triggered or node.is_handler:
            draft.error(element, _("即席子流程里不能有事件子流程或补偿"), _("请移到外面"))


def _check_ends(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    outgoing, incoming = graph.outgoing[node.id], graph.incoming[node.id]
    if node.kind == "endEvent":
        if outgoing:
            draft.error(element, _("结束事件后面还有线"), _("请删去这条线，或改成中间事件"))
    elif node.triggered or node.is_handler or (node.event == "compensation" and node.attached_to):
        if outgoing or incoming:
            draft.error(element, _("事件子流程和补偿步骤不接顺序流"), _("请删去接着它的线"))
    elif not outgoing and not _stands_in_ad_hoc(node, graph):
        draft.error(element, _("后面没有线"), _("请连到下一步或结束事件"))
    if node.kind in ("startEvent", "boundaryEvent") and incoming:
        draft.error(element, _("这个事件前面不能有线"), _("请把线连到它后面的步骤"))


def _stands_in_ad_hoc(node: Node, graph: Graph) -> bool:
    return bool(node.scope) and graph.nodes[node.scope[-1]].kind == "adHocSubProcess"


def _check_flows(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    outgoing = graph.outgoing[node.id]
    default = element.get("default")
    if default and default not in [flow.id for flow in outgoing]:
        draft.error(element, _("默认线不是从这里出去的"), _("请重新选默认线"))
    chooses = node.kind in ("exclusiveGateway", "inclusiveGateway")
    for flow in outgoing:
        drawn = graph.elements[flow.id]
        if flow.default and flow.condition is not None:
            draft.error(drawn, _("默认线不能有条件"), _("请删去条件，或不设它为默认"))
        elif flow.condition is not None and not chooses and node.kind not in ACTIVITIES:
            draft.error(drawn, _("这里的线不能有条件"), _("请先连到排他网关，再写条件"))
        elif chooses and len(outgoing) > 1 and flow.condition is None and not flow.default:
            draft.error(
                drawn,
                _("从网关“{name}”出去的线没有条件，也不是默认", name=node.name or node.id),
                _("请写条件，或设为默认线"),
            )
    asked = chooses or node.kind in ACTIVITIES
    may_strand = asked and outgoing and all(flow.condition is not None and not flow.default for flow in outgoing)
    if may_strand or (chooses and len(outgoing) > 1 and not any(flow.default for flow in outgoing)):
        draft.warn(element, _("条件都不成立时没有路可走"), _("请设一条默认线"))
    if node.kind == "eventBasedGateway":
        _check_event_gateway(element, node, graph, draft)


_BEHIND_GATEWAY = frozenset({"message", "signal", "timer", "conditional"})


def _check_event_gateway(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    targets = [graph.nodes[flow.target] for flow in graph.outgoing[node.id]]
    if not all(_may_follow_event_gateway(target) for target in targets):
        draft.error(element, _("事件网关后面只能是中间捕获事件或接收任务"), _("请在网关后先画要等的事件"))
    if any(len(graph.incoming[one.id]) > 1 or graph.attached[one.id] for one in targets):
        draft.error(element, _("事件网关后面的事件还有别的线进来，或挂着边界事件"), _("请让这些事件只从这个网关进来"))


def _may_follow_event_gateway(node: Node) -> bool:
    waits = node.kind in ("intermediateCatchEvent", "receiveTask") and node.event in _BEHIND_GATEWAY
    return waits and node.loop is None
