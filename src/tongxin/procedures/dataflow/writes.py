"""Which variables a step can set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tongxin.engine import Assignment, Loop, Node
from tongxin.feel import results
from tongxin.procedures.dataflow.contents import Contents, space_of

_SEND_TO_MERGED = "platform.send_to_merged"


@dataclass(frozen=True, slots=True)
class Writes:
    """`names` it can set; with `anything` others, too, which only whoever sends it a message knows."""

    names: frozenset[str] = frozenset()
    anything: bool = False


class Writers:
    """Every step's, and together those of the case's own variables and of every called process."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._sent = _sent(contents)
        self.by_node: dict[str, Writes] = {}
        self._names: dict[str, set[str]] = {"": set()}
        self._emptied: dict[str, set[str]] = {"": set()}
        self.open_ended: set[str] = set()  # spaces in which a message can set anything
        for node in contents.process.nodes.values():
            writes = self._of(node)
            self.by_node[node.id] = writes
            space = space_of(contents.process, node.scope)
            self._names.setdefault(space, set()).update(writes.names)
            if writes.anything:
                self.open_ended.add(space)
            emptied = self._emptied.setdefault(space, set())
            emptied.update(node.own, (line.name for line in (*node.script, *node.outputs)))
            if node.kind == "callActivity":
                self._names.setdefault(node.id, set()).update(assigned(node.inputs))
                self._emptied.setdefault(node.id, set()).update(line.name for line in node.inputs)

    def set_in(self, space: str) -> frozenset[str]:
        """Names of all variables that are set somewhere among these."""
        return frozenset(self._names.get(space, ()))

    def known_in(self, space: str) -> frozenset[str]:
        """With those that are only ever emptied, and the data objects of subprocesses, which begin empty."""
        return self.set_in(space) | self._emptied.get(space, set())

    def _of(self, node: Node) -> Writes:
        """Of the variables around it, without what the steps in it set."""
        if isinstance(node.loop, Loop) and node.loop.output:
            return Writes(frozenset({node.loop.output}))
        return self._once(node)

    def _once(self, node: Node) -> Writes:
        if node.event in ("message", "signal") and not node.throws:
            return self._brought(node)
        names = assigned((*node.script, *node.outputs))
        if node.result:
            names.add(node.result)
        if node.form:
            names |= self._fields(node.form)
        start = self._contents.file.start
        if node.kind == "startEvent" and not node.scope:
            names |= {*(self._fields(start.form) if start.by else ()), *start.takes}
        return Writes(frozenset(names))

    def _fields(self, form: str | None) -> set[str]:
        found = self._contents.forms.get(form or "")
        return {one.name for one in found.fields if one.is_writable or one.computed} if found else set()

    def _brought(self, node: Node) -> Writes:
        """What a message or signal brings, as far as this package tells who sends it."""
        assert node.message is not None  # such events have one: reading checks
        if node.message.payload:
            return Writes(frozenset({node.message.payload}))
        names = set(self._sent.get((node.event, node.message.name), ()))
        known = (node.event, node.message.name) in self._sent
        if node.event == "message":
            buttons = [one for one in self._contents.file.messages if one.name == node.message.name]
            known = known or bool(buttons)
            for button in buttons:
                names |= self._fields(button.form)
        return Writes(frozenset(names), anything=not known)


def assigned(lines: Iterable[Assignment]) -> set[str]:
    """The names that lines give a value; to empty a variable is not to set it."""
    return {line.name for line in lines if results(line.value) != (None,)}


def _sent(contents: Contents) -> Mapping[tuple[str, str], set[str]]:
    """Kind and name of every message and signal this package sends, with the names it brings."""
    found: dict[tuple[str, str], set[str]] = {}
    for node in contents.process.nodes.values():
        names = {line.name for line in node.inputs}
        if node.message is not None and node.throws:
            found.setdefault((node.event, node.message.name), set()).update(names)
        elif node.action == _SEND_TO_MERGED:
            for line in node.inputs:
                for value in (results(line.value) or ()) if line.name == "message" else ():
                    found.setdefault(("message", str(value)), set()).update(names - {"message"})
    return found
