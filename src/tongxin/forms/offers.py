"""Pick lists that an expression makes: what may be chosen is what the case, and what is typed, make of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tongxin.feel import FeelError, Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.picks import same
from tongxin.words import _

WIDGETS = frozenset({"choice", "choices", "person", "case", "unit"})  # those that may have such a list
MOST = 500
_VALUES = ("value", "person", "case", "unit")  # a context is worth the first of these that it has
_TITLES = ("title", "name", "unit_name")


def offered(field: Field, names: Mapping[str, Value], now: datetime | None) -> tuple[Choice, ...]:
    """What `x-options` makes of these names; nothing when it cannot be worked out."""
    if field.options is None:
        return field.choices
    try:
        found = field.options.evaluate(names, now)
    except FeelError:
        return ()
    items = found if isinstance(found, list) else [found]
    choices = (_choice(item) for item in items[:MOST])
    return tuple({str(one.value): one for one in choices if one is not None}.values())


def chosen(field: Field, value: Value, choices: Sequence[Choice]) -> Value:
    """The value as the list has it, of a list each item, in the list's order; raises Problem."""
    if not choices:
        raise Problem(_("{title}现在没有可选的，请先放一放，或联系管理员", title=field.title))
    items = value if isinstance(value, list) else [value]
    known = [choice.value for item in items for choice in choices if _is(choice.value, item)]
    if len(known) != len(items):
        raise Problem(_("请从列表里选择{title}", title=field.title))
    return [one.value for one in choices if one.value in known] if isinstance(value, list) else known[0]


def _is(offer: Value, sent: Value) -> bool:
    """Equal; a page sends numbers as text."""
    return same(offer, sent) or (isinstance(sent, str) and not isinstance(offer, bool) and str(offer) == sent)


def _choice(item: Value) -> Choice | None:
    """A plain value says itself what it is; a context has a value and a title, and a group if it likes."""
    if isinstance(item, Mapping):
        value = next((item[key] for key in _VALUES if item.get(key) is not None), None)
        title = next((item[key] for key in _TITLES if item.get(key) is not None), value)
        group = item.get("group")
        return _of(value, title, "" if group is None else str(group))
    return _of(item, item, "")


def _of(value: Value, title: Value, group: str) -> Choice | None:
    if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) and str(value).strip():
        return Choice(value, str(title), group)
    return None
