"""A form changed by its fields' titles and ticks: JSON in, JSON out, and what an owner's form page sent between."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tongxin import calendar, forms
from tongxin.forms.widgets import MOST_COLUMNS
from tongxin.procedures import package as packages
from tongxin.procedures.package import Package
from tongxin.words import N_, _
from tongxin.workspace import conditions, field_rules
from tongxin.workspace.field_rules import Rules

REFERENCE = "../data.json#/properties/"
LONGEST_NAME = 40
ADDRESS = {
    "type": "object",
    "format": "address",
    "properties": {"detail": {"type": "string", "x-sensitive": "hidden"}},
}
KINDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    # what an owner may add -> how it is called, how data.json declares it
    "text": (N_("一行文字"), {"type": "string", "maxLength": 100}),
    "long-text": (N_("几行文字"), {"type": "string", "maxLength": 500}),
    "choice": (N_("选一个"), {"type": "string"}),
    "choices": (N_("选几个"), {"type": "array"}),
    "yes-no": (N_("是或否"), {"type": "boolean"}),
    "integer": (N_("整数"), {"type": "integer"}),
    "number": (N_("数字"), {"type": "number"}),
    "money": (N_("金额（元）"), {"type": "number", "format": "money", "minimum": 0, "multipleOf": 0.01}),
    "date": (N_("日期"), {"type": "string", "format": "date"}),
    "date-time": (N_("日期和时间"), {"type": "string", "format": "date-time"}),
    "phone": (N_("电话"), {"type": "string", "format": "phone", "x-sensitive": "contact"}),
    "id-number": (N_("身份证号"), {"type": "string", "format": "id-number"}),
    "photo": (N_("照片"), {"type": "array", "maxItems": 6, "items": {"type": "string", "format": "attachment"}}),
    "section": (N_("小标题（管下面几项）"), {}),
    "file": (
        N_("文件（PDF、Word、表格等）"),
        {"type": "array", "format": "file", "maxItems": 6, "items": {"type": "string"}},
    ),
    "signature": (N_("手写签名"), {"type": "object", "format": "signature"}),
    "rows": (N_("一行一行的表"), {"type": "array", "format": "rows", "maxItems": 20}),
    "rating": (N_("几星"), {"type": "integer", "format": "rating", "minimum": 1, "maximum": 5}),
    "person": (N_("办理人（从岗位里选）"), {"type": "string", "format": "person"}),
    "place": (N_("地点"), {"type": "string", "format": "place"}),
    "unit": (N_("社区（从本区域里选）"), {"type": "string", "format": "unit", "x-level": "community"}),
    "address": (N_("住址（楼栋和门牌）"), ADDRESS),
    "about": (N_("大约的数（2500余）"), {"type": "object", "format": "about"}),
    "geo": (N_("位置（经纬度）"), {"type": "object", "format": "geo"}),
}
CHOICES = frozenset({"choice", "choices"})


class NotAForm(Exception):
    """That form or the data dictionary cannot be read; the message says why. It can be mended as text."""


class Unfit(Exception):
    """What was filled in makes no form; the message says what to change.

    `places` has more of them, each with its field and the part of it: `when` or `fill`.
    """

    def __init__(self, message: str, places: Mapping[tuple[str, str], str] = MappingProxyType({})) -> None:
        super().__init__(message)
        self.places = places


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the form as the page shows it."""

    name: str
    title: str
    kind: str
    help: str
    required: bool
    read_only: bool
    rules: Rules
    about: field_rules.About


@dataclass(frozen=True, slots=True)
class Edited:
    """What the page sent. `order` holds the names of the fields that stay."""

    title: str
    submit: str
    order: tuple[str, ...]
    help: Mapping[str, str]
    required: frozenset[str]
    read_only: frozenset[str]
    rules: Mapping[str, Rules] = field(default_factory=dict)  # of fields whose rules were on the page
    add: str = ""  # a variable that exists
    new_title: str = ""
    new_kind: str = ""
    new_options: tuple[str, ...] = field(default=())
    new_role: str = ""


