"""A diagram's bytes into a process that can run, or into findings that say why not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from tongxin import feel
from tongxin.engine.checks import check
from tongxin.engine.errors import Refused
from tongxin.engine.graph import Graph
from tongxin.engine.model import NO_LANE, Decision, Flow, Lane, Node, Process
from tongxin.engine.reading import diagram
from tongxin.engine.reading.audit import audit
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.lanes import read_lanes
from tongxin.engine.reading.nodes import link_flows, read_flows, read_scope, refused_nodes, tie_handlers
from tongxin.engine.reading.references import data_stores, read_declared
from tongxin.engine.reading.schema import validate
from tongxin.engine.soundness.check import check_soundness
from tongxin.engine.specs.build import build
from tongxin.words import _

MAX_NODES = 2_000
MAX_CALLS = 10  # one inside the other
_NONE: Mapping[str, bytes] = MappingProxyType({})


def compile(
    source: bytes,
    *,
    functions: Mapping[str, feel.Function] = MappingProxyType({}),
    decisions: Mapping[str, Decision] = MappingProxyType({}),
    called: Mapping[str, bytes] = _NONE,
    published: bool = False,
) -> Process:
    """Read, check and build; raises `Refused` with every finding when there is an error among them.

    `decisions`: what business rule tasks may ask, by name. `called`: the diagrams of the processes that call
    activities may call, by the process's id; only those really called are read.
    What is `published` was checked then: it runs on, whatever the check has learned since.
    """
    root = diagram.parse(source)
    draft = Draft(functions, decisions)
    reading = _Reading(draft, called)
    process = reading.read(root, (), NO_LANE, ())
    if process is None:
        raise Refused(draft.told())
    graph = Graph(reading.nodes, reading.flows)
    if len(reading.nodes) > MAX_NODES:
        draft.error(
            process, _("流程有 {n} 个步骤，最多 {most} 个", n=len(reading.nodes), most=MAX_NODES), _("请拆成几个流程")
        )
    elif not published and not reading.has_holes:
        check(process, graph, draft)
    if not published:
        for one in (root, *reading.called_roots()):
            validate(one, draft)
    if not draft.refused and not published:
        check_soundness(process, graph, draft)
    if draft.refused:
        raise Refused(draft.told())
    return _process(process, graph, reading, draft)


class _Reading:
    """The nodes and flows of a process and of all the processes it calls."""

    def __init__(self, draft: Draft, called: Mapping[str, bytes]) -> None:
        self.nodes: list[tuple[Element, Node]] = []
        self.flows: list[tuple[Element, Flow]] = []
        self.lanes: list[Lane] = []
        self.stores: set[str] = set()
        self.has_holes = False  # something was refused that flows lead to: the graph cannot be judged
        self._draft, self._called = draft, called
        self._read: set[str] = set()  # ids of the processes that are called

    def called_roots(self) -> Iterator[Element]:
        """The diagrams of the processes that are called, as they were written."""
        return (diagram.parse(self._called[name]) for name in sorted(self._read))

    def read(self, root: Element, path: tuple[str, ...], around: Lane, calling: tuple[str, ...]) -> Element | None:
        """The process element. `around` is the lane, `path` the scope of the call activity that calls it."""
        process = _executable(root, self._draft)
        if process is None:
            return None
        audit(process, self._draft)
        lanes, placed = read_lanes(process, self._draft, around)
        self.lanes += lanes
        self.stores |= data_stores(root)
        declared = read_declared(root, placed, self._draft)
        nodes = tie_handlers(process, list(read_scope(process, path, declared, self._draft)), self._draft)
        elements = {node.id: element for element, node in nodes}
        self.nodes += nodes
        self.flows += read_flows(process, elements, self._draft)
        self.flows += link_flows(nodes, self._draft)
        self.has_holes = self.has_holes or bool(refused_nodes(process, elements))
        for element, node in nodes:
            if node.calls and len(self.nodes) <= MAX_NODES:
                self._read_called(
                    element, node, placed.get(node.id, around), (*calling, (process.get("id") or "").rpartition("/")[2])
                )
        return process

    def _read_called(self, element: Element, call: Node, lane: Lane, calling: tuple[str, ...]) -> None:
        name = call.calls or ""
        if name in calling:
            circle = " → ".join((*calling[calling.index(name) :], name))
            self._draft.error(element, _("流程调用绕成了圈：{circle}", circle=circle), _("请断开其中一处调用"))
        elif len(calling) > MAX_CALLS:
            self._draft.error(element, _("调用套了 {most} 层以上", most=MAX_CALLS), _("请减少调用的层数"))
        elif name not in self._called:
            self._draft.error(element, _("找不到被调用的流程“{name}”", name=name), _("请补上它的图，或改正编号"))
        else:
            root = diagram.parse(self._called[name])
            self._read.add(name)
            diagram.prefix(root, f"{call.id}/")
            known = len(self.nodes)
            process = self.read(root, (*call.scope, call.id), lane, calling)
            self.nodes[known:] = [(one, _told_as(node, call)) for one, node in self.nodes[known:]]
            if process is not None and process.get("id") != f"{call.id}/{name}":
                self._draft.error(element, _("被调用的图里没有流程“{name}”", name=name), _("请改正编号"))
        self.has_holes = self.has_holes or self._draft.refused


def _told_as(node: Node, call: Node) -> Node:
    """What residents read while the case is in a called process is what its caller says, if it says nothing itself."""
    return node if node.public_name else replace(node, public_name=call.public_name)


def _executable(root: Element, draft: Draft) -> Element | None:
    """The one process to run; others may be drawn beside it if they say they are not executable."""
    found = [one for one in diagram.children(root, "process") if one.get("isExecutable", "true") == "true"]
    if len(found) == 1:
        return found[0]
    if found:
        draft.error(found[1], _("图里有几个可执行流程"), _("请只留一个，其余设 isExecutable=false"))
    else:
        draft.error(root, _("图里没有可执行流程"), _("请把流程的 isExecutable 设为 true"))
    return None


def _process(element: Element, graph: Graph, reading: _Reading, draft: Draft) -> Process:
    nodes = graph.nodes
    top, specs = build(element.get("id"), graph, draft.decisions)
    return Process(
        id=element.get("id"),
        name=element.get("name", ""),
        nodes=MappingProxyType(nodes),
        flows=MappingProxyType({flow.id: flow for flow in graph.flows.values() if not flow.hidden}),
        lanes=tuple(reading.lanes),
        forms=frozenset(node.form for node in nodes.values() if node.form),
        actions=frozenset(node.action for node in nodes.values() if node.action),
        stores=frozenset(reading.stores),
        pausing=frozenset(node.id for node in nodes.values() if node.pauses),
        warnings=tuple(draft.findings),
        top=top,
        specs=MappingProxyType(specs),
    )
