"""A form's JSON to a Form: references resolved, expressions compiled, everything doubtful refused by name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from tongxin import feel
from tongxin.forms import masks, offers, unfit
from tongxin.forms.declared import declared_choices, holds_ids, usual_widget
from tongxin.forms.dictionary import Dictionary
from tongxin.forms.model import TAKES_NOTHING, Choice, Field, Form, FormError, Rule
from tongxin.forms.widgets import (
    CELLS,
    FILES,
    MOST_COLUMNS,
    MOST_ROWS,
    RATINGS,
    TYPES,
    WIDGETS,
    YES_NO,
    places,
)
from tongxin.words import _, told

_REFERENCE = "../data.json#/properties/"
_EXTENSIONS = (
    *("x-widget", "x-help", "x-visible", "x-value", "x-alert", "x-sensitive", "x-autocomplete"),
    *("x-role", "x-level", "x-kind", "x-within", "x-collapsed", "x-accept", "x-total", "x-typed"),
    *("x-prefill", "x-source", "x-options", "x-check"),
)
_NOT_IN_COLUMNS = {
    "x-visible",
    "x-alert",
    "x-prefill",
    "x-source",
    "x-help",
    "x-options",
    "x-check",
    "default",
    "readOnly",
    "$ref",
}
_NONE: Mapping[str, feel.Function] = MappingProxyType({})


def load(
    name: str, form_json: Mapping[str, Any], dictionary: Dictionary, functions: Mapping[str, feel.Function] = _NONE
) -> Form:
    """The form; raises FormError that says which form and field, and why."""
    properties = form_json.get("properties", {}) if isinstance(form_json, Mapping) else None
    if not isinstance(properties, Mapping):
        raise FormError(_("表单“{name}”应为 JSON Schema 对象，字段写在 properties 里", name=name))
    required = form_json.get("required", [])
    if not isinstance(required, list) or not all(isinstance(one, str) for one in required):
        raise FormError(_("表单“{name}”的 required 应为列表", name=name))
    loader = _Loader(name, dictionary, functions)
    for one in required:
        if one not in properties:
            raise loader.error(str(one), _("写在 required 里，却没有这个字段"))
    fields = loader.fields(properties, required)
    title, about = str(form_json.get("title", name)), str(form_json.get("description", ""))
    by_name = {field.name: field for field in fields}
    submit = str(form_json.get("x-submit", ""))
    templates = loader.templates({"title": title, "description": about}, loader.form_error)
    quick = form_json.get("x-quick", False)
    if not isinstance(quick, bool):
        raise loader.form_error(_("x-quick 应为 true 或 false"))
    if quick and (needed := next((one for one in fields if one.required and one.is_writable), None)) is not None:
        raise loader.form_error(_("写了 x-quick，一点就办完，就不能有必填的“{title}”", title=needed.title))
    return Form(name, title, about, fields, by_name, submit, templates, quick)


class _Loader:
    def __init__(self, form: str, dictionary: Dictionary, functions: Mapping[str, feel.Function]) -> None:
        self._form = form
        self._dictionary = dictionary
        self._functions = functions

    def error(self, field: str, message: str) -> FormError:
        return FormError(_("表单“{form}”的字段“{field}”：{message}", form=self._form, field=field, message=message))

    def fields(self, properties: Mapping[str, Any], required: list[str]) -> tuple[Field, ...]:
        """All of them; those of a section are hidden with it."""
        found: list[Field] = []
        section, number = None, 0
        for name, own in properties.items():
            field = self.field(name, own, name in required)
            if field.widget == "section":
                section, number = field, number + 1
            elif section and section.visible:
                field = replace(field, visible=self._both(name, section.schema["x-visible"], field))
            found.append(replace(field, group=number))
        return tuple(found)

    def _both(self, name: str, visible: str, field: Field) -> feel.Expression | None:
        """The section's condition and the field's own, if it has one."""
        conditions = [visible] + ([field.schema["x-visible"]] if field.visible else [])
        source = " and ".join(f"({one.strip().removeprefix('=')}\n)" for one in conditions)
        return self._expression(name, {"x-visible": source}, "x-visible")

    def form_error(self, message: str) -> FormError:
        return FormError(_("表单“{form}”：{message}", form=self._form, message=message))

    def templates(self, texts: Mapping[str, str], error: Callable[[str], FormError]) -> Mapping[str, feel.Template]:
        """Of these texts, by where they stand, those that hold FEEL."""
        found = {}
        for place, text in texts.items():
            if "{{" not in text:
                continue
            try:
                found[text] = feel.Template(text, self._functions, self._dictionary.properties)
            except feel.FeelError as broken:
                raise error(_("{place} 里的表达式不对：{error}", place=place, error=told(broken))) from broken
        return MappingProxyType(found)

    def _field_texts(
        self,
        schema: Mapping[str, Any],
        choices: tuple[Choice, ...],
        alerts: Mapping[feel.Value, str],
        rules: tuple[Rule, ...],
    ) -> dict[str, str]:
        texts = {"x-help": str(schema.get("x-help", ""))}
        texts |= {f"x-alert {value}": text for value, text in alerts.items()}
        texts |= {f"x-check {rule.must.source}": rule.say for rule in rules}
        texts |= {_("选项 {value}", value=choice.value): choice.label for choice in choices}
        return texts | ({"title": str(schema.get("title", ""))} if schema.get("x-widget") == "note" else {})

    def _rules(self, name: str, schema: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[Rule, ...]:
        rules = schema.get("x-check", {})
        if not isinstance(rules, Mapping) or not all(isinstance(text, str) and text for text in rules.values()):
            raise self.error(name, _("x-check 应为“要成立的表达式：不成立时的提示”的对象"))
        if rules and (schema.get("readOnly") or str(schema.get("x-widget")) in TAKES_NOTHING):
            raise self.error(name, _("x-check 只用于能填的和算出来的字段"))
        found = []
        for source, text in rules.items():
            expression = self._expression(name, {"x-check": source}, "x-check", names)
            assert expression is not None  # there is a source
            found.append(Rule(expression, text))
        return tuple(found)

    def field(self, name: str, own: Any, required: bool) -> Field:
        if not isinstance(own, Mapping):
            raise self.error(name, _("应为一个对象"))
        self._refuse_unknown_extensions(name, own)
        schema = self._schema(name, own)
        if schema.get("format") == "rows" and "items" in own:
            raise self.error(name, _("表的列写在 data.json 里，不能在表单里改"))
        return self._made(name, schema, required, self._dictionary.properties)

    def _made(self, name: str, schema: Mapping[str, Any], required: bool, names: Mapping[str, Any]) -> Field:
        """A field, or a column of a table; its expressions may read `names`."""
        try:
            unfit.refuse_limits(schema)
            widget = self._widget(name, schema)
            unfit.refuse(widget, schema)
        except unfit.Unfit as reason:
            raise self.error(name, str(reason)) from reason
        choices = self._choices(name, widget, schema)
        alerts, rules = self._alerts(name, widget, schema, choices), self._rules(name, schema, names)
        return Field(
            name=name,
            title=str(schema.get("title", name)),
            widget=widget,
            required=required,
            read_only=bool(schema.get("readOnly", False)),
            help=str(schema.get("x-help", "")),
            choices=choices,
            schema=schema,
            visible=self._expression(name, schema, "x-visible", names),
            computed=self._expression(name, schema, "x-value", names),
            sensitive=self._sensitive(name, widget, schema),
            alerts=alerts,
            columns=self._columns(name, schema) if widget == "rows" else (),
            templates=self.templates(
                self._field_texts(schema, choices, alerts, rules), lambda message: self.error(name, message)
            ),
            prefill=self._prefill(name, widget, schema, names),
            options=self._options(name, widget, schema, names),
            source=str(schema.get("x-source", "")),
            rules=rules,
        )

    def _columns(self, name: str, schema: Mapping[str, Any]) -> tuple[Field, ...]:
        items = schema.get("items")
        items = items if isinstance(items, Mapping) else {}
        declared = items.get("properties")
        if not isinstance(declared, Mapping) or not 0 < len(declared) <= MOST_COLUMNS:
            raise self.error(name, _("表的列写在 items 的 properties 里，1 到 {most} 列", most=MOST_COLUMNS))
        if not all(isinstance(one, Mapping) for one in declared.values()):
            raise self.error(name, _("表的每一列应为一个对象"))
        if not 0 < schema.get("maxItems", MOST_ROWS) <= MOST_ROWS:
            raise self.error(name, _("maxItems 应为 1 到 {most}", most=MOST_ROWS))
        required, names = items.get("required", []), {**self._dictionary.properties, **declared}
        if not isinstance(required, list) or not all(str(one) in declared for one in required):
            raise self.error(name, _("items 的 required 应为列名的列表"))
        columns = tuple(self._column(name, one, own, one in required, names) for one, own in declared.items())
        numbers = {column.name for column in columns if column.widget in ("number", "money")}
        if not isinstance(total := schema.get("x-total", []), list) or not {str(one) for one in total} <= numbers:
            raise self.error(name, _("x-total 应为数字列的列名的列表"))
        return columns

    def _column(self, table: str, name: str, own: Mapping[str, Any], required: bool, names: Mapping[str, Any]) -> Field:
        place = f"{table}.{name}"
        if not re.fullmatch(r"\w{1,40}", name) or name in feel.FUNCTION_NAMES:
            raise self.error(place, _("列名只能有文字、字母、数字和下划线，也不能与函数同名"))
        self._refuse_unknown_extensions(place, own)
        refused = own.keys() & _NOT_IN_COLUMNS
        if refused:
            raise self.error(place, _("表的列里不能用 {keys}", keys=_("、").join(sorted(refused))))
        made = self._made(place, own, required, names)
        if made.widget not in CELLS:
            raise self.error(place, _("表的列里不能用控件“{widget}”", widget=made.widget))
        return replace(made, name=name, title=str(own.get("title", name)))

    def _refuse_unknown_extensions(self, name: str, own: Mapping[str, Any]) -> None:
        for key in own:
            if key.startswith("x-") and key not in _EXTENSIONS:
                close = get_close_matches(key, _EXTENSIONS, 1)
                if close:
                    raise self.error(name, _("不认识“{key}”，是不是“{close}”？", key=key, close=close[0]))
                raise self.error(name, _("不认识“{key}”", key=key))

    def _schema(self, name: str, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variable's declaration with the form's additions in front. Notes and sections declare nothing."""
        if str(own.get("x-widget")) in TAKES_NOTHING:
            return MappingProxyType(dict(own))
        reference = own.get("$ref")
        if not isinstance(reference, str) or not reference.startswith(_REFERENCE):
            raise self.error(name, _('要用 "$ref": "{place}…" 指明 data.json 里的变量', place=_REFERENCE))
        variable = unquote(reference.removeprefix(_REFERENCE)).replace("~1", "/").replace("~0", "~")
        if variable not in self._dictionary.properties:
            close = get_close_matches(variable, self._dictionary.properties, 1)
            if close:
                said = _("data.json 里没有变量“{variable}”，是不是“{close}”？", variable=variable, close=close[0])
                raise self.error(name, said)
            raise self.error(name, _("data.json 里没有变量“{variable}”", variable=variable))
        if variable != name:
            raise self.error(name, _("字段名要与变量名“{variable}”相同", variable=variable))
        added = {key: value for key, value in own.items() if key != "$ref"}
        return MappingProxyType({**self._dictionary.properties[variable], **added})

    def _widget(self, name: str, schema: Mapping[str, Any]) -> str:
        widget = str(schema.get("x-widget") or usual_widget(schema))
        if widget not in WIDGETS:
            raise self.error(
                name, _("没有“{widget}”这种控件，可用：{known}", widget=widget, known=_("、").join(WIDGETS))
            )
        if widget not in TAKES_NOTHING and str(schema.get("type")) not in TYPES[widget]:
            raise self.error(name, _("控件“{widget}”不能填 {type} 类型的变量", widget=widget, type=schema.get("type")))
        return widget

    def _choices(self, name: str, widget: str, schema: Mapping[str, Any]) -> tuple[Choice, ...]:
        if widget == "yes-no":
            return tuple(Choice(value, label) for value, label in YES_NO)
        declared = schema.get("items", {}) if widget == "choices" else schema
        choices = declared_choices(declared)
        if widget == "rating":
            return choices or RATINGS
        if "x-options" in schema:
            return ()
        if widget in {"choice", "choices"} and not choices and not (schema.get("readOnly") and holds_ids(declared)):
            raise self.error(name, _("要有选项：写 enum，或 oneOf 里的 const 和 title，或 x-options"))
        return choices

    def _expression(
        self, name: str, schema: Mapping[str, Any], key: str, names: Mapping[str, Any] | None = None
    ) -> feel.Expression | None:
        source, known = schema.get(key), self._dictionary.properties if names is None else names
        if source is None:
            return None
        if not isinstance(source, str):
            raise self.error(name, _("{key} 应为 FEEL 表达式", key=key))
        try:
            return feel.compile(source, functions=self._functions, names=known)
        except feel.FeelError as error:
            raise self.error(
                name, _("{key} 的表达式“{source}”不对：{error}", key=key, source=source, error=told(error))
            ) from error

    def _prefill(
        self, name: str, widget: str, schema: Mapping[str, Any], names: Mapping[str, Any]
    ) -> feel.Expression | None:
        if "x-prefill" not in schema:
            if "x-source" in schema:
                raise self.error(name, _("x-source 要和 x-prefill 一起写：说明填好的值从哪儿来"))
            return None
        if "x-value" in schema or widget in (*TAKES_NOTHING, *FILES, "rows"):
            raise self.error(name, _("x-prefill 只用于能填的字段；算出来的、照片、附件、表和说明不用"))
        if schema.get("readOnly"):
            return None
        return self._expression(name, schema, "x-prefill", names)

    def _options(
        self, name: str, widget: str, schema: Mapping[str, Any], names: Mapping[str, Any]
    ) -> feel.Expression | None:
        if "x-options" in schema and widget not in offers.WIDGETS:
            known = _("、").join(sorted(offers.WIDGETS))
            raise self.error(name, _("x-options 只用于这些控件：{known}", known=known))
        return self._expression(name, schema, "x-options", names)

    def _sensitive(self, name: str, widget: str, schema: Mapping[str, Any]) -> str | None:
        kind = schema.get("x-sensitive", "identity" if widget == "id-number" else None)
        kind = kind or places.sensitive_detail(schema)
        if kind is not None and (not isinstance(kind, str) or kind not in masks.KINDS):
            raise self.error(name, _("x-sensitive 应为 {kinds} 之一", kinds=_("、").join(sorted(masks.KINDS))))
        if widget == "id-number" and kind not in ("identity", "hidden"):
            raise self.error(name, _("身份证号总是遮盖的：x-sensitive 只能是 identity 或 hidden"))
        return kind

    def _alerts(
        self, name: str, widget: str, schema: Mapping[str, Any], choices: tuple[Choice, ...]
    ) -> Mapping[feel.Value, str]:
        alerts = schema.get("x-alert", {})
        if not isinstance(alerts, Mapping) or not all(isinstance(text, str) for text in alerts.values()):
            raise self.error(name, _("x-alert 应为“值：提示”的对象"))
        by_text = {WIDGETS[widget].text(_NAMELESS, choice.value): choice.value for choice in choices}
        by_text |= {"true": True, "false": False} if widget == "yes-no" else {}
        for key in alerts:
            if key not in by_text:
                raise self.error(name, _("x-alert 里的“{key}”不是这个字段的选项", key=key))
        return {by_text[key]: text for key, text in alerts.items()}


# Widgets write the text of a choice without looking at the field.
_NAMELESS = Field("", "", "", False, False, "", (), {}, None, None, None, {})