def read(package: Package, name: str) -> dict[str, Any]:
    """A form's JSON; raises NotAForm."""
    content = _read(package, f"forms/{name}.json")
    properties = content.get("properties", {})
    fits = isinstance(properties, dict) and all(isinstance(one, dict) for one in properties.values())
    if not fits or not _are_texts(content.get("required", [])):
        raise NotAForm(_("表单“{name}”应为 JSON Schema 对象，字段写在 properties 里", name=name))
    return content


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def variables(package: Package) -> dict[str, Any]:
    """The data dictionary's declarations; raises NotAForm."""
    properties = _read(package, "data.json").get("properties")
    if not isinstance(properties, dict):
        raise NotAForm(_("data.json 应为 JSON Schema 对象，变量写在 properties 里"))
    return properties


def rows(package: Package, name: str) -> list[Row]:
    """The form's fields in order."""
    content, known = read(package, name), variables(package)
    required, subjects = content.get("required", []), conditions.subjects(known)
    return [
        _row(field_name, own, known.get(field_name), field_name in required, subjects)
        for field_name, own in content.get("properties", {}).items()
    ]


def unused(package: Package, name: str) -> list[tuple[str, str]]:
    """Variables that are not on the form and that a form can show: name and title."""
    own = read(package, name).get("properties", {})
    return [
        (variable, str(schema.get("title", variable)))
        for variable, schema in variables(package).items()
        if variable not in own and isinstance(schema, dict) and shows(schema)
    ]


def shows(schema: Mapping[str, Any]) -> bool:
    """Whether a form can show it."""
    return schema.get("type") != "object" or schema.get("format") in forms.OBJECTS


def apply(package: Package, name: str, edited: Edited) -> dict[str, str]:
    """The files as edited: the form, and data.json when a variable is new. Raises Unfit, NotAForm."""
    if not edited.title.strip():
        raise Unfit(_("请写表单的标题：这一步要人做什么。"))
    content, known = read(package, name), variables(package)
    properties = content.get("properties", {})
    kept = _kept(properties, conditions.subjects(known), edited)
    files = {}
    if edited.new_title.strip() and edited.new_kind == "section":
        kept[named(edited.new_title, {*known, *kept}, "section")] = {
            "x-widget": "section",
            "title": edited.new_title.strip(),
        }
    elif edited.new_title.strip():
        variable, schema = _declare(known, edited)
        files["data.json"] = written({**_read(package, "data.json"), "properties": {**known, variable: schema}})
        kept[variable] = _field(variable, edited.new_kind)
    elif edited.add:
        if edited.add not in known:
            raise Unfit(_("没有这个字段，请重新选。"))
        kept[edited.add] = {"$ref": REFERENCE + edited.add}
    required = [one for one in kept if one in edited.required and one not in edited.read_only]
    content = {**content, "title": edited.title.strip(), "required": required, "properties": kept}
    content.pop("x-submit", None)
    content |= {"x-submit": edited.submit.strip()} if edited.submit.strip() else {}
    files[f"forms/{name}.json"] = written(content)
    refuse_broken({**package, **files}, name)
    return files


def fresh(package: Package, title: str) -> tuple[str, str]:
    """Name and text of a new, empty form with this title."""
    name = named(title, {path.removeprefix("forms/").removesuffix(".json") for path in package}, "form")
    return name, written({"title": title.strip(), "type": "object", "required": [], "properties": {}})


def named(title: str, taken: set[str] | Mapping[str, Any], otherwise: str) -> str:
    """A name made of a title's letters, digits and characters, that nothing has yet."""
    plain = re.sub(r"[^\w]+", "", title)[:LONGEST_NAME] or otherwise
    plain = f"_{plain}" if plain[0].isdigit() else plain
    return next(
        name for number in range(1, 10_000) if (name := plain + (str(number) if number > 1 else "")) not in taken
    )


def choices(schema: Mapping[str, Any]) -> list[dict[str, str]]:
    """The values a variable may have, each with its title."""
    options = schema.get("oneOf") if isinstance(schema.get("oneOf"), list) else schema.get("enum")
    if not isinstance(options, list):
        return []
    pairs = [
        (one.get("const"), one.get("title", one.get("const"))) if isinstance(one, dict) else (one, one)
        for one in options
    ]
    return [{"value": str(value), "title": str(title)} for value, title in pairs]


def _row(
    name: str, own: dict[str, Any], declared: Any, required: bool, subjects: Mapping[str, conditions.Subject]
) -> Row:
    schema = {**(declared if isinstance(declared, dict) else {}), **own}
    return Row(
        name=name,
        title=str(schema.get("title", name)),
        kind=kind_of(schema),
        help=str(own.get("x-help", "")),
        required=required,
        read_only=bool(own.get("readOnly", False)),
        rules=field_rules.shown(own, subjects),
        about=field_rules.about(name, own, schema, subjects),
    )


