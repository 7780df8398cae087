"""Every expression of a package: where it stands, where the case is when it is worked out, what else it sees there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tongxin import feel
from tongxin.engine import Loop, Node, Repeat
from tongxin.feel import Read
from tongxin.forms import TAKES_NOTHING, Field, Form
from tongxin.procedures.dataflow.contents import Contents, space_of

When = Literal["before", "after", "any"]
_COUNTERS = frozenset(
    {"numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances", "numberOfTerminatedInstances"}
)
_HUMAN = frozenset({"userTask", "manualTask"})
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Reads that belong together. `element` and `name` are how people find them.

    `nodes`: the steps before (or `when`, after) which it is worked out; "any": some time or other.
    `given`: names with a meaning of their own there. `own`: variables that the place itself brings.
    `expression` is None for what is only shown.
    """

    element: str
    name: str
    expression: feel.Expression | None
    reads: tuple[Read, ...]
    space: str = ""
    nodes: tuple[str, ...] = ()
    when: When = "any"
    given: frozenset[str] = _NOTHING
    own: frozenset[str] = _NOTHING


def places(contents: Contents) -> Iterator[Place]:
    """All of them: of the diagram and the processes it calls, of forms, texts and procedure.toml."""
    for node in contents.process.nodes.values():
        yield from _of_node(contents, node)
    for flow in contents.process.flows.values():
        if flow.condition is not None:
            source = contents.process.nodes[flow.source]
            yield _place(contents, source, flow.condition, "after", element=flow.id, name=flow.name)
    for form in contents.forms.values():
        yield from _of_form(contents, form)
    for key, expression in contents.expressions.items():
        yield Place("procedure.toml", key, expression, feel.reads(expression))
    for path, text in contents.texts.items():
        for hole in text.holes:
            yield Place(path, "", hole, feel.reads(hole), given=frozenset({"link"}))


def _place(
    contents: Contents,
    node: Node,
    expression: feel.Expression,
    when: When = "before",
    given: frozenset[str] = _NOTHING,
    *,
    element: str = "",
    name: str = "",
    own: frozenset[str] = _NOTHING,
) -> Place:
    return Place(
        element or node.id,
        name if element else node.name,
        expression,
        feel.reads(expression),
        space_of(contents.process, node.scope),
        (node.id,),
        when,
        given | _items(contents, node),
        own,
    )


def _items(contents: Contents, node: Node) -> frozenset[str]:
    """What multi-instance and loops around a step, up to the process it belongs to, give it."""
    found: set[str] = set()
    for one in (node.id, *reversed(node.scope)):
        around = contents.process.nodes[one]
        if around.kind == "callActivity" and one != node.id:
            break
        if around.loop is not None:
            found.add("loopCounter")
        if isinstance(around.loop, Loop):
            found.add(around.loop.element)
    return frozenset(found)


def _of_node(contents: Contents, node: Node) -> Iterator[Place]:
    before = [node.assignee, node.title, node.message.key if node.message else None]
    before += [moment.expression for moment in (node.limit,) if moment is not None]
    if node.kind != "adHocSubProcess":
        before.append(node.condition)
    elif node.condition is not None:
        yield _place(contents, node, node.condition, "after")
    before += [line.value for line in node.inputs]
    for expression in before:
        if expression is not None:
            yield _place(contents, node, expression)
    lane = node.lane
    for asked in (lane.role_by, lane.level_by) if node.kind in _HUMAN else ():
        if asked is not None:
            yield _place(contents, node, asked, element=lane.id, name=lane.name)
    if node.timer is not None and node.timer.expression is not None:
        due = frozenset({"due"}) if node.attached_to else _NOTHING
        yield _place(contents, node, node.timer.expression, given=due)
    yield from _of_loop(contents, node)
    yield from _of_script(contents, node)
    yield from _of_outputs(contents, node)
    if node.decision is not None:
        inputs = tuple(Read(name) for name in contents.asked.get(node.decision, ()))
        space = space_of(contents.process, node.scope)
        yield Place(node.id, node.name, None, inputs, space, (node.id,), "before", _items(contents, node))


def _of_loop(contents: Contents, node: Node) -> Iterator[Place]:
    if isinstance(node.loop, Loop):
        for expression in (node.loop.collection, node.loop.times):
            if expression is not None:
                yield _place(contents, node, expression)
        if node.loop.until is not None:
            yield _place(contents, node, node.loop.until, "after", _COUNTERS)
    elif isinstance(node.loop, Repeat) and node.loop.condition is not None:
        yield _place(contents, node, node.loop.condition, "after")


def _of_script(contents: Contents, node: Node) -> Iterator[Place]:
    earlier: set[str] = set()
    for line in node.script:
        yield _place(contents, node, line.value, own=frozenset(earlier))
        earlier.add(line.name)


def _of_outputs(contents: Contents, node: Node) -> Iterator[Place]:
    for line in node.outputs:
        if node.kind == "callActivity":  # reads the variables of the called process, when that is over
            yield Place(node.id, node.name, line.value, feel.reads(line.value), node.id)
        else:
            yield _place(contents, node, line.value, given=frozenset({"result"}))


def _of_form(contents: Contents, form: Form) -> Iterator[Place]:
    """A form's conditions and computed values, and the variables it only shows, once for each process that uses it."""
    own = frozenset(field.name for field in form.fields if field.is_writable or field.computed)
    used = _users(contents, form.name)
    spaces = sorted({space_of(contents.process, node.scope) for node in used})
    for space in spaces:
        nodes = [node for node in used if space_of(contents.process, node.scope) == space]
        given = frozenset.intersection(*(_items(contents, node) for node in nodes))
        some = frozenset.union(*(_items(contents, node) for node in nodes))
        told = [(form.title, hole) for template in form.templates.values() for hole in template.holes]
        read_by: list[tuple[str, feel.Expression | None, tuple[Read, ...]]]
        read_by = [(title, hole, feel.reads(hole)) for title, hole in told]
        read_by += [(field.title, *one) for field in form.fields for one in _read_by(field)]
        for title, expression, reads in read_by:
            kept = tuple(read for read in reads if read.name not in some or read.name in given)
            ids = tuple(node.id for node in nodes)
            element = f"forms/{form.name}.json"
            yield Place(element, title, expression, kept, space, ids, "before", given, own)


def _read_by(field: Field) -> Iterator[tuple[feel.Expression | None, tuple[Read, ...]]]:
    told = (hole for template in field.templates.values() for hole in template.holes)
    rules = (rule.must for rule in field.rules)
    for expression in (field.visible, field.computed, field.prefill, field.options, *rules, *told):
        if expression is not None:
            yield expression, feel.reads(expression)
    cells = {column.name for column in field.columns}
    for column in field.columns:
        if column.computed is not None:
            yield column.computed, tuple(read for read in feel.reads(column.computed) if read.name not in cells)
    if field.read_only and field.widget not in TAKES_NOTHING and not field.computed:
        yield None, (Read(field.name),)


def _users(contents: Contents, form: str) -> list[Node]:
    """The steps and events that wait for this form; the starts, if it opens a case."""
    nodes = contents.process.nodes.values()
    buttons = {message.name for message in contents.file.messages if message.form == form}
    found = [node for node in nodes if node.form == form or (awaits(node) in buttons and awaits(node))]
    if contents.file.start.by and contents.file.start.form == form:
        found += [node for node in contents.process.starts.values() if node.event == "none"]
    return found


def awaits(node: Node) -> str:
    """The name of the message a step or event waits for; "" if it does not."""
    return node.message.name if node.message and node.event == "message" and not node.throws else ""
