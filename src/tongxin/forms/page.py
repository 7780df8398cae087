"""A form on a page: what the browser sent, and what the template is given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from tongxin.feel import FeelError, Value
from tongxin.forms import offers, tables
from tongxin.forms.check import is_visible
from tongxin.forms.model import Choice, Error, Field, FieldView, Form, Found, Problem, Sent
from tongxin.forms.widgets import PLACES, WIDGETS, Widget, control_of, same
from tongxin.forms.widgets.places import full
from tongxin.words import _, together

UNSEEN, AGAIN = ":unseen", ":again"  # what a page says of itself; no variable is called so
FIND, DETAIL = ":find", ":detail"  # controls beside a field's own: what is looked for, an address's detail
PROPOSED = ":proposed"  # and what the page put in
_NO_SOURCES: Mapping[str, str] = MappingProxyType({})
Options = Mapping[str, Sequence[Choice] | Found]
_NO_OPTIONS: Options = MappingProxyType({})


def parse(form: Form, multidict: Mapping[str, list[str]]) -> Sent:
    """What a browser sent as `check` takes it. Fields it did not send are empty; other names are not ours."""
    writable = [field for field in form.fields if field.is_writable]
    values = {field.name: WIDGETS[field.widget].parsed(field, multidict) for field in writable}
    finds = {}
    for field in writable:
        if field.widget in PLACES:
            finds[field.name] = _last(multidict, field.name + FIND)
        if field.widget == "address" and (values[field.name] or _last(multidict, field.name + DETAIL)):
            values[field.name] = {"place": values[field.name], "detail": _last(multidict, field.name + DETAIL)}
    untouched = [one.name for one in writable if one.prefill and _is_untouched(one.name, multidict)]
    return Sent(values, multidict.get(UNSEEN, ()), finds, untouched, again=AGAIN in multidict)


def _is_untouched(name: str, multidict: Mapping[str, list[str]]) -> bool:
    texts = [text for text in (*multidict.get(name, ()), *multidict.get(name + DETAIL, ())) if text.strip()]
    proposed = multidict.get(name + PROPOSED)
    return proposed is not None and _plain(proposed[-1]) == _plain("\n".join(texts))


def _plain(text: str) -> str:
    """Without what a browser makes of the ends of lines."""
    return text.replace("\r\n", "\n").strip()


def _last(multidict: Mapping[str, list[str]], name: str) -> str:
    return next(iter(multidict.get(name, [])[-1:]), "").strip()


def file_ids(form: Form, values: Mapping[str, Value]) -> list[str]:
    """The ids of the uploaded files in values, in the order of the form; also in values that were not checked."""
    return [one for field in form.fields for one in WIDGETS[field.widget].files(values.get(field.name))]


def view(
    form: Form,
    values: Mapping[str, Value],
    scope: Mapping[str, Value],
    errors: Sequence[Error] = (),
    now: datetime | None = None,
    *,
    options: Options = _NO_OPTIONS,
    sources: Mapping[str, str] = _NO_SOURCES,
    reveal: bool = False,
) -> tuple[FieldView, ...]:
    """The fields for a template. Values not given come from the case; `options` are the choices known only outside.

    `sources`: field → where the value comes from that it has, in words.
    """
    names = {**scope, **values}
    views = []
    for field in form.fields:
        told = tuple(error.message for error in errors if error.field == field.name and not error.more)
        proposal = _proposal(field, values, names, now)
        drawn = _view(field, names, told, now, options.get(field.name), reveal)
        if field.columns:
            parts = [(error.field, error.message) for error in errors if error.field.startswith(f"{field.name}/")]
            drawn = tables.with_table(field, drawn, names, parts, now, reveal=reveal)
        more = any(error.more for error in errors if error.field == field.name)
        source = sources.get(field.name, "") if proposal is None else field.source if names.get(field.name) else ""
        live, feeds = field.name in form.live, field.name in form.feeds
        views.append(replace(drawn, live=live, feeds=feeds, more=more, source=source, proposed=proposal))
        if not drawn.visible:  # what depends on it does not see its value, as when it is checked
            names[field.name] = scope.get(field.name)
    return tuple(views)


def _proposal(field: Field, values: Mapping[str, Value], names: dict[str, Value], now: datetime | None) -> str | None:
    """What is put into a field that nobody has filled yet, as a page sends it; None where somebody has."""
    if field.prefill is None:
        return None
    if field.name not in values.untouched if isinstance(values, Sent) else names.get(field.name) is not None:
        return None
    widget = WIDGETS[field.widget]
    try:
        value = field.prefill.evaluate(names, now)
        names[field.name] = None if value is None or now is None else widget.check(field, value, now)
    except (FeelError, Problem):  # a proposal that does not fit is none
        names[field.name] = None
    value = names[field.name]
    detail = value.get("detail", "") if isinstance(value, Mapping) else ""
    return "\n".join((*_texts(widget, field, value), *([detail] if detail else [])))


def _view(
    field: Field,
    names: dict[str, Value],
    errors: tuple[str, ...],
    now: datetime | None,
    options: Sequence[Choice] | Found | None,
    reveal: bool,
) -> FieldView:
    widget = WIDGETS[field.widget]
    value = _present(field, names, now)
    found = options if isinstance(options, Found) else None
    listed = options.choices if isinstance(options, Found) else options
    made_here = listed is None or (field.options is not None and field.is_writable)
    typed_choices = offers.offered(field, names, now) if made_here or listed is None else listed
    choices = tuple(
        Choice(widget.text(field, choice.value), field.said(widget.label(field, choice), names, now), choice.group)
        for choice in typed_choices
    )
    texts = _texts(widget, field, value)
    if field.widget == "address" and isinstance(value, Mapping) and "text" not in value:
        place = next((f"{choice.group} {choice.label}" for choice in choices if choice.value in texts), "")
        names[field.name] = value = {**value, "text": full(place.strip(), value)}
    display = widget.display(field, value, choices) if value is not None else ""
    if widget.many and choices:
        display = _("、").join(widget.display(field, item, choices) for item in _items(value) if item is not None)
    hides = field.sensitive is not None and not reveal and bool(display)
    # What may be edited must reach the control whole, or saving would store the mask.
    masks_control = hides and not field.is_writable
    return FieldView(
        name=field.name,
        title=field.said(field.title, names, now),
        widget=field.widget,
        control="select" if field.widget == "place" and not found else control_of(widget, choices),
        value="" if masks_control or widget.many or not texts else texts[0],
        values=() if masks_control else texts,
        display=widget.masked(field, value, display) if hides else display,
        required=field.required,
        read_only=not field.is_writable,
        help=together(field.said(field.help, names, now), _hint(widget, field, choices)),
        choices=choices,
        errors=errors,
        visible=_shown(field, names, now),
        masked=hides,
        alert=field.said(_alert(field, value), names, now),
        alerts={widget.text(field, key): field.said(text, names, now) for key, text in field.alerts.items()},
        attributes=_attributes(widget, field),
        computed=field.computed is not None,
        typed=(value if isinstance(value, Mapping) else {})
        if field.is_writable and field.schema.get("x-typed")
        else None,
        group=field.group,
        collapsed=bool(field.schema.get("x-collapsed", False)),
        found=found,
        detail=str(value.get("detail") or "") if isinstance(value, Mapping) and not masks_control else "",
    )


def _hint(widget: Widget, field: Field, choices: Sequence[Choice]) -> str:
    if not field.is_writable:
        return ""
    return _("现在没有可选的。") if field.options is not None and not choices else widget.hint(field)


def _present(field: Field, names: dict[str, Value], now: datetime | None) -> Value:
    """The value to show; a computed one is seen by the fields after it, too."""
    if field.computed:
        try:
            names[field.name] = WIDGETS[field.widget].made(field, field.computed.evaluate(names, now))
        except FeelError:
            names[field.name] = None
    value = names.get(field.name)
    return field.schema.get("default") if value is None and field.is_writable else value


def _shown(field: Field, names: Mapping[str, Value], now: datetime | None) -> bool:
    try:
        return is_visible(field, names, now)
    except FeelError:
        return True  # the check will tell; hiding would hide the reason


def _texts(widget: Widget, field: Field, value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    if widget.many:
        return tuple(widget.text(field, item) for item in _items(value) if item is not None)
    return (widget.text(field, value),)


def _items(value: Value) -> Sequence[Value]:
    """What a list holds; an expression may have made something else."""
    return value if isinstance(value, (list, tuple)) else [value]


def _alert(field: Field, value: Value) -> str:
    return next((text for key, text in field.alerts.items() if not isinstance(value, list) and same(key, value)), "")


def _attributes(widget: Widget, field: Field) -> dict[str, str]:
    extra = field.schema.get("x-autocomplete")
    return {**widget.attributes(field), "autocomplete": str(extra)} if extra else widget.attributes(field)
