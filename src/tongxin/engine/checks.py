"""Does the graph make sense? Starts, ends, conditions, roles, dead corners."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from tongxin.engine.diagram import Element
from tongxin.engine.draft import Draft
from tongxin.engine.model import Flow, Node
from tongxin.engine.vocabulary import ACTIVITIES, HUMAN
from tongxin.words import _

MOST_WAITING = 4_000_000  # flows into inclusive joins times nodes: each such pair is looked at and kept


class Graph:
    """Nodes and flows with the elements they come from."""

    def __init__(self, nodes: Iterable[tuple[Element, Node]], flows: Iterable[tuple[Element, Flow]]) -> None:
        self.elements: dict[str, Element] = {}
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.incoming: Mapping[str, list[Flow]] = defaultdict(list)
        self.outgoing: Mapping[str, list[Flow]] = defaultdict(list)
        self.attached: Mapping[str, list[Node]] = defaultdict(list)
        for element, node in nodes:
            self.elements[node.id], self.nodes[node.id] = element, node
            if node.attached_to:
                self.attached[node.attached_to].append(node)
        for element, flow in flows:
            self.elements[flow.id], self.flows[flow.id] = element, flow
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)

    def within(self, scope: tuple[str, ...]) -> list[Node]:
        return [node for node in self.nodes.values() if node.scope == scope]

    def reachable(self, starts: Iterable[str]) -> set[str]:
        """Nodes of a scope a token can come to; boundary events follow from what they are attached to."""
        seen: set[str] = set()
        todo = list(starts)
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo.extend(flow.target for flow in self.outgoing[node])
                todo.extend(event.id for event in self.attached[node])
        return seen


def check(process: Element, graph: Graph, draft: Draft) -> None:
    scopes: list[tuple[tuple[str, ...], Element]] = [((), process)]
    scopes += [((*n.scope, n.id), graph.elements[n.id]) for n in graph.nodes.values() if n.kind == "subProcess"]
    for scope, element in scopes:
        _check_scope(element, graph, graph.within(scope), draft)
    joins = [node for node in graph.nodes.values() if node.kind == "inclusiveGateway"]
    if sum(len(graph.incoming[join.id]) for join in joins) * len(graph.nodes) > MOST_WAITING:
        draft.error(process, _("包容汇合的线太多"), _("请拆成几个流程，或改用排他、并行网关"))
    for node in graph.nodes.values():
        element = graph.elements[node.id]
        _check_ends(element, node, graph, draft)
        _check_flows(element, node, graph, draft)
        _check_boundary(element, node, graph, draft)
        if node.kind in HUMAN and not node.role:
            draft.error(element, _("没有写由谁办"), _("请把它放进写了 tx:role（角色）的泳道"))
        if node.kind == "endEvent" and node.event == "error" and node.scope and not _is_caught(node, graph):
            draft.error(
                element, _("没有边界事件接住错误“{error}”", error=node.error), _("请在外面的子流程上加错误边界事件")
            )


def _check_scope(scope: Element, graph: Graph, nodes: Collection[Node], draft: Draft) -> None:
    starts = [node for node in nodes if node.kind == "startEvent"]
    if len(starts) != 1:
        many = _("有 {n} 个开始事件", n=len(starts)) if starts else _("没有开始事件")
        draft.error(scope, many, _("请留下正好一个开始事件"))
    if not any(node.kind == "endEvent" for node in nodes):
        draft.error(scope, _("没有结束事件"), _("请加上结束事件"))
    reached = graph.reachable(node.id for node in starts)
    for node in nodes:
        element = graph.elements[node.id]
        if starts and node.id not in reached and node.kind != "boundaryEvent":
            draft.error(element, _("走不到这一步"), _("请从前面的步骤连一条线过来，或删去它"))


def _check_ends(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    outgoing, incoming = graph.outgoing[node.id], graph.incoming[node.id]
    if node.kind == "endEvent":
        if outgoing:
            draft.error(element, _("结束事件后面还有线"), _("请删去这条线，或改成中间事件"))
    elif not outgoing:
        draft.error(element, _("后面没有线"), _("请连到下一步或结束事件"))
    if node.kind in ("startEvent", "boundaryEvent") and incoming:
        draft.error(element, _("这个事件前面不能有线"), _("请把线连到它后面的步骤"))


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
    if chooses and len(outgoing) > 1 and not any(flow.default for flow in outgoing):
        draft.warn(element, _("条件都不成立时没有路可走"), _("请设一条默认线"))
    if node.kind == "eventBasedGateway":
        _check_event_gateway(element, outgoing, graph, draft)


def _check_event_gateway(element: Element, outgoing: Collection[Flow], graph: Graph, draft: Draft) -> None:
    targets = [graph.nodes[flow.target] for flow in outgoing]
    if any(node.kind not in ("intermediateCatchEvent", "receiveTask") for node in targets):
        draft.error(element, _("事件网关后面只能是中间捕获事件或接收任务"), _("请在网关后先画要等的事件"))
    if any(len(graph.incoming[node.id]) > 1 or graph.attached[node.id] for node in targets):
        draft.error(element, _("事件网关后面的事件还有别的线进来，或挂着边界事件"), _("请让这些事件只从这个网关进来"))


def _check_boundary(element: Element, node: Node, graph: Graph, draft: Draft) -> None:
    if node.kind != "boundaryEvent":
        return
    host = graph.nodes.get(node.attached_to or "")
    if host is None or host.scope != node.scope or host.kind not in ACTIVITIES - {"scriptTask"}:
        draft.error(element, _("边界事件没有挂在能等待的步骤上"), _("请把它挂到任务或子流程的边上"))
        return
    if node.event == "error" and host.kind not in ("serviceTask", "sendTask", "subProcess"):
        draft.error(element, _("这一步不会出错误"), _("错误边界事件只能挂在服务任务、发送任务或子流程上"))
    if node.event == "error" and not node.interrupting:
        draft.error(element, _("错误边界事件总要中断"), _("请改成中断型"))
    reads_due = node.timer is not None and node.timer.expression is not None and "due" in node.timer.expression.names
    if reads_due and host.limit is None:
        draft.error(element, _("用了 due，但所挂的任务没有期限"), _("请在任务上写 tx:limit"))


def _is_caught(end: Node, graph: Graph) -> bool:
    return any(
        node.event == "error" and node.error in (None, end.error)
        for scope in end.scope
        for node in graph.attached[scope]
    )
