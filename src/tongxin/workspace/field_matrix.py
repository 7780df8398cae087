"""Variables × forms: what each form does with each variable, and where else a variable is read. JSON in, JSON out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tongxin import forms
from tongxin.procedures import dataflow
from tongxin.procedures import package as packages
from tongxin.procedures.definition import Definition, Refused, compile_package, contents_of
from tongxin.procedures.package import Package
from tongxin.words import N_, _
from tongxin.workspace import differences
from tongxin.workspace.form_editing import (
    REFERENCE,
    NotAForm,
    Unfit,
    kind_of,
    read,
    refuse_broken,
    shows,
    variables,
    written,
)

Use = Literal["absent", "read", "write", "required"]
USES: Mapping[Use, str] = {
    "absent": N_("不显示"),
    "read": N_("只看"),
    "write": N_("填写"),
    "required": N_("必填"),
}
MASKS = {
    "contact": N_("电话只露头尾"),
    "name": N_("姓名只露姓"),
    "identity": N_("证件号只露头尾"),
    "hidden": N_("全部遮住"),
}
MOST_CELLS = 1_500  # on one page
SETTINGS = {
    "start.title": N_("标题"),
    "urgent": N_("是否紧急"),
    "colour": N_("颜色"),
    "public.answer": N_("给居民的答复"),
    "public.share_when": N_("什么时候回群"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a form does with a variable; a computed or conditional field is said to be so."""

    form: str
    use: Use
    computed: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A variable with what it is on each form."""

    name: str
    title: str
    kind: str
    mask: str
    cells: tuple[Cell, ...]
    read_by: tuple[str, ...]


def forms_of(package: Package) -> list[tuple[str, str]]:
    """Name and title of the forms that can be read."""
    found = []
    for path in sorted(package):
        if path.startswith("forms/") and path.endswith(".json"):
            name = path.removeprefix("forms/").removesuffix(".json")
            try:
                read(package, name)
            except NotAForm:
                continue  # the list of forms says so
            found.append((name, differences.form_title(package, path)))
    return found


def rows(package: Package, shown: Sequence[str]) -> list[Row]:
    """Every variable that a form can show, in the dictionary's order; raises NotAForm."""
    contents = {name: read(package, name) for name in shown}
    readers = _readers(package)
    return [
        Row(
            name,
            str(schema.get("title", name)),
            kind_of(schema),
            _mask(schema),
            tuple(_cell(form, content, name) for form, content in contents.items()),
            tuple(dict.fromkeys(where for where, names in readers if name in names)),
        )
        for name, schema in variables(package).items()
        if isinstance(schema, dict) and shows(schema)
    ]


def apply(package: Package, wanted: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The forms that change when (form, variable) is used so; others stay as they are. Raises Unfit, NotAForm."""
    files = {}
    for form, _title in forms_of(package):
        content, known = read(package, form), variables(package)
        asked = {name: use for (one, name), use in wanted.items() if one == form and name in known}
        changes = {name: use for name, use in asked.items() if use != _cell(form, content, name).use}
        if changes:
            files[f"forms/{form}.json"] = written(_changed(content, changes))
    for path in files:
        refuse_broken({**package, **files}, path.removeprefix("forms/").removesuffix(".json"))
    return files


def _changed(content: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    properties = {name: dict(own) for name, own in content.get("properties", {}).items()}
    required = [name for name in content.get("required", []) if name in properties]
    for name, use in asked.items():
        if use not in USES:
            raise Unfit(_("请从“不显示、只看、填写、必填”里选。"))
        own = properties.pop(name, None)
        required = [one for one in required if one != name]
        if use == "absent":
            continue
        kept = {key: value for key, value in (own or {"$ref": REFERENCE + name}).items() if key != "readOnly"}
        made = {**kept, "readOnly": True} if use == "read" else kept
        properties = _in_place(content, properties, name, made)
        required += [name] if use == "required" else []
    return {**content, "required": required, "properties": properties}


def _in_place(content: Mapping[str, Any], properties: dict[str, Any], name: str, own: dict[str, Any]) -> dict[str, Any]:
    """A field keeps its place on the form; a new one comes last."""
    order = [*content.get("properties", {}), *properties, name]
    both = {**properties, name: own}
    return {one: both[one] for one in dict.fromkeys(order) if one in both}


def _cell(form: str, content: Mapping[str, Any], name: str) -> Cell:
    own = content.get("properties", {}).get(name)
    if own is None:
        return Cell(form, "absent", computed=False, conditional=False)
    use: Use = "write"
    if own.get("readOnly"):
        use = "read"
    elif name in content.get("required", []):
        use = "required"
    return Cell(form, use, computed="x-value" in own, conditional="x-visible" in own)


def _mask(schema: Mapping[str, Any]) -> str:
    kind = schema.get("x-sensitive") or forms.sensitive_detail(schema)
    return _(MASKS[kind]) if isinstance(kind, str) and kind in MASKS else ""


def _readers(package: Package) -> list[tuple[str, frozenset[str]]]:
    """Where expressions are, in words, and the names each reads; nothing while the package has errors."""
    try:
        return list(_reading(compile_package(package)))
    except (Refused, packages.Unreadable):
        return []


def _reading(definition: Definition) -> Iterator[tuple[str, frozenset[str]]]:
    """Form by form, diagram, tables and texts; what a form only shows stands in the matrix."""
    for place in dataflow.places(contents_of(definition)):
        names = frozenset(read.name for read in place.reads)
        if not place.element.startswith("forms/"):
            yield _told(place.element, place.name), names
        elif place.expression is not None:
            form = definition.forms[place.element.removeprefix("forms/").removesuffix(".json")]
            yield _("表单“{form}”的“{field}”", form=form.title, field=place.name), names


def _told(element: str, name: str) -> str:
    if element == "procedure.toml":
        key = name.removeprefix("ledger.")
        return (
            _("台账“{column}”", column=key) if key != name else _("流程设置“{where}”", where=_(SETTINGS.get(key, key)))
        )
    if element.startswith("texts/"):
        return _("文字 {file}", file=element)
    return _("流程图“{element}”", element=name or element)
