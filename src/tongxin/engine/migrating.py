"""A running case goes over to another version of its process; what waits keeps its key, its drafts and its time."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from tongxin.engine import state as states
from tongxin.engine.fitting import flows_between, obstacle, undoes_alike
from tongxin.engine.model import Process
from tongxin.engine.pausing import due_of
from tongxin.engine.run import Variables, finish
from tongxin.engine.specs.activities import Activity, Human
from tongxin.engine.specs.catching import Boundary, Catch, EventStart
from tongxin.engine.specs.gateways import EventGateway, Join
from tongxin.engine.specs.scopes import Call
from tongxin.engine.spiff import TaskState
from tongxin.engine.state import Row
from tongxin.engine.step import Due, OpenTask, Step, Wait
from tongxin.engine.workflow import Case
from tongxin.words import _

Mapped = Mapping[str, str]
_NOWHERE: Mapped = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Landing:
    """Where what stands or waits at `node` comes to in the other version, or why it cannot (for people).

    "dropped": it only listened for an event that the other version does not have; the case goes on without it.
    """

    key: int
    node: str
    fate: Literal["lands", "dropped", "stuck"]
    to: str | None = None
    reason: str | None = None


class CannotMigrate(Exception):
    """Something that waits has no place in the other version; the landings say what and why."""

    def __init__(self, landings: tuple[Landing, ...]) -> None:
        stuck = (one for one in landings if one.fate == "stuck")
        super().__init__(_("；").join(_("{step}：{cause}", step=one.node, cause=one.reason) for one in stuck))
        self.landings = landings


@dataclass(frozen=True, slots=True)
class Migration:
    """The step in the new version. `changed`: open tasks that kept their key and their due time, as they are now."""

    step: Step
    landings: tuple[Landing, ...]
    changed: tuple[OpenTask, ...]


def plan(old: Process, new: Process, state: bytes, mapping: Mapped = _NOWHERE) -> tuple[Landing, ...]:
    """What would become of everything that waits; nothing is changed. `mapping`: node of `old` → node of `new`."""
    return _Plan(old, new, state, mapping).landings


def migrate(
    old: Process,
    new: Process,
    state: bytes,
    variables: Variables,
    now: datetime,
    env: Variables,
    *,
    mapping: Mapped = _NOWHERE,
    dues: Mapping[int, Due] = MappingProxyType({}),
) -> Migration:
    """Raises CannotMigrate when anything is stuck. `dues`: when open tasks are due, by key, for new timers on them.

    A message that is waited for under another name, and what is no longer waited for, is cleared and set anew.
    """
    planned = _Plan(old, new, state, mapping)
    if any(one.fate == "stuck" for one in planned.landings):
        raise CannotMigrate(planned.landings)
    case = Case(new, variables, now, env)
    case.last_key, case.done = states.last_key_of(state), planned.done
    states.put([row.raw() for row in planned.rows], case)
    for landing in planned.landings:
        _settle(case, old, landing)
    _listen_anew(case, dues, planned.known)
    changed = tuple(_changed(case, old, planned.landings))
    return Migration(finish(case), planned.landings, changed)


class _Plan:
    """The rows of a saved state, each with its place in the new version."""

    def __init__(self, old: Process, new: Process, state: bytes, mapping: Mapped) -> None:
        self._old, self._new, self._mapping = old, new, mapping
        self._saved = {row.key: row for row in states.rows_of(state)}
        self.rows: list[Row] = []
        self.lost: list[str] = []  # what cannot be undone any more
        landed = tuple(self._land(row) for row in self._saved.values())
        self.done = self._undoable(states.undoable_of(state))
        reason = _("新版里不能再补偿这一步")
        self.landings = (*landed, *(Landing(0, node, "dropped", None, reason) for node in self.lost))
        nodes = self._old.nodes.values()
        self.known = {(self._renamed(node.id), self._renamed(node.attached_to or "")) for node in nodes}

    def _land(self, row: Row) -> Landing:
        was, name = self._old.specs[row.name], self._renamed(row.name)
        spec, node = self._new.specs.get(name), was.node.id
        reason = obstacle(was, spec, self._around(row), self._renamed) or self._own_obstacle(row, name)
        if reason is None and spec is not None:
            self.rows.append(replace(row, name=name, internal=self._internal(row, was, spec)))
            return Landing(row.key, node, "lands", spec.node.id)
        if self._only_listens(row, was):
            return Landing(row.key, node, "dropped")
        return Landing(row.key, node, "stuck", None, reason)

    def _renamed(self, name: str) -> str:
        base = name.removesuffix("[]")
        return self._mapping.get(base, base) + name[len(base) :]

    def _around(self, row: Row) -> Any:
        """The spec, in the new version, of what a token is listening on or an instance of, else of its scope's host."""
        around = row.parent or row.scope
        return self._new.specs.get(self._renamed(self._saved[around].name)) if around else None

    def _only_listens(self, row: Row, was: Any) -> bool:
        behind = row.parent and isinstance(self._old.specs[self._saved[row.parent].name], EventGateway)
        return bool(behind) or isinstance(was, Boundary | EventStart)

    def _internal(self, row: Row, was: Any, spec: Any) -> Mapping[str, Any] | None:
        """What a token keeps for itself: a join counts by flow, a subprocess remembers what can be undone."""
        kept = dict(row.internal or {})
        if isinstance(was, Join):
            flows = flows_between(was, spec, self._renamed) or {}
            return {flows[flow]: count for flow, count in kept.items()}
        if "undo" in kept:
            kept["undo"] = self._undoable(kept["undo"])
        if "todo" in kept:
            kept["todo"] = self._undoing(kept["todo"])
        return kept or None

    def _own_obstacle(self, row: Row, name: str) -> str | None:
        """What stands against it in this very case."""
        if isinstance(self._old.specs[row.name], Join) and any(
            (one.name, one.scope) == (name, row.scope) for one in self.rows
        ):
            return _("新版里两处汇合成了一处，两边都在等")
        steps = [step for todo in self._todo(row.internal or {}) for step in _steps(todo)]
        if any(self._renamed(one) not in self._new.specs for one in steps):
            return _("正在补偿，新版里没有补偿的步骤了")
        return None

    @staticmethod
    def _todo(internal: Mapping[str, Any]) -> list[Any]:
        return [internal["todo"]] if "todo" in internal else []

    def _undoable(self, rows: Sequence[Any]) -> list[list[Any]]:
        """What can be undone in the new version, too."""
        kept = []
        for name, data, *more in rows:
            if not undoes_alike(self._old.specs[name], self._new.specs.get(self._renamed(name))):
                self.lost.append(self._old.specs[name].node.id)
            else:
                kept.append([self._renamed(name), data, *map(self._undoable, more[:1]), *more[1:]])
        return kept

    def _undoing(self, todo: Sequence[Any]) -> list[list[Any]]:
        """The steps that undo, also those in a scope to be opened again."""
        kept: list[list[Any]] = []
        for name, data, *more in todo:
            row = [self._renamed(name), data]
            if more:
                values, inside, undo = more
                row += [values, self._undoing(inside), self._undoable(undo)]
            kept.append(row)
        return kept


