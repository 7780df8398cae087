"""What a diagram asks about the world around its case: who is there, how its ledgers stand, who answers for what."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from tongxin import clock
from tongxin.cases import ledger_words
from tongxin.cases.held import Held
from tongxin.cases.models import Case, Task
from tongxin.people import directory
from tongxin.people.identity import rank
from tongxin.people.models import LEVELS, Unit
from tongxin.procedures import catalogue
from tongxin.procedures.models import DefinitionRow
from tongxin.words import _

Value = Any
Shape = TypeVarTuple("Shape")
MOST_ROWS = 500
MOST_PEOPLE = 500
_MOMENTS = {"opened_at": col(Case.opened_at), "closed_at": col(Case.closed_at)}


class Unfit(Exception):
    """What a step asks cannot be answered; the message says why."""


def people(session: Session, held: Held, given: Mapping[str, Value]) -> list[dict[str, Value]]:
    """Everybody who holds `role` at or below this case's unit, or the nearest one of `level` above it. Raises Unfit.

    Who holds it highest comes first.
    """
    role = str(given.get("role") or "")
    top = unit_at(session, held, given.get("level"))
    held_by = directory.candidates(session, role, top.path, None, clock.now().date())
    found: dict[int, directory.Candidate] = {}
    for one in sorted(held_by, key=lambda one: -rank(one.level)):
        found.setdefault(one.account_id, one)
    return [
        {"person": str(one.account_id), "name": one.name, "unit": one.unit_code, "unit_name": one.unit_name}
        for one in list(found.values())[:MOST_PEOPLE]
    ]


def ledger(session: Session, held: Held, given: Mapping[str, Value]) -> dict[str, Value]:
    """How many cases of a procedure there are in an area, and the newest of them. Raises Unfit.

    `given`: `procedure`; any of `unit` (code, at or below this case's), `since`, `until` and which `moment` they mean
    (`opened_at`, `closed_at`), `status`, `group` (a ledger column to count by), `most` (rows).
    """
    where = _conditions(session, held, given)
    counts = {"count": 0, "open": 0, "closed": 0}
    groups: dict[Value, dict[str, Value]] = {}
    column = given.get("group")
    value = col(Case.ledger)[str(column)] if column else func.to_jsonb(0)
    rows = session.execute(_cases(select(col(Case.status), value, func.count()), where).group_by(Case.status, value))
    for status, one, number in rows:
        group = groups.setdefault(one, {"value": one, "count": 0, "open": 0, "closed": 0})
        for counted in (counts, group):
            counted["count"] += number
            counted[status] += number
    most = min(max(_whole(given.get("most"), MOST_ROWS), 0), MOST_ROWS)
    ordered = sorted(groups.values(), key=lambda one: (-one["count"], str(one["value"])))
    return {**counts, "groups": ordered if column else [], "rows": _rows(session, where, most)}


def unit_at(session: Session, held: Held, level: Value) -> Unit:
    """The nearest unit of a level at or above this case's; its own without one. Raises Unfit."""
    unit = session.get_one(Unit, held.area.unit_id)
    if level is None:
        return unit
    try:
        return directory.at_level(session, unit, str(level))
    except directory.NoSuchUnit:
        named = {"unit": unit.name, "level": str(level)}
        raise Unfit(_("{unit}的上级里没有“{level}”这一级。", **named)) from None


def one_level_up(session: Session, held: Held, now_at: str) -> Unit:
    """The territory of the next level above the one a case is at now. Raises Unfit."""
    for level in LEVELS[rank(now_at) + 1 :]:
        try:
            return unit_at(session, held, level)
        except Unfit:
            continue
    raise Unfit(_("{unit}再往上没有单位了。", unit=held.area.unit_name))


def addressees(session: Session, held: Held, given: Mapping[str, Value]) -> list[int]:
    """Whom a notice is for: the people named in `to`, or those whose a step of `role` and `level` would be; perhaps
    nobody, which hinders no case."""
    today = clock.now().date()
    if given.get("role"):
        role, level = str(given["role"]), given.get("level")
        unit = directory.answering_unit(session, held.area.path, str(level) if level else None, role, today)
        return [] if unit is None else directory.holders(session, unit, role, today)
    to = given.get("to")
    ids = [str(one) for one in (to if isinstance(to, list) else [to]) if one is not None]
    wanted = dict.fromkeys(int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 19)
    known = directory.names(session, wanted)
    return [one for one in wanted if one in known]


def hands(session: Session, held: Held) -> list[int]:
    """Everybody who has done a step of the case or has one now, but for whoever is just doing theirs."""
    rows = session.execute(
        select(col(Task.assignee_id), col(Task.closed_by)).where(col(Task.case_id) == held.case.id).distinct()
    )
    found = {one for row in rows for one in row} - {None, held.task.assignee_id if held.task else None}
    return sorted(one for one in found if one is not None)


def _conditions(session: Session, held: Held, given: Mapping[str, Value]) -> list[ColumnElement[bool]]:
    code = given.get("unit")
    path = _below(session, held, str(code)) if code else held.area.path
    versions = select(col(DefinitionRow.id)).where(col(DefinitionRow.key) == str(given.get("procedure") or ""))
    found = [col(Case.definition_id).in_(versions), col(Unit.path).startswith(path, autoescape=True)]
    if given.get("status"):
        found.append(col(Case.status) == str(given["status"]))
    moment = _MOMENTS.get(str(given.get("moment") or "opened_at"))
    if moment is None:
        raise Unfit(_("moment 只能写 {known}。", known=_("、").join(_MOMENTS)))
    since, until = _moment(given.get("since")), _moment(given.get("until"), end=True)
    return [*found, *([moment >= since] if since else []), *([moment < until] if until else [])]


def _below(session: Session, held: Held, code: str) -> str:
    """The path of the unit with this code; only what lies within this case's own is told."""
    path: str | None = session.execute(select(col(Unit.path)).where(col(Unit.code) == code)).scalar()
    if path is None or not path.startswith(held.area.path):
        raise Unfit(_("“{code}”不是{unit}或它下面的单位。", code=code, unit=held.area.unit_name))
    return path


def _moment(value: Value, *, end: bool = False) -> datetime | None:
    """A moment to compare with; a mere date is its beginning, or (`end`) that of the day after."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=clock.LOCAL)
    if isinstance(value, date):
        day = date.fromordinal(value.toordinal() + 1) if end else value
        return datetime.combine(day, time(), clock.LOCAL)
    if value is None:
        return None
    raise Unfit(_("“{value}”不是日期或时间。", value=str(value)[:40]))


def _cases(statement: Select[*Shape], where: Sequence[ColumnElement[bool]]) -> Select[*Shape]:
    return statement.join(Unit, col(Unit.id) == col(Case.unit_id)).where(*where)


def _rows(session: Session, where: Sequence[ColumnElement[bool]], most: int) -> list[dict[str, Value]]:
    if not most:
        return []
    newest = _cases(select(Case, Unit).select_from(Case), where).order_by(
        col(Case.opened_at).desc(), col(Case.id).desc()
    )
    found = [(case, unit) for case, unit in session.execute(newest.limit(most))]
    ledgers = _in_words(session, [case for case, _unit in found])
    return [
        {
            "case": str(case.id),
            "code": case.code,
            "title": case.title,
            "unit": unit.code,
            "unit_name": unit.name,
            "status": case.status,
            "outcome": case.outcome,
            "opened_at": case.opened_at.astimezone(clock.LOCAL),
            "closed_at": case.closed_at and case.closed_at.astimezone(clock.LOCAL),
            "ledger": ledgers[case.id],
        }
        for case, unit in found
    ]


def _in_words(session: Session, cases: Sequence[Case]) -> dict[int, dict[str, Value]]:
    """Each case's ledger as people read it, masked as for somebody who need not know."""
    found: dict[int, dict[str, Value]] = {}
    for definition_id in {case.definition_id for case in cases}:
        mine = [case for case in cases if case.definition_id == definition_id]
        definition = catalogue.by_id(session, definition_id)
        told = ledger_words.told(session, definition, [case.ledger for case in mine], reveal=False)
        found |= {case.id: ledger for case, ledger in zip(mine, told, strict=True)}
    return found


def _whole(value: Value, default: int) -> int:
    try:
        return default if value is None else int(value)
    except (TypeError, ValueError):
        raise Unfit(_("“{value}”不是整数。", value=str(value)[:40])) from None
