"""A parameter of a procedure changed in its text: everything else in procedure.toml stays as somebody wrote it."""

import json
import re
from typing import Any

import msgspec

from tongxin.procedures import package as packages
from tongxin.procedures import settings
from tongxin.procedures.package import Package, ProcedureFile
from tongxin.workspace import lengths

_SECTION = re.compile(r"^\s*\[")


class NotRewritable(Exception):
    """这个参数在 procedure.toml 里的写法比较特别，请到“文件”里直接改。"""


def change(package: Package, name: str, value_text: str, title: str) -> str:
    """The new procedure.toml. Raises settings.UnfitValue for no value of its kind, NotRewritable, KeyError."""
    file = packages.read_procedure(package)
    parameter = file.parameters[name]
    value = settings.read(parameter, value_text)
    written = package["procedure.toml"]
    if value != parameter.value:
        written = _set_line(written, name, "value", value)
    if title != parameter.title:
        written = _set_line(written, name, "title", title)
    if _after(written) != _wanted(file, name, value, title):
        raise NotRewritable(NotRewritable.__doc__)
    return written


def value_typed(unit: str, number: str, text: str) -> str:
    """The value's text from the fields of a page: number and unit, or what was written."""
    return lengths.join(number, unit) if unit else text


def _set_line(written: str, name: str, key: str, value: Any) -> str:
    lines = written.split("\n")
    heads = [at for at, line in enumerate(lines) if line.strip() == f"[parameters.{name}]"]
    if len(heads) != 1:
        raise NotRewritable(NotRewritable.__doc__)
    end = next((at for at in range(heads[0] + 1, len(lines)) if _SECTION.match(lines[at])), len(lines))
    own = [at for at in range(heads[0] + 1, end) if re.match(rf"\s*{key}\s*=", lines[at])]
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"  # TOML writes these as JSON does
    if own:
        lines[own[0]] = line
    else:
        lines.insert(heads[0] + 1, line)
    return "\n".join(lines)


def _after(written: str) -> ProcedureFile | None:
    try:
        return packages.read_procedure({"procedure.toml": written})
    except packages.Unreadable:
        return None


def _wanted(file: ProcedureFile, name: str, value: Any, title: str) -> ProcedureFile:
    changed = msgspec.structs.replace(file.parameters[name], value=value, title=title)
    return msgspec.structs.replace(file, parameters={**file.parameters, name: changed})