def kind_of(schema: Mapping[str, Any]) -> str:
    """What a variable takes, as owners call it."""
    if schema.get("x-widget") == "note":
        return _("说明文字")
    if "enum" in schema or "oneOf" in schema:
        return _(KINDS["choice"][0])
    widget = str(schema.get("x-widget") or schema.get("format") or "")
    usual = {"boolean": "yes-no", "integer": "integer", "number": "number", "array": "photo"}
    return _(KINDS.get(widget, KINDS[usual.get(str(schema.get("type")), "text")])[0])


def _kept(
    properties: Mapping[str, Any], subjects: Mapping[str, conditions.Subject], edited: Edited
) -> dict[str, dict[str, Any]]:
    """The fields that stay, as edited. Raises Unfit with everything that is wrong with their rules."""
    kept: dict[str, dict[str, Any]] = {}
    wrong: dict[tuple[str, str], str] = {}
    for name in edited.order:
        if name not in properties:
            continue
        kept[name] = own = _edit(properties[name], name, edited)
        if name in edited.rules:
            kept[name], problems = field_rules.apply(properties[name], own, edited.rules[name], subjects)
            wrong |= {(name, part): problem for part, problem in problems.items()}
    if wrong:
        raise Unfit(_("下面有字段的条件或算式还不对。"), wrong)
    return kept


def _edit(own: Any, name: str, edited: Edited) -> dict[str, Any]:
    changed = {key: value for key, value in own.items() if key not in ("x-help", "readOnly")}
    if name in edited.read_only:
        changed["readOnly"] = True
    if edited.help.get(name, "").strip():
        changed["x-help"] = edited.help[name].strip()
    return changed


def _declare(known: Mapping[str, Any], edited: Edited) -> tuple[str, dict[str, Any]]:
    if edited.new_kind not in KINDS:
        raise Unfit(_("请选新字段填什么。"))
    options = list(dict.fromkeys(one.strip() for one in edited.new_options if one.strip()))
    if edited.new_kind in CHOICES and len(options) < 2:
        raise Unfit(_("请写选项，每行一个，至少两个。"))
    if edited.new_kind == "rows" and not 0 < len(options) <= MOST_COLUMNS:
        raise Unfit(_("请在选项里写表的列名，每行一个，最多 {most} 列。", most=MOST_COLUMNS))
    if edited.new_kind == "person" and not edited.new_role:
        raise Unfit(_("请选从哪个岗位里选人。"))
    schema: dict[str, Any] = {**KINDS[edited.new_kind][1], "title": edited.new_title.strip()}
    if edited.new_kind == "choice":
        schema["enum"] = options
    elif edited.new_kind == "choices":
        schema["items"] = {"type": "string", "enum": options}
    elif edited.new_kind == "rows":
        columns: dict[str, Any] = {}
        for one in options:
            columns[named(one, columns, "column")] = {"type": "string", "title": one, "maxLength": 100}
        schema["items"] = {"type": "object", "properties": columns}
    elif edited.new_kind == "person":
        schema["x-role"] = edited.new_role
    return named(edited.new_title, known, "field"), schema


def _field(variable: str, kind: str) -> dict[str, Any]:
    own: dict[str, Any] = {"$ref": REFERENCE + variable}
    return {**own, "x-widget": kind} if kind in ("long-text", "choice", "choices") else own


def refuse_broken(package: Package, name: str) -> None:
    """Raises Unfit when the form cannot be loaded."""
    try:
        dictionary = forms.Dictionary(packages.read_json(package, "data.json"))
        forms.load(name, packages.read_json(package, f"forms/{name}.json"), dictionary, functions=calendar.FUNCTIONS)
    except (forms.FormError, packages.Unreadable) as error:
        raise Unfit(str(error)) from None


def _read(package: Package, path: str) -> dict[str, Any]:
    """By Python's reader, which keeps 0.01 as it was written."""
    try:
        content = json.loads(package[path])
    except (KeyError, ValueError, RecursionError) as error:
        raise NotAForm(_("{name}：不是有效的 JSON（{error}）。", name=path, error=error)) from None
    if not isinstance(content, dict):
        raise NotAForm(_("{name}：不是有效的 JSON（{error}）。", name=path, error=_("应为一个对象")))
    return content


def written(content: Any) -> str:
    """JSON as these files are kept."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
