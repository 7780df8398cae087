"""Taking a ledger in: each row becomes a case, or says what is wrong with it; a second time nothing changes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock, feel, forms
from tongxin.cases import opening, taking_in
from tongxin.events import Actor
from tongxin.forms.widgets import WIDGETS
from tongxin.ledgers import workbook
from tongxin.ledgers.workbook import Line
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.procedures.definition import Definition
from tongxin.words import _, told

Value = Any


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; `heading` is empty when all of it is meant."""

    number: int
    heading: str
    message: str


@dataclass(slots=True)
class Result:
    """What became of the rows: how many are new and closed, new and open, known before; what is wrong."""

    headings: list[str]
    closed: int = 0
    open: int = 0
    known: int = 0
    faults: list[Fault] = field(default_factory=list)
    bad: list[Line] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many rows are taken in."""
        return self.closed + self.open


class Wrong(Exception):
    """A row cannot be taken in."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = list(faults)


def take(session: Session, definition: Definition, data: bytes, unit: Unit, by: Actor, *, look: bool) -> Result:
    """Take every good row in, or (`look`) only say what would become of them. Raises workbook.Unreadable.

    `unit`: where rows live that name no place; those that do must lie in it.
    """
    assert definition.file.intake is not None  # the page asked
    headings, lines = workbook.read(data, definition.file.intake.id)
    if len(lines) > workbook.MOST_ROWS:
        raise workbook.Unreadable(_("表格太长，一次最多 {most} 行。请分成几个再传。", most=workbook.MOST_ROWS))
    reader = _Reader(session, definition, unit)
    result = Result(headings)
    counted = Counter(line.cells.get(definition.file.intake.id, "") for line in lines)
    for line in lines:
        try:
            record = reader.record(line, counted)
            if taking_in.is_known(session, record.once):
                result.known += 1
                continue
            if not look:
                _take(session, definition, record, line, by)
        except Wrong as wrong:
            result.faults.extend(wrong.faults)
            result.bad.append(line)
            continue
        result.closed += record.outcome is not None
        result.open += record.outcome is None
    return result


def _take(session: Session, definition: Definition, record: taking_in.Record, line: Line, by: Actor) -> None:
    try:
        with session.begin_nested():
            taking_in.take_in(session, definition, record, by)
    except (opening.NotOpened, directory.NoSuchUnit) as obstacle:
        raise Wrong([Fault(line.number, "", told(obstacle))]) from None


