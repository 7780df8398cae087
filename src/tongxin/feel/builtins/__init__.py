"""The functions of the FEEL standard, one module per kind of value."""

from tongxin.feel.builtins import contexts, dates, lists, numbers, range_text, ranges, statistics, strings
from tongxin.feel.builtins.registry import BUILTINS, OMITTED, Builtin

NAMES = frozenset(BUILTINS)

__all__ = [
    "BUILTINS",
    "NAMES",
    "OMITTED",
    "Builtin",
    "contexts",
    "dates",
    "lists",
    "numbers",
    "range_text",
    "ranges",
    "statistics",
    "strings",
]
