"""A case at rest as bytes: a format byte, then the last key and a row per live token in msgpack.

Format 1, a row: key, key of the subprocess it is in (0 = the process), key of its parent (0 = none), spec name,
SpiffWorkflow state, internal data or nil, multi-instance values or nil; trailing nils are left out. Rows stand in the
order of their keys, so whatever a row refers to comes before it. Case variables are not in the state.

Format 2 adds a third part: rows of what was done and can be undone (specs/undoing.py). A case that has none is still
written in format 1.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tongxin.engine.step import Value
from tongxin.engine.workflow import Case
from tongxin.feel import YearsMonths

_PLAIN, _UNDOABLE = 1, 2
_KEY, _SCOPE, _PARENT, _NAME, _STATE, _INTERNAL, _DATA = range(7)

_encoder = msgspec.msgpack.Encoder()


def save(case: Case) -> bytes:
    rows = [_row(token) for token in case.tokens.values()]
    if not case.done:
        return bytes((_PLAIN,)) + _encoder.encode([case.last_key, rows])
    return bytes((_UNDOABLE,)) + _encoder.encode([case.last_key, rows, _pack(case.done)])


def nothing_left() -> bytes:
    """The state of a case in which nothing ever stands: one that ended before it was kept here."""
    return bytes((_PLAIN,)) + _encoder.encode([0, []])


def _row(token: Any) -> list[Any]:
    scope, parent = token.workflow.parent_task_id or 0, token._parent or 0
    row = [token.id, scope, parent, token.task_spec.name, token._state]
    if token.internal_data or token.data:
        row.append(_pack(token.internal_data) if token.internal_data else None)
    if token.data:
        row.append(_pack(token.data))
    return row


@dataclass(frozen=True, slots=True)
class Row:
    """A saved token: see the module's text."""

    key: int
    scope: int
    parent: int
    name: str
    state: int
    internal: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None

    def raw(self) -> list[Any]:
        """As it is written."""
        return [self.key, self.scope, self.parent, self.name, self.state, self.internal, self.data or {}]


def rows_of(state: bytes) -> list[Row]:
    """The saved tokens."""
    return [Row(*row) for row in _decode(state)[1]]


def undoable_of(state: bytes) -> list[list[Any]]:
    """The rows of what was done in the process itself and can be undone."""
    return _decode(state)[2]


def last_key_of(state: bytes) -> int:
    """The last key given out."""
    return _decode(state)[0]


def load(state: bytes, case: Case) -> None:
    """Put the tokens of a saved state into a fresh case."""
    case.last_key, rows, case.done = _decode(state)
    put(rows, case)


def put(rows: Iterable[list[Any]], case: Case) -> None:
    """Put tokens into a fresh case."""
    for row in rows:
        nested = case.subprocesses[row[_SCOPE]] if row[_SCOPE] else case
        spec = case.process.specs[row[_NAME]]
        parent = nested.tasks[row[_PARENT]] if row[_PARENT] else None
        internal = row[_INTERNAL] if len(row) > _INTERNAL else None
        data = row[_DATA] if len(row) > _DATA else {}
        nested.restore(spec, row[_KEY], parent, row[_STATE], internal or {}, data)


def live_keys(state: bytes) -> frozenset[int]:
    return frozenset(row[_KEY] for row in _decode(state)[1])


def live_nodes(state: bytes) -> dict[int, str]:
    """Key → the node each live token stands at or listens for."""
    return {row[_KEY]: row[_NAME].removesuffix("[]") for row in _decode(state)[1]}  # instances stand at their step


def _decode(state: bytes) -> tuple[int, list[list[Any]], list[list[Any]]]:
    if not state or state[0] not in (_PLAIN, _UNDOABLE):
        raise ValueError(f"unknown state format {state[:1]!r}")
    last_key, rows, *done = _decoder.decode(memoryview(state)[1:])
    return last_key, rows, done[0] if done else []


def _duration_text(length: timedelta) -> str:
    return f"{length.days} {length.seconds} {length.microseconds}"


def _duration(text: str) -> timedelta:
    days, seconds, microseconds = text.split()
    return timedelta(int(days), int(seconds), int(microseconds))


def _zoned_text(moment: datetime | time) -> str:
    """As the clock there shows it, with the fold that tells the two hours apart when it is set back."""
    zone = moment.tzinfo
    assert isinstance(zone, ZoneInfo)  # only asked of what has one
    return f"{moment.replace(tzinfo=None).isoformat()} {moment.fold} {zone.key}"


def _zoned_date_time(text: str) -> datetime:
    clock, fold, zone = text.split(" ", 2)
    return datetime.fromisoformat(clock).replace(fold=int(fold), tzinfo=ZoneInfo(zone))


def _zoned_time(text: str) -> time:
    clock, fold, zone = text.split(" ", 2)
    return time.fromisoformat(clock).replace(fold=int(fold), tzinfo=ZoneInfo(zone))


# msgpack knows neither decimals nor dates, and msgspec would make texts of them: they become extensions.
# A date-time stands before a date because it is one, too. A code never changes its meaning.
_EXTENSIONS: tuple[tuple[int, type, Callable[[Any], str], Callable[[str], Value]], ...] = (
    (1, Decimal, str, Decimal),
    (2, datetime, datetime.isoformat, datetime.fromisoformat),
    (3, date, date.isoformat, date.fromisoformat),
    (4, time, time.isoformat, time.fromisoformat),
    (5, timedelta, _duration_text, _duration),
    (6, YearsMonths, lambda length: str(length.months), lambda text: YearsMonths(int(text))),
    (7, int, str, int),  # beyond 64 bits
)
# Codes 2 and 4 keep an offset at most: what is in a zone with a name has codes of its own.
_ZONED: tuple[tuple[int, type, Callable[[Any], str], Callable[[str], Value]], ...] = (
    (8, datetime, _zoned_text, _zoned_date_time),
    (9, time, _zoned_text, _zoned_time),
)
_WRITERS = {kind: (code, write) for code, kind, write, _ in _EXTENSIONS}
_ZONED_WRITERS = {kind: (code, write) for code, kind, write, _ in _ZONED}
_READERS = {code: read for code, _, _, read in (*_EXTENSIONS, *_ZONED)}
_SMALL = range(-(2**63), 2**64)


def _pack(value: Value) -> Any:
    match value:
        case None | bool() | str():
            return value
        case Mapping():
            return {name: _pack(one) for name, one in value.items()}
        case list() | tuple():
            return [_pack(one) for one in value]
        case int() if value in _SMALL:
            return value
    zone = getattr(value, "tzinfo", None)
    writers = _ZONED_WRITERS if isinstance(zone, ZoneInfo) and zone.key else _WRITERS
    for kind, (code, write) in writers.items():
        if isinstance(value, kind):
            return msgspec.msgpack.Ext(code, write(value).encode())
    raise TypeError(f"a {type(value).__name__} cannot be kept in a case's state")


def _unpack(code: int, content: memoryview) -> Value:
    return _READERS[code](str(content, "utf-8"))


_decoder = msgspec.msgpack.Decoder(ext_hook=_unpack)