class _Reader:
    """Rows to records: values by the procedure's own dictionary, people and places by name."""

    def __init__(self, session: Session, definition: Definition, unit: Unit) -> None:
        assert definition.file.intake is not None
        self._session, self._definition, self._unit = session, definition, unit
        self._intake = definition.file.intake
        facts = definition.facts.by_name
        self._fields = {
            head: replace(facts[name], read_only=False) for head, name in self._intake.columns.items() if name in facts
        }
        self._people: dict[str, dict[str, str]] = {}
        self._places: dict[str, Unit] | None = None

    def record(self, line: Line, counted: Mapping[str, int]) -> taking_in.Record:
        """The row as a record; raises Wrong with everything that is wrong with it."""
        faults: list[Fault] = []
        number, cells = line.number, line.cells
        key = cells.get(self._intake.id, "")
        if not key:
            faults.append(Fault(number, self._intake.id, _("没有填，分不清是哪一件")))
        elif counted[key] > 1:
            faults.append(Fault(number, self._intake.id, _("“{key}”出现了 {n} 次", key=key[:40], n=counted[key])))
        values = self._values(line, faults)
        place = self._place(line, faults)
        begun = self._moment(line, self._intake.opened_at, faults)
        closed = self._moment(line, self._intake.closed_at, faults)
        is_closed = self._is_closed(line, values, faults)
        if closed is not None and begun is not None and closed < begun:
            faults.append(Fault(number, self._intake.closed_at or "", _("比登记时间还早")))
        if faults:
            raise Wrong(faults)
        once = f"import {self._definition.key} {self._unit.code} {key}"
        opened = begun or closed or clock.now()
        ended = (closed or opened, self._intake.outcome) if is_closed else (None, None)
        return taking_in.Record(place, values, once, opened, *ended)

    def _values(self, line: Line, faults: list[Fault]) -> dict[str, Value]:
        """Typed values; what is wrong goes into `faults`, by its heading."""
        sent: dict[str, Value] = {}
        heads = {field.name: head for head, field in self._fields.items()}
        for head, one in self._fields.items():
            text = line.cells.get(head, "")
            if text:
                sent[one.name] = self._sent(one, text, line, head, faults)
        fields = tuple(field for field in self._fields.values() if field.name in sent)
        form = forms.Form("intake", "", "", fields, {field.name: field for field in fields})
        checked = forms.check(form, sent, {}, clock.now())
        for error in checked.errors:
            name = error.field.partition("/")[0]
            if not any(one.number == line.number and one.heading == heads.get(name) for one in faults):
                faults.append(Fault(line.number, heads.get(name, name), error.message))
        return {name: value for name, value in checked.values.items() if value is not None}

    def _sent(self, field: forms.Field, text: str, line: Line, head: str, faults: list[Fault]) -> Value:
        """What a form would send for this cell: choices by their titles, people by name."""
        if field.names == "person":
            return self._person(field, text, line, head, faults)
        if field.choices:
            texts = [part for part in text.replace("，", "、").replace(",", "、").split("、") if part]
            by_label = {choice.label: choice.value for choice in field.choices}
            values = [by_label.get(part, part) for part in texts]
            return values if field.widget == "choices" else by_label.get(text, text)
        if field.widget in ("date", "date-time"):
            text = text.replace("/", "-").replace(".", "-")
        return WIDGETS[field.widget].parsed(field, {field.name: [text]})

    def _person(self, field: forms.Field, name: str, line: Line, head: str, faults: list[Fault]) -> str:
        known = self._holders()
        found = known.get(name, {})
        if len(found) != 1:
            said = _("这里没有叫“{name}”的人") if not found else _("这里有 {n} 个人叫“{name}”")
            faults.append(Fault(line.number, head, _(said, name=name[:20], n=len(found))))
            return "0"
        return next(iter(found))

    def _holders(self) -> dict[str, dict[str, str]]:
        """Everybody who holds a post in the unit or above it, by name."""
        if not self._people:
            for account_id, name in directory.around(self._session, self._unit.path, clock.now().date()):
                self._people.setdefault(name, {})[str(account_id)] = name
        return self._people

    def _place(self, line: Line, faults: list[Fault]) -> Unit:
        name = line.cells.get(self._intake.place or "", "")
        if not name:
            return self._unit
        if self._places is None:
            inside = select(Unit).where(col(Unit.path).startswith(self._unit.path), col(Unit.kind) == "territory")
            self._places = {}
            for unit in self._session.exec(inside).all():
                self._places[unit.name] = self._places[unit.code] = unit
        if name not in self._places:
            faults.append(
                Fault(
                    line.number,
                    self._intake.place or "",
                    _("{unit}里没有“{name}”", unit=self._unit.name, name=name[:40]),
                )
            )
            return self._unit
        return self._places[name]

    def _moment(self, line: Line, head: str | None, faults: list[Fault]) -> datetime | None:
        text = line.cells.get(head or "", "").replace("/", "-").replace(".", "-")
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            faults.append(Fault(line.number, head or "", _("“{text}”不是日期，请写成 2026-03-05", text=text[:20])))
            return None
        found = moment.replace(tzinfo=clock.LOCAL) if moment.tzinfo is None else moment
        if found > clock.now():
            faults.append(Fault(line.number, head or "", _("还没有到这一天")))
        if found.date() < date(1990, 1, 1):
            faults.append(Fault(line.number, head or "", _("太早了，请检查年份")))
        return found

    def _is_closed(self, line: Line, values: Mapping[str, Value], faults: list[Fault]) -> bool:
        try:
            return self._definition.closed_when.evaluate({**values, "row": dict(line.cells)}, clock.now()) is True
        except feel.FeelError as error:
            faults.append(Fault(line.number, "", told(error)))
            return False
