"""A diagram's bytes into a process that can run, or into findings that say why not."""

from collections.abc import Mapping
from types import MappingProxyType

from tongxin import feel
from tongxin.engine import diagram
from tongxin.engine.audit import audit
from tongxin.engine.build import build
from tongxin.engine.checks import Graph, check
from tongxin.engine.diagram import Element
from tongxin.engine.draft import Draft
from tongxin.engine.errors import Refused
from tongxin.engine.lanes import read_lanes
from tongxin.engine.model import Lane, Process
from tongxin.engine.read import read_declared, read_flows, read_scope, refused_nodes
from tongxin.engine.schema import validate
from tongxin.engine.soundness import check_soundness
from tongxin.words import _

MAX_NODES = 2_000


def compile(
    source: bytes, *, functions: Mapping[str, feel.Function] = MappingProxyType({}), published: bool = False
) -> Process:
    """Read, check and build; raises `Refused` with every finding when there is an error among them.

    What is `published` was checked then: it runs on, whatever the check has learned since.
    """
    root = diagram.parse(source)
    draft = Draft(functions)
    process = _executable(root, draft)
    if process is None:
        raise Refused(draft.told())
    audit(process, draft)
    lanes, placed = read_lanes(process)
    declared = read_declared(root, placed, draft)
    nodes = list(read_scope(process, (), declared, draft))
    elements = {node.id: element for element, node in nodes}
    flows = list(read_flows(process, elements, draft))
    graph = Graph(nodes, flows)
    if len(nodes) > MAX_NODES:
        draft.error(process, _("流程有 {n} 个步骤，最多 {most} 个", n=len(nodes), most=MAX_NODES), _("请拆成几个流程"))
    elif not refused_nodes(process, elements):
        check(process, graph, draft)
    if not published:
        validate(root, draft)
    if not draft.refused and not published:
        check_soundness(process, graph, draft)
    if draft.refused:
        raise Refused(draft.told())
    return _process(process, graph, lanes, draft)


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


def _process(element: Element, graph: Graph, lanes: tuple[Lane, ...], draft: Draft) -> Process:
    nodes = graph.nodes
    top, nested = build(element.get("id"), graph)
    return Process(
        id=element.get("id"),
        name=element.get("name", ""),
        nodes=MappingProxyType(nodes),
        flows=MappingProxyType(graph.flows),
        lanes=lanes,
        messages=frozenset(node.message.name for node in nodes.values() if node.message),
        forms=frozenset(node.form for node in nodes.values() if node.form),
        actions=frozenset(node.action for node in nodes.values() if node.action),
        expressions=tuple(draft.expressions),
        warnings=tuple(draft.findings),
        top=top,
        nested=MappingProxyType(nested),
    )
