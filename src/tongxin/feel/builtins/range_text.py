"""The function range: a text such as `[1..10)` to a range."""

import re

from tongxin.feel import literals, logic
from tongxin.feel.builtins.registry import BUILTINS, builtin
from tongxin.feel.frame import Frame
from tongxin.feel.lexer import Token, unquoted
from tongxin.feel.values import Range, Value

_LONGEST = 1000
_STRING = r'"(?:[^"\\]|\\.)*"'
_END = rf"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|@?{_STRING}|(?:date|time|date and time|duration)\(\s*{_STRING}\s*\)|"
_RANGE = re.compile(rf"\s*([\[(\]])\s*({_END})\s*\.\.\s*({_END})\s*([\])\[])\s*", re.DOTALL)
_NO_END = object()  # the text stands for nothing that could be an end


@builtin("range", "from: string", frame=True)
def _range(frame: Frame, text: str) -> Value:
    """Ends are literals; one left out is open. Null for ends that have no order, or the wrong one."""
    match = _RANGE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not (match[2] or match[3]):
        return None
    start, end = _end(frame, match[2]), _end(frame, match[3])
    start_included, end_included = match[1] == "[", match[4] == "]"
    if _NO_END in (start, end) or (start is None and start_included) or (end is None and end_included):
        return None
    if start is not None and end is not None and logic.at_most(start, end) is not True:
        return None
    return Range(start, end, start_included, end_included)


def _end(frame: Frame, text: str) -> Value:
    """None for an end left out."""
    if not text:
        return None
    name, quote, rest = text.partition('"')
    if not quote:
        number = literals.number(Token("number", text.lstrip("-"), 0))
        return -number if text.startswith("-") else number
    quoted = unquoted(Token("string", quote + rest.rstrip(" \t\r\n)"), 0))
    if not name:
        return quoted
    found = (
        literals.temporal_value(quoted) if name == "@" else BUILTINS[name.rstrip("( \t\r\n")].invoke(frame, [quoted])
    )
    return _NO_END if found is None else found
