"""What was submitted to typed values or errors. Whatever is submitted, it answers and never raises."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType

from tongxin.feel import FeelError, Value
from tongxin.forms import offers
from tongxin.forms.model import Checked, Error, Field, Form, Known, PartProblem, Problem, Sent, found_in
from tongxin.forms.widgets import FILES, REFERENCES, ROWS, WIDGETS
from tongxin.forms.widgets.places import full
from tongxin.forms.widgets.widget import is_empty
from tongxin.words import N_, _, told

_MOST_STRANGERS = 20  # unknown fields that are told one by one
_NOBODY: Known = MappingProxyType({})
_MISSING = {
    "person": N_("没有找到这个人，请重新选择{title}"),
    "case": N_("没有找到这个案件，请重新选择{title}"),
    "place": N_("没有找到这个地点，请重新选择{title}"),
    "unit": N_("没有找到这个单位，请重新选择{title}"),
    "address": N_("没有找到这个地点，请重新选择{title}"),
}


def check(
    form: Form, submitted: Mapping[str, Value], scope: Mapping[str, Value], now: datetime, known: Known = _NOBODY
) -> Checked:
    """The values this form may set, typed, and what is wrong with the others.

    A field that was not sent is not among the values; one sent empty is, as None. Hidden ones never are.
    `known` says, for the widgets person, case, place, unit and those that keep files, whether an id means something.
    """
    if not isinstance(submitted, Mapping):
        return Checked({}, (Error("", _("提交的内容应为一组字段和值")),))
    if isinstance(submitted, Sent) and submitted.again:
        return Checked({}, (Error("", "", more=True),))
    values: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for field in form.fields:
        try:
            if field.is_writable:
                _take(field, submitted, values, now, known)
            elif field.name in submitted:
                raise Problem(_("{title}不能修改", title=field.title))
        except Problem as problem:
            _tell(problems, field, problem)
    _hide_and_compute(form, values, problems, scope, now)
    _hold_to_rules(form, values, problems, {**scope, **values}, now)
    new = _seen_only_now(form, submitted, scope, values, now)
    told = (one for one in problems.items() if one[0] not in new or not is_empty(submitted.get(one[0])))
    errors = (*(Error(*one) for one in told), *(Error(name, form.by_name[name].title, more=True) for name in new))
    return Checked(values, (*_strangers(form, submitted), *errors))


def _seen_only_now(
    form: Form, submitted: Mapping[str, Value], scope: Mapping[str, Value], values: Mapping[str, Value], now: datetime
) -> list[str]:
    """Fields to fill that the page did not show yet: what was typed into the others brought them up."""
    unseen = submitted.unseen if isinstance(submitted, Sent) else frozenset()
    names, found = {**scope, **values}, []
    for name in unseen & form.by_name.keys():
        with suppress(FeelError):  # that is told already
            if form.by_name[name].is_writable and is_visible(form.by_name[name], names, now):
                found.append(name)
    return sorted(found, key=list(form.by_name).index)


def _take(field: Field, submitted: Mapping[str, Value], values: dict[str, Value], now: datetime, known: Known) -> None:
    value = submitted.get(field.name)
    widget = WIDGETS[field.widget]
    if not is_empty(value):
        value = _known(field, widget.check(field, value, now), known)
    if is_empty(value):
        if found_in(submitted, field.name).strip():
            raise Problem(_("请从找到的结果里选一处，作为{title}", title=field.title))
        if field.required:
            raise Problem(_(widget.ask, title=field.title))
        value = None
    if field.name in submitted:
        values[field.name] = value


def _known(field: Field, value: Value, known: Known) -> Value:
    """The value, if what it names exists; an address with its words."""
    exists = None if field.options else known.get(field.widget)
    if exists is None or value is None:
        return value
    if field.widget == "address":
        place = exists(field, value["place"])
        if not place:
            raise Problem(_(_MISSING[field.widget], title=field.title))
        return {**value, "text": full(str(place), value)}
    if field.widget in REFERENCES and not exists(field, value):
        raise Problem(_(_MISSING[field.widget], title=field.title))
    if field.widget in FILES and not all(exists(field, item) for item in WIDGETS[field.widget].files(value)):
        said = (
            N_("{title}里有没传成的照片，请重新上传") if field.widget == "photo" else N_("{title}没有传成，请重新上传")
        )
        raise Problem(_(said, title=field.title))
    return value


def _hide_and_compute(
    form: Form, values: dict[str, Value], problems: dict[str, str], scope: Mapping[str, Value], now: datetime
) -> None:
    """In the order of the form, so that what depends on a hidden field does not see its value."""
    for field in form.fields:
        try:
            if not is_visible(field, {**scope, **values} if field.visible else scope, now):
                values.pop(field.name, None)
                for name in [one for one in problems if one.partition("/")[0] == field.name]:
                    del problems[name]
            elif field.options and field.is_writable and field.name not in problems:
                _choose(field, values, {**scope, **values}, now)
            elif field.columns and values.get(field.name):
                values[field.name] = ROWS.computed(field, values[field.name], {**scope, **values}, now)
            elif field.computed and field.name not in problems:
                values[field.name] = _computed(field, field.computed.evaluate({**scope, **values}, now), now)
        except FeelError as error:
            problems[field.name] = _("{title}算不出来：{error}", title=field.title, error=told(error))
        except Problem as problem:
            _tell(problems, field, problem)


def _hold_to_rules(
    form: Form, values: Mapping[str, Value], problems: dict[str, str], names: Mapping[str, Value], now: datetime
) -> None:
    """What the form says of fields together: of each that is filled and right by itself, what does not hold first."""
    for field in form.fields:
        if field.name in problems or is_empty(values.get(field.name)):
            continue
        for rule in field.rules:
            try:
                holds = rule.must.evaluate(names, now)
            except FeelError as error:
                problems[field.name] = _("{title}算不出来：{error}", title=field.title, error=told(error))
                break
            if holds is False:  # what reads a field that is not filled says nothing
                problems[field.name] = field.said(rule.say, names, now)
                break


def _choose(field: Field, values: dict[str, Value], names: Mapping[str, Value], now: datetime) -> None:
    """Hold what was picked to the list that its expression makes now."""
    value = values.get(field.name)
    if not is_empty(value):
        values[field.name] = offers.chosen(field, value, offers.offered(field, names, now))


def _tell(problems: dict[str, str], field: Field, problem: Problem) -> None:
    """Note what is wrong with a field, or with parts of it: field/row/column."""
    if isinstance(problem, PartProblem):
        problems.update({f"{field.name}/{place}": said for place, said in problem.parts.items()})
    else:
        problems[field.name] = str(problem)


def _computed(field: Field, value: Value, now: datetime) -> Value:
    value = WIDGETS[field.widget].made(field, value)
    if not is_empty(value):
        return WIDGETS[field.widget].check(field, value, now)
    if field.required:
        raise Problem(_("{title}还算不出来，请先填好有关的各项", title=field.title))
    return None


def is_visible(field: Field, names: Mapping[str, Value], now: datetime | None) -> bool:
    """Whether the field is shown: always, or when its condition is true (null is not)."""
    return field.visible is None or field.visible.evaluate(names, now) is True


def _strangers(form: Form, submitted: Mapping[str, Value]) -> Sequence[Error]:
    strange = [name for name in submitted if name not in form.by_name]
    return [Error(_told(name), _("这张表里没有“{name}”这一项", name=_told(name))) for name in strange[:_MOST_STRANGERS]]


def _told(name: object) -> str:
    """A name from outside, fit to be written into an answer."""
    text = "".join(character if character.isprintable() else "□" for character in str(name)[:40])
    return text or "□"
