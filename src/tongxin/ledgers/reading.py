"""Reading a ledger: whose cases somebody sees in it, by what it is narrowed, sorted and added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, Self

from sqlalchemy import ColumnElement, case, cast, false, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Numeric
from sqlmodel import Session, col

from tongxin import clock, feel
from tongxin.cases.models import Case
from tongxin.forms import Choice
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.procedures.models import DefinitionRow

Status = Literal["", "open", "closed"]
PAGE = 50
LAST_PAGE = 2000
MOST_CHOICES = 30
_OWN = {"opened_at": col(Case.opened_at), "closed_at": col(Case.closed_at), "code": col(Case.code)}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; an empty text asks for nothing in particular. `since` and `until`: days of opening."""

    status: Status = ""
    since: date | None = None
    until: date | None = None
    unit: str = ""  # its code; everything below it counts
    column: str = ""
    value: str = ""
    mine: bool = False
    q: str = ""
    sort: str = ""  # a column, `-` before it for the largest first
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """As an address says it; what cannot be understood is left out."""
        status = asked.get("status", "")
        number = asked.get("page", "1")
        column, _equals, value = asked.get("narrow", "").partition("=")
        return cls(
            status=status if status in ("open", "closed") else "",  # type: ignore[arg-type]
            since=_day(asked.get("since", "")),
            until=_day(asked.get("until", "")),
            unit=asked.get("unit", "")[:24],
            column=asked.get("column", column)[:80],
            value=asked.get("value", value)[:200],
            mine=asked.get("mine") == "1",
            q=asked.get("q", "").strip()[:60].replace("\0", ""),
            sort=asked.get("sort", "")[:81],
            page=min(max(int(number), 1), LAST_PAGE) if number.isascii() and number.isdecimal() else 1,
        )

    def query(self, **other: Any) -> dict[str, str]:
        """The parts of an address that say so."""
        changed = replace(self, **other)
        said = {
            "status": changed.status,
            "since": changed.since.isoformat() if changed.since else "",
            "until": changed.until.isoformat() if changed.until else "",
            "unit": changed.unit,
            "column": changed.column if changed.value else "",
            "value": changed.value if changed.column else "",
            "mine": "1" if changed.mine else "",
            "q": changed.q,
            "sort": changed.sort,
            "page": str(changed.page) if changed.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a ledger. `written`: its columns as they are kept; `knows`: whether all of them may be read."""

    id: int
    code: str
    title: str
    unit: str
    status: str
    colour: str | None
    opened_at: datetime
    closed_at: datetime | None
    written: Mapping[str, Any]
    knows: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Of everything asked for, not of one page."""

    count: int
    open: int
    closed: int
    totals: Mapping[str, Decimal]
    approximate: frozenset[str]  # columns in whose sum something is about so many


def may_see(person: Person, definition: Definition) -> bool:
    """Whether somebody has this ledger: a working role of the procedure, the administrator's, or one that opens it."""
    return bool(person.roles & (definition.working_roles | {"administrator"} | _opening(definition)))


def may_export(person: Person, definition: Definition) -> bool:
    """Whether somebody may take it out: who the procedure says, without that its working roles."""
    allowed = definition.file.export if definition.file.export is not None else definition.working_roles
    return bool(person.roles & frozenset(allowed))


def may_import(person: Person, definition: Definition) -> bool:
    """Whether somebody may take a ledger in: who the procedure says, without that whoever may open a case."""
    intake = definition.file.intake
    if intake is None:
        return False
    allowed = definition.file.start.by if intake.by is None else intake.by
    return bool(person.roles & (frozenset(allowed) - {REPORTER}))


def _opening(definition: Definition) -> frozenset[str]:
    """Roles that open one: whoever has no more than that sees the cases they opened themselves."""
    return frozenset(definition.file.start.by) - {REPORTER}


def reach(person: Person, definition: Definition) -> tuple[list[str], list[str]]:
    """Paths below which somebody sees its cases, and those below which they may read all of them."""
    knowing = [post.reach for post in person.posts if post.role in definition.working_roles]
    watching = [post.reach for post in person.posts if post.role == "administrator"]
    return list(dict.fromkeys([*knowing, *watching])), list(dict.fromkeys(knowing))


def count(session: Session, person: Person, definition: Definition) -> tuple[int, int]:
    """How many open and closed cases somebody has in it."""
    found = _summed(select(col(Case.status), func.count()), _mine(person, definition)).group_by(Case.status)
    numbers = {status: number for status, number in session.execute(found)}
    return numbers.get("open", 0), numbers.get("closed", 0)


def rows(
    session: Session, person: Person, definition: Definition, filters: Filters, *, limit: int, skip: int = 0
) -> list[Row]:
    """The cases asked for, in the order asked for; the newest first without one."""
    _seen, knowing = reach(person, definition)
    statement = _summed(
        select(Case, col(Unit.name), col(Unit.path)).select_from(Case), _asked(session, person, definition, filters)
    )
    statement = statement.order_by(*_order(definition, filters.sort)).limit(limit).offset(skip)
    return [
        Row(
            one.id,
            one.code,
            one.title,
            unit,
            one.status,
            one.colour,
            one.opened_at,
            one.closed_at,
            one.ledger,
            one.opened_by == person.id or any(path.startswith(known) for known in knowing),
        )
        for one, unit, path in session.execute(statement)
    ]


def sums(session: Session, person: Person, definition: Definition, filters: Filters) -> Sums:
    """How many there are, and the columns that are added up; one statement."""
    columns = [column.name for column in definition.file.ledger if column.total]
    added = [func.coalesce(func.sum(_number(name)), 0) for name in columns]
    about = [func.coalesce(func.bool_or(_about(name)), false()) for name in columns]
    open_ones = func.count().filter(col(Case.status) == literal_column("'open'"))
    statement = _summed(
        select(func.count(), open_ones, *added, *about).select_from(Case), _asked(session, person, definition, filters)
    )
    number, waiting, *rest = session.execute(statement).one()
    totals, flags = rest[: len(columns)], rest[len(columns) :]
    return Sums(
        number,
        waiting,
        number - waiting,
        dict(zip(columns, totals, strict=True)),
        frozenset(name for name, flag in zip(columns, flags, strict=True) if flag),
    )


def choices(definition: Definition) -> dict[str, list[Choice]]:
    """Columns to narrow by, with the values they can have as far as the procedure says: few, and written out."""
    found = {}
    for name, expression in definition.ledger.items():
        field = definition.facts.by_name.get(expression.source.strip().removeprefix("=").strip())
        if field is not None and not field.sensitive and field.choices:
            offered = list(field.choices)
        else:
            results = feel.results(expression) or ()
            offered = [Choice(one, str(one)) for one in dict.fromkeys(results) if isinstance(one, str)]
        if 1 < len(offered) <= MOST_CHOICES:
            found[name] = offered
    return found


def units(session: Session, person: Person, definition: Definition) -> list[Unit]:
    """Units somebody can narrow to, in the tree's order: communities and what is above them."""
    seen, _knowing = reach(person, definition)
    wanted = (col(Unit.kind) == "territory", col(Unit.level).not_in(("building", "grid")), _below(seen))
    return list(session.execute(select(Unit).where(*wanted).order_by(col(Unit.path)).limit(400)).scalars())


def _mine(person: Person, definition: Definition) -> list[ColumnElement[bool]]:
    seen, _knowing = reach(person, definition)
    versions = select(col(DefinitionRow.id)).where(col(DefinitionRow.key) == definition.key)
    theirs = _below(seen)
    if person.roles & _opening(definition):
        theirs = or_(theirs, col(Case.opened_by) == person.id)
    return [col(Case.definition_id).in_(versions), theirs]


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths)) if paths else false()