def _settle(case: Case, old: Process, landing: Landing) -> None:
    """Take back what is not waited for any more, or wait for it under its new name."""
    node = old.nodes[landing.node]
    if landing.fate == "dropped":
        if node.timer is not None:
            case.timers_cleared.append(landing.key)
        elif node.message is not None:
            case.waits_cleared.append(landing.key)
        return
    token = case.tokens[landing.key]
    message = token.task_spec.node.message
    if message is None or node.message is None or token.state != TaskState.WAITING:
        return
    if (message.name, message.key and message.key.source) != (
        node.message.name,
        node.message.key and node.message.key.source,
    ):
        case.waits_cleared.append(landing.key)
        key = None if message.key is None else token.task_spec.evaluate(token, message.key)
        kind: Literal["message", "signal"] = "signal" if token.task_spec.node.event == "signal" else "message"
        case.waits[token.id] = Wait(
            token.id, token.task_spec.node.id, message.name, None if key is None else str(key), kind
        )


def _listen_anew(case: Case, dues: Mapping[int, Due], known: Container[tuple[str, str]]) -> None:
    """Listen for the events that the new version has and the old one had not.

    `known`: what it had, each with what it was attached to; one of them that is not listened for has happened.
    """
    for token in list(case.tokens.values()):
        spec = token.task_spec
        if isinstance(spec, Activity) and token.state != TaskState.COMPLETED:
            _listen_on(token, [one for one in spec.events if _place(one) not in known], due_of(token, dues))
        elif isinstance(spec, EventGateway):
            _listen_on(token, [token.workflow.spec.task_specs[flow.target] for flow in spec.outgoing], None)
    for scope in (case, *case.subprocesses.values()):
        if scope is not case and "todo" in scope.host.internal_data:
            continue  # opened again only to undo what was done in it
        present = {token.task_spec for token in scope.tasks.values()}
        busy = any(sub.start.node.interrupting and sub in present for sub in scope.spec.event_subprocesses)
        if not busy:
            starts = [sub.start for sub in scope.spec.event_subprocesses]
            scope.stand_by(_seen_in(scope), without=present | {one for one in starts if _place(one) in known})


def _seen_in(scope: Any) -> Mapping[str, Any]:
    """Multi-instance values as tokens in the scope have them; a called process knows none."""
    is_apart = scope is scope.top_workflow or isinstance(scope.host.task_spec, Call)
    return {} if is_apart else scope.host.data


def _steps(todo: Sequence[Any]) -> Iterator[str]:
    for name, _data, *more in todo:
        yield name
        yield from _steps(more[1]) if more else ()


def _place(event: Any) -> tuple[str, str]:
    return event.node.id, event.node.attached_to or ""


def _listen_on(token: Any, events: Sequence[Any], due: Due | None) -> None:
    listening = {child.task_spec for child in token.children}
    for event in events:
        reads_due = isinstance(event, Boundary) and event.reads_due
        if isinstance(event, Catch) and event not in listening and (due is not None or not reads_due):
            event.listen(token.workflow.make(event, token.data, token, TaskState.WAITING), due)


def _changed(case: Case, old: Process, landings: Sequence[Landing]) -> Iterator[OpenTask]:
    for landing in landings:
        token = case.tokens.get(landing.key)
        if token is None or not isinstance(token.task_spec, Human):
            continue
        node, was = token.task_spec.node, old.nodes[landing.node]
        facts = [
            (
                one.id,
                one.name,
                one.title and one.title.source,
                *one.lane.source,
                one.form,
                one.assignee and one.assignee.source,
            )
            for one in (node, was)
        ]
        if facts[0] != facts[1]:
            if node.lane.source != was.lane.source:
                token.task_spec.ask(token)
            yield token.task_spec.opened(token, None)
