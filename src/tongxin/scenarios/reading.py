"""From YAML to a scenario. What cannot be understood is named, together with what could have been meant."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tongxin import clock
from tongxin.scenarios.script import DEEDS, STEPS, Part, Reason, Refused, Scenario, Step, Wait
from tongxin.words import _

_P = TypeVar("_P", bound=msgspec.Struct)


class Malformed(Exception):
    """A scenario is not written as one; the message says where, what, and what is known."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The top of the file."""

    title: str
    clock: str
    people: dict[str, str]
    steps: list[dict[str, Any]]
    about: str = ""


def read(path: Path) -> Scenario:
    """A scenario's file; raises Malformed."""
    try:
        return parse(path.read_text("utf-8"), path.name)
    except UnicodeDecodeError:
        raise Malformed(_("不是 UTF-8 文本。请另存为 UTF-8 编码。")) from None


def parse(text: str, source: str) -> Scenario:
    """A scenario's text; `source` is what reports call it. Raises Malformed."""
    file = _part(_File, _loaded(text), _("文件开头"))
    return Scenario(
        source=source,
        title=file.title,
        about=file.about,
        clock=_moment(file.clock),
        people=file.people,
        steps=tuple(_step(raw, number) for number, raw in enumerate(file.steps, 1)),
    )


def _loaded(text: str) -> Any:
    try:
        return YAML(typ="base").load(text)
    except MarkedYAMLError as error:
        problem = error.problem
        if error.problem_mark is None:
            raise Malformed(_("不是有效的 YAML（{error}）。", error=problem)) from None
        line = error.problem_mark.line + 1
        raise Malformed(_("第 {line} 行：不是有效的 YAML（{error}）。", line=line, error=problem)) from None
    except YAMLError as error:
        raise Malformed(_("不是有效的 YAML（{error}）。", error=error)) from None


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=clock.LOCAL)
    except ValueError:
        raise Malformed(_("clock 应写成 2026-03-05 08:30 这样，现在是“{text}”。", text=text)) from None


def _step(raw: Mapping[str, Any], number: int) -> Step:
    where = _("第 {number} 步", number=number)
    name = _only_key(raw, STEPS, where)
    if name == "wait":
        return Wait(_text(raw[name], where))
    if name == "refused":
        return _refused(raw[name], f"{where} refused")
    return _part(STEPS[name], raw[name], f"{where} {name}")  # type: ignore[return-value]


def _refused(raw: Any, where: str) -> Refused:
    if not isinstance(raw, Mapping) or "because" not in raw:
        raise Malformed(
            _("{where}：要写明 because，为什么不许：{known}。", where=where, known=_listed(get_args(Reason)))
        )
    because: Any = raw["because"]
    if because not in get_args(Reason):
        raise Malformed(
            _(
                "{where}：不认识的 because“{because}”。可以写：{known}。",
                where=where,
                because=because,
                known=_listed(get_args(Reason)),
            )
        )
    name = _only_key({key: value for key, value in raw.items() if key != "because"}, DEEDS, where)
    return Refused(_part(DEEDS[name], raw[name], f"{where} {name}"), because)  # type: ignore[arg-type]


def _only_key(raw: Mapping[str, Any], known: Mapping[str, type[Part]], where: str) -> str:
    if len(raw) != 1:
        raise Malformed(
            _(
                "{where}：应当正好写一件事：{known}。现在是：{written}。",
                where=where,
                known=_listed(known),
                written=_listed(raw) or _("空的"),
            )
        )
    name = next(iter(raw))
    if name not in known:
        raise Malformed(_("{where}：不认识“{name}”。可以写：{known}。", where=where, name=name, known=_listed(known)))
    return name


def _part(kind: type[_P], raw: Any, where: str) -> _P:
    if not isinstance(raw, Mapping):
        raise Malformed(_("{where}：应当是一组“名称: 值”。", where=where))
    fields = {field.encode_name: field.required for field in msgspec.structs.fields(kind)}
    for name in raw:
        if name not in fields:
            raise Malformed(
                _("{where}：不认识“{name}”。可以写：{known}。", where=where, name=name, known=_listed(fields))
            )
    missing = [name for name, required in fields.items() if required and name not in raw]
    if missing:
        raise Malformed(_("{where}：缺少 {missing}。", where=where, missing=_listed(missing)))
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise Malformed(_("{where}：写法不对（{error}）。", where=where, error=error)) from None


def _text(raw: Any, where: str) -> str:
    if not isinstance(raw, str):
        raise Malformed(_("{where}：wait 后面写一段时间，例如 PT15M。", where=where))
    return raw


def _listed(names: Iterable[str]) -> str:
    return _("、").join(names)