def _asked(session: Session, person: Person, definition: Definition, filters: Filters) -> list[ColumnElement[bool]]:
    found = _mine(person, definition)
    if filters.status:
        found.append(col(Case.status) == filters.status)
    if filters.since:
        found.append(col(Case.opened_at) >= _midnight(filters.since))
    if filters.until:
        found.append(col(Case.opened_at) < _midnight(filters.until + timedelta(days=1)))
    if filters.unit:
        path = session.execute(select(col(Unit.path)).where(col(Unit.code) == filters.unit)).scalar()
        found.append(_below([path]) if path else false())
    if filters.mine:
        found.append(col(Case.opened_by) == person.id)
    if filters.value and filters.column in definition.ledger:
        found.append(col(Case.ledger)[filters.column].astext == filters.value)
    return [*found, *_matching(definition, filters.q)]


def _matching(definition: Definition, q: str) -> list[ColumnElement[bool]]:
    """What is looked for in the code, the title, and the columns that show no more than everybody may know."""
    if not q:
        return []
    open_to_all = [name for name, each in definition.ledger.items() if not each.names & definition.sensitive.keys()]
    texts: list[Any] = [col(Case.title), col(Case.code), func.replace(col(Case.code), "-", "")]
    texts += [col(Case.ledger)[name].astext for name in open_to_all]
    return [or_(*(text.icontains(q, autoescape=True) for text in texts))]


def _order(definition: Definition, sort: str) -> list[Any]:
    name, down = sort.removeprefix("-"), sort.startswith("-")
    newest = [col(Case.opened_at).desc(), col(Case.id).desc()]
    if name in definition.ledger and not definition.ledger[name].names & definition.sensitive.keys():
        by: Any = func.nullif(col(Case.ledger)[name], cast(literal_column("'null'"), JSONB))
    elif name in _OWN:
        by = _OWN[name]
    else:
        return newest
    return [by.desc().nulls_last() if down else by.asc().nulls_last(), *newest]


def _number(name: str) -> Any:
    """A column's number; of one that is about so many, the number in it."""
    value = col(Case.ledger)[name]
    plain, told = (func.jsonb_typeof(one) == "number" for one in (value, value["value"]))
    return case((plain, cast(value.astext, Numeric)), (told, cast(value["value"].astext, Numeric)), else_=None)


def _about(name: str) -> Any:
    return col(Case.ledger)[name]["approx"].astext == "true"


def _summed(statement: Any, where: Sequence[ColumnElement[bool]]) -> Any:
    return statement.join(Unit, col(Unit.id) == col(Case.unit_id)).where(*where)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LOCAL)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
