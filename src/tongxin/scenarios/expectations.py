"""Whether a case is as a scenario says it is by now."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import clock, feel
from tongxin.cases import queries
from tongxin.cases.models import Case, Task
from tongxin.procedures.definition import Definition
from tongxin.scenarios.script import Expect
from tongxin.scenarios.trial import Trial
from tongxin.scenarios.verdict import Differs, Unfit
from tongxin.words import _

Value = Any
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def compare(trial: Trial, session: Session, expected: Expect) -> None:
    """Raises Differs at the first thing that is otherwise, Unfit when something is asked that does not exist."""
    opened = trial.case(expected.case)
    case, definition = session.get_one(Case, opened.case_id), opened.definition
    tasks = [task for task in queries.tasks_of(session, case.id) if task.status == "open"]
    nodes = definition.process.nodes
    _same("status", expected.status, case.status)
    if expected.open is not None:
        _all_known("open", expected.open, nodes)
        _same("open", _listed(sorted(set(expected.open))), _listed(sorted({task.node for task in tasks})))
    _all_known("not_open", expected.not_open, nodes)
    _same("not_open", "", _listed(task.node for task in tasks if task.node in expected.not_open))
    _all_known("due", expected.due, nodes)
    for node, moment in expected.due.items():
        _same(_("due 的 {node}", node=node), moment, _due(tasks, node))
    _all_known("ledger", expected.ledger, definition.ledger)
    for column, text in expected.ledger.items():
        _same(
            _("ledger 的 {column}", column=column),
            text,
            ledger_text(trial, definition, column, case.ledger.get(column)),
        )
    _events(expected.events, [event.kind for event in queries.events_of(session, case.id)])
    _all_known("outcome", [expected.outcome] if expected.outcome else [], nodes)
    _same("outcome", expected.outcome, case.outcome or "")


def ledger_text(trial: Trial, definition: Definition, column: str, value: Value) -> str:
    """A ledger's value as a scenario writes it: people by name, times as local time, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(ledger_text(trial, definition, column, one) for one in value)
    text = str(value)
    if _INSTANT.fullmatch(text):
        return _local(datetime.fromisoformat(text))
    if _is_about_people(definition, definition.ledger[column]):
        names = {str(one.account_id): one.name for one in trial.organisation.people.values()}
        return names.get(text, text)
    return text


def _is_about_people(definition: Definition, expression: feel.Expression) -> bool:
    properties: Mapping[str, Mapping[str, Any]] = definition.dictionary.properties
    declared = [properties.get(name, {}) for name in expression.names]
    return any("person" in (one.get("format"), one.get("items", {}).get("format")) for one in declared)


def _due(tasks: list[Task], node: str) -> str:
    here = [task for task in tasks if task.node == node]
    if not here:
        return _("没有开着的这一步")
    return _listed(sorted({_local(task.due_at) if task.due_at else "" for task in here}))


def _events(expected: list[str], kinds: list[str]) -> None:
    """The kinds in this order; others may come between."""
    rest = iter(kinds)
    if not all(kind in rest for kind in expected):
        raise Differs("events", _listed(expected), _listed(kinds))


def _all_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    strange = [name for name in names if name not in known]
    if strange:
        raise Unfit(what, _listed(known), _listed(strange))


def _same(what: str, expected: str | None, actual: str) -> None:
    """None expects nothing."""
    if expected is not None and expected != actual:
        raise Differs(what, expected or _("空"), actual or _("空"))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}"


def _listed(names: Iterable[str]) -> str:
    return "、".join(names)
