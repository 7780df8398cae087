"""What in a text could tell who somebody is: telephones, identity numbers, doors, and a case's own sensitive values."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tongxin import forms
from tongxin.procedures.definition import Definition
from tongxin.words import N_, _

_NUMERALS = "0-9零〇一二三四五六七八九十两"
_BREAKS = re.compile(r"(?<=[0-9])[\s-]+(?=[0-9])")  # telephones are written with gaps
_TITLES = "女士|先生|小姐|阿姨|叔叔|大爷|大妈|奶奶|爷爷|老师|师傅|某"
_SHAPES = (
    (N_("身份证号"), re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])|(?<![0-9])[1-9][0-9]{14}(?![0-9])"), True),
    (N_("电话"), re.compile(r"(?<![0-9])(?:86)?1[3-9][0-9]{9}(?![0-9])"), True),
    (N_("电话"), re.compile(r"(?<![0-9])(?:0[1-9][0-9]{1,2}[2-9][0-9]{6,7}|[48]00[0-9]{7})(?![0-9])"), True),
    (N_("电话"), re.compile(r"(?:电话|联系|致电|拨打|手机)[^0-9\n]{0,6}[2-9][0-9]{6,7}(?![0-9])"), True),
    (N_("门牌"), re.compile(rf"[{_NUMERALS}A-Za-z]{{1,3}}\s*单元\s*[{_NUMERALS}]{{2,5}}\s*[室户号]?"), False),
    (N_("门牌"), re.compile(rf"[{_NUMERALS}]{{3,5}}\s*(?:室|户|号房|房间)"), False),
    (N_("门牌"), re.compile(r"(?<![0-9-])[0-9]{1,3}(?:-[0-9]{1,2})?-[0-9]{3,4}(?![0-9-])"), False),
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A piece of a text that should perhaps not be public, and what it looks like."""

    piece: str
    kind: str

    @property
    def told(self) -> str:
        """As people read it."""
        return _("“{piece}”像是{kind}", piece=self.piece, kind=_(self.kind))


def doubts(
    text: str, sensitive: Mapping[str, str], values: Mapping[str, Any], titles: Mapping[str, str]
) -> list[Doubt]:
    """Everything in the text that could give somebody away, each once.

    `sensitive`: variable → kind of mask; `values`: the case's variables; `titles`: variable → what people call it.
    """
    plain = unicodedata.normalize("NFKC", text)
    joined = _BREAKS.sub("", plain)
    found = [
        Doubt(match[0].strip(), kind)
        for kind, shape, without_gaps in _SHAPES
        for match in shape.finditer(joined if without_gaps else plain)
    ]
    for name, kind in sensitive.items():
        found += _spoken_of(plain, kind, values.get(name), titles.get(name, name))
    once = {_squeezed(one.piece): one for one in reversed(found)}  # what two shapes find is told once
    return [one for one in reversed(once.values()) if not any(_within(one, other) for other in found)]


def _spoken_of(plain: str, kind: str, value: Any, title: str) -> Iterable[Doubt]:
    """The value itself, and what people make of it: the surname with a title, the number of a door."""
    if isinstance(value, list):
        for text in dict.fromkeys(texts_of(value)):
            yield from _spoken_of(plain, kind, text, title)
        return
    value = value.get("detail") if isinstance(value, Mapping) else value  # of an address
    if not isinstance(value, str) or len(value.strip()) < 2:
        return
    own, kind_of_value = unicodedata.normalize("NFKC", value).strip(), _("居民填的“{title}”", title=title)
    if _squeezed(own) in _squeezed(plain):
        yield Doubt(own, kind_of_value)
    if kind == "name":
        name = re.split(_TITLES, own)[0]
        for match in re.finditer(rf"{re.escape(own[0])}(?:{_TITLES})", plain):
            yield Doubt(match[0], kind_of_value)
        if len(name) > 2 and name[1:] in plain:
            yield Doubt(name[1:], kind_of_value)
    for number in re.findall(r"[0-9]{3,}", own):
        if re.search(rf"(?<![0-9]){number}(?![0-9])", plain):
            yield Doubt(number, kind_of_value)


def _within(one: Doubt, other: Doubt) -> bool:
    """Whether a longer piece says the same."""
    part, whole = _squeezed(one.piece), _squeezed(other.piece)
    return len(part) < len(whole) and part in whole


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]+", "", text).lower()


def hidden_files(
    definition: Definition, variables: Mapping[str, Any], details: Iterable[Mapping[str, Any] | None]
) -> set[int]:
    """The files of fields that are sensitive: those of the case's variables, and those of its events' details."""
    fields = tuple(one for one in definition.facts.fields if one.widget in forms.FILES and one.sensitive)
    if not fields:
        return set()
    form = replace(definition.facts, fields=fields, by_name={one.name: one for one in fields})
    told = [one.get(part) for one in details if one for part in ("values", "before")]
    given = [variables, *(one for one in told if isinstance(one, Mapping))]
    return {int(one) for values in given for one in forms.file_ids(form, values) if one.isascii() and one.isdecimal()}


def texts_of(value: Any) -> list[str]:
    """The texts in which a value could turn up elsewhere."""
    if isinstance(value, Mapping):
        if "place" in value:  # an address: where the house is may be read
            return [str(value[part]) for part in ("detail", "text") if value.get(part)]
        return [text for part in value.values() for text in texts_of(part)]
    if isinstance(value, list):
        return [text for one in value for text in texts_of(one)]
    return [value] if isinstance(value, str) and value else []


def without_sensitive(
    definition: Definition, details: Mapping[str, Any] | None, variables: Mapping[str, Any]
) -> dict[str, Any] | None:
    """An event's details without the sensitive ones of the values it holds or carries, under whatever name."""
    if details is None:
        return None
    hidden = definition.sensitive
    values = [variables[name] for name in hidden if variables.get(name)]
    known = [*values, *(text for one in values for text in texts_of(one))]
    plain = dict(details)
    for part in ("values", "before", "payload"):
        if isinstance(plain.get(part), dict):
            plain[part] = {
                name: value for name, value in plain[part].items() if name not in hidden and value not in known
            }
    plain.pop("explanation", None)  # it tells what was asked, and of whom that is cannot be seen from it
    return plain
