"""Words in the reader's language: Chinese texts are the keys, the catalogue in web/locale holds the English."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Formatter

CHINESE, ENGLISH = "zh", "en"
LANGUAGES = {CHINESE: "中文", ENGLISH: "English"}  # each by its own name, whatever is spoken
TAGS = {CHINESE: "zh-CN", ENGLISH: "en"}  # for <html lang>
PATH = Path(__file__).resolve().parents[2] / "web" / "locale" / "en" / "LC_MESSAGES" / "tongxin.po"

_CHARACTER = re.compile(r"[\u3400-\u9fff]")
Translation = str | tuple[str, ...]
"""One text, or one for a single {n} and one for all others."""


@dataclass(slots=True)
class _House:
    """What is spoken where nobody has chosen."""

    language: str = CHINESE


_house = _House()
_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def _(text: str, /, **values: object) -> str:
    """`text`, which is Chinese, in the reader's language; `{names}` in it are filled from `values`.

    A value named `n` is what is counted: English has one form for 1 and another for the rest.
    """
    said = unfilled(text, values.get("n"))
    return said.format(**values) if values else said


def unfilled(text: str, counted: object = None) -> str:
    """`text` in the reader's language, its `{names}` still empty."""
    return text if (_chosen.get() or _house.language) == CHINESE else _english(text, counted)


def told(error: Exception) -> str:
    """What an error says; one of a room that knows no words carries its English with it."""
    english = getattr(error, "in_english", None)
    return str(english) if english and language() == ENGLISH else _(str(error))


def retold(text: str) -> str:
    """A text that was written down in Chinese, in the reader's language: found again by its form in the catalogue."""
    if not text or language() == CHINESE:
        return text
    if text in catalogue():
        return _(text)
    found = [(match, one) for one in _forms() if one.mark in text and (match := one.pattern.fullmatch(text))]
    if found:  # of a text within a text the outer one begins first
        match, form = min(found, key=lambda one: (one[0].end(1) if one[1].opens_with_hole else 0, -one[1].length))
        return _(form.message, **{name: retold(value) for name, value in match.groupdict().items()})
    where, colon, what = text.partition(": ")  # an element of the diagram
    return f"{where}: {retold(what)}" if colon else text


def together(*sentences: str) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    return ("" if language() == CHINESE else " ").join(filter(None, sentences))


def dated(day: date, *, year: bool) -> str:
    """3月5日, or 2026年3月5日."""
    month = _(_MONTHS[day.month - 1])
    if year:
        return _("{year}年{month}{day}日", year=day.year, month=month, day=day.day)
    return _("{month}{day}日", month=month, day=day.day)


def spanned(first: date, last: date) -> str:
    """10月1–8日, or 9月29–10月8日."""
    month, later = _(_MONTHS[first.month - 1]), _(_MONTHS[last.month - 1])
    if first == last:
        return dated(first, year=False)
    if month == later:
        return _("{month}{first}–{last}日", month=month, first=first.day, last=last.day)
    return _("{month}{first}–{later}{last}日", month=month, first=first.day, later=later, last=last.day)


def weekday(day: date) -> str:
    """周日."""
    return _(_WEEKDAYS[day.weekday()])


def N_(text: str) -> str:
    """Marks a text of a table for the catalogue; whoever shows it says `_(text)`."""
    return text


def language() -> str:
    """What is spoken here and now."""
    return _chosen.get() or _house.language


def speak(chosen: str | None) -> None:
    """Speak this language for the rest of this task and of the threads it starts; None: the house's."""
    _chosen.set(chosen)


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Speak this language inside."""
    before = _chosen.set(chosen)
    try:
        yield
    finally:
        _chosen.reset(before)


def settle(house: str) -> None:
    """What this process speaks where nobody has chosen."""
    _house.language = house


def for_scripts(*folders: str) -> dict[str, Translation]:
    """The texts that scripts in these folders show, for the page to bring along; in Chinese they are there already."""
    if language() == CHINESE:
        return {}
    return {
        text: said
        for text, (said, places) in catalogue().items()
        if any(place.endswith(".js") and place.startswith(folders) for place in places)
    }


@lru_cache(1)
def catalogue() -> dict[str, tuple[Translation, tuple[str, ...]]]:
    """Chinese → English, and the files that say it; read when English is first spoken."""
    from babel.messages import pofile  # noqa: PLC0415 - Chinese must not pay for it

    with PATH.open("rb") as file:
        messages = [one for one in pofile.read_po(file) if one.id and not one.fuzzy]
    return {
        one.id if isinstance(one.id, str) else one.id[0]: (
            one.string if isinstance(one.string, str) else tuple(one.string),
            tuple(path for path, _line in one.locations),
        )
        for one in messages
        if one.string
    }


@dataclass(frozen=True, slots=True)
class _Form:
    """A text with holes, to be recognised when they are filled."""

    message: str
    pattern: re.Pattern[str]
    mark: str  # its longest piece
    length: int  # of its own words
    opens_with_hole: bool


@lru_cache(1)
def _forms() -> list[_Form]:
    """The catalogue's texts with holes, but those that have hardly a word of their own: everything fits them."""
    return [form for message in catalogue() if (form := _form(message)) is not None]


def _form(message: str) -> _Form | None:
    parts = list(Formatter().parse(message))
    own = [said for said, *_hole in parts]
    if message == "".join(own) or len(_CHARACTER.findall("".join(own))) < 2:
        return None
    pattern, seen = "", set[str]()
    for said, name, *_format in parts:
        pattern += re.escape(said)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
    return _Form(message, re.compile(pattern, re.DOTALL), max(own, key=len), sum(map(len, own)), not own[0])


def _english(text: str, counted: object) -> str:
    """A text that nobody has translated yet, or that is content and not ours, stays as it is."""
    said, _places = catalogue().get(text, (text, ()))
    return said if isinstance(said, str) else said[0 if counted in (1, "1") else -1]


_MONTHS = (
    *(N_("1月"), N_("2月"), N_("3月"), N_("4月"), N_("5月"), N_("6月")),
    *(N_("7月"), N_("8月"), N_("9月"), N_("10月"), N_("11月"), N_("12月")),
)
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_ROLES = {
    "reporter": N_("居民"),
    "community_clerk": N_("社区工作人员"),
    "dispatcher": N_("党支部派单人"),
    "party_member": N_("党员"),
    "grid_worker": N_("网格员"),
    "grid_leader": N_("网格长"),
    "building_head": N_("楼院长"),
    "subdistrict_officer": N_("街道干部"),
    "governance_officer": N_("综治中心"),
    "leader": N_("分管领导"),
    "mediator": N_("调解员"),
    "police_officer": N_("民警"),
    "council_secretary": N_("议事会秘书"),
    "council_chair": N_("议事会召集人"),
    "council_member": N_("议事会成员"),
    "process_owner": N_("流程管理员"),
    "administrator": N_("系统管理员"),
}


def role_title(role: str) -> str:
    """A role as people say it; one the glossary does not know is shown as it is written."""
    return _(_ROLES.get(role, role))


def titled_roles() -> frozenset[str]:
    """The roles that have a title here."""
    return frozenset(_ROLES)
