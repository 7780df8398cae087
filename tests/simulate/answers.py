"""What somebody fills into a form by chance: whatever the page offers, and nothing the form refuses."""

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tongxin import clock, forms
from tongxin.forms import Choice, Field, FieldView

Value = Any
Options = Callable[[Mapping[str, Value]], Mapping[str, Any]]
TRIES = 300
_WORDS = ("已经看过", "按规定办", "双方同意", "尽快处理", "情况属实", "没有意见", "请协助", "办好了")
_WEIGHTS = (1, 1, 2, 3, 7, 2, 10, 17, 9, 10, 5, 8, 4, 2, 1, 6, 3)


class Stumped(Exception):
    """No answer was found that the form takes; the message says what it refused last."""


def fill(
    form: forms.Form, scope: Mapping[str, Value], options: Options, known: forms.Known, choose: random.Random
) -> dict[str, Value]:
    """Values that pass the form's check. Raises Stumped."""
    said = ""
    for attempt in range(TRIES):
        values = _guess(form, scope, options, choose, eager=attempt % 3 == 1)
        checked = forms.check(form, values, scope, clock.now(), known=known)
        if not checked.errors:
            return values
        said = "；".join(f"{one.field}: {one.message}" for one in checked.errors)
    raise Stumped(f"{form.name}: {said}")


def _guess(
    form: forms.Form, scope: Mapping[str, Value], options: Options, choose: random.Random, *, eager: bool
) -> dict[str, Value]:
    """Field by field in the order of the page; what is filled in may show others."""
    values: dict[str, Value] = {}
    for _round in range(4):
        views = {one.name: one for one in forms.view(form, values, scope, now=clock.now(), options=options(values))}
        todo = [
            field
            for field in form.fields
            if field.is_writable and field.name not in values and views[field.name].visible
        ]
        if not todo:
            break
        for field in todo:
            values[field.name] = _answer(field, views[field.name], choose, eager=eager)
    views = {one.name: one for one in forms.view(form, values, scope, now=clock.now(), options=options(values))}
    return {name: value for name, value in values.items() if views[name].visible}


def _answer(field: Field, view: FieldView, choose: random.Random, *, eager: bool) -> Value:
    if view.proposed and choose.random() < 0.8:
        kept = forms.parse(_alone(field), {field.name: [view.proposed]}).get(field.name)
        if kept is not None:
            return kept
    if not field.required and not eager and choose.random() < 0.5:
        return None
    maker = _MAKERS.get(field.widget, _text)
    return maker(field, view.choices, choose)


def _alone(field: Field) -> forms.Form:
    return forms.Form("alone", "", "", (field,), {field.name: field})


def _text(field: Field, _choices: Any, choose: random.Random) -> Value:
    said = "，".join(choose.sample(_WORDS, 2))
    return said[: field.schema.get("maxLength", 200)]


def _number(field: Field, _choices: Any, choose: random.Random) -> Value:
    low = Decimal(str(field.schema.get("minimum", 0)))
    high = Decimal(str(field.schema.get("maximum", max(low, Decimal(20)))))
    step = Decimal(str(field.schema.get("multipleOf", 1)))
    found = low + step * choose.randrange(int(min((high - low) / step, Decimal(30))) + 1)
    return int(found) if found == int(found) else found


def _day(field: Field, _choices: Any, choose: random.Random) -> Value:
    return _coming(choose).isoformat()


def _coming(choose: random.Random) -> date:
    return clock.now().date() + timedelta(days=choose.randrange(1, 15))


def _moment(field: Field, _choices: Any, choose: random.Random) -> Value:
    return datetime.combine(_coming(choose), time(choose.randrange(9, 17)), clock.LOCAL).isoformat()


def _one(field: Field, choices: Any, choose: random.Random) -> Value:
    offered = [one.value for one in field.choices] or [one.value for one in choices]
    return choose.choice(offered) if offered else None


def _some(field: Field, choices: Any, choose: random.Random) -> Value:
    offered = [one.value for one in field.choices] or [one.value for one in choices]
    return [one for one in offered if choose.random() < 0.7] or offered[:1]


def _yes_no(_field: Field, _choices: Any, choose: random.Random) -> Value:
    return choose.random() < 0.5


def _phone(_field: Field, _choices: Any, choose: random.Random) -> Value:
    return f"139{choose.randrange(10**8):08}"


def _identity(_field: Field, _choices: Any, choose: random.Random) -> Value:
    body = f"110101{choose.randrange(1950, 2005)}{choose.randrange(1, 13):02}{choose.randrange(1, 29):02}"
    body += f"{choose.randrange(1000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(one) * weight for one, weight in zip(body, weights, strict=True)) % 11]


def _address(field: Field, choices: Any, choose: random.Random) -> Value:
    place = _one(field, choices, choose)
    return {"place": place, "detail": f"{choose.randrange(1, 5)}单元"} if place else None


def _geo(_field: Field, _choices: Any, choose: random.Random) -> Value:
    return {"lat": round(30 + choose.random(), 4), "lon": round(120 + choose.random(), 4)}


def _signature(_field: Field, _choices: Any, _choose: random.Random) -> Value:
    return {"name": "模拟人", "confirmed": True}


def _rows(field: Field, _choices: Any, choose: random.Random) -> Value:
    return [
        {
            column.name: _MAKERS.get(column.widget, _text)(column, column.choices, choose)
            for column in field.columns
            if column.is_writable
        }
        for _number in range(choose.randrange(max(1, field.schema.get("minItems", 1)), 4))
    ]


def _nothing(_field: Field, _choices: Any, _choose: random.Random) -> Value:
    return None


_MAKERS: Mapping[str, Callable[[Field, Any, random.Random], Value]] = {
    "number": _number,
    "money": _number,
    "date": _day,
    "date-time": _moment,
    "choice": _one,
    "choices": _some,
    "yes-no": _yes_no,
    "person": _one,
    "case": _one,
    "place": _one,
    "unit": _one,
    "phone": _phone,
    "id-number": _identity,
    "photo": _nothing,
    "file": _nothing,
    "rating": _one,
    "signature": _signature,
    "rows": _rows,
    "address": _address,
    "geo": _geo,
}

__all__ = ["Choice", "Stumped", "fill"]
