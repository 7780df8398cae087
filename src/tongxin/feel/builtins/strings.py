"""Functions of texts; positions count characters from 1."""

from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import re2

from tongxin.feel import temporal
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.far import Far
from tongxin.feel.frame import Budget, Frame
from tongxin.feel.values import FunctionValue, Range, Value, YearsMonths, as_number

_QUIET = re2.Options()
_QUIET.log_errors = False
_QUIET.max_mem = 1 << 20
_SUBJECT_LIMIT = 100_000


@lru_cache(512)
def _pattern(pattern: str, flags: str) -> Any:
    """The compiled pattern, or None if it is none. Linear in time, so no input can hang it."""
    if len(pattern) > 1000 or not set(flags) <= set("smix"):
        return None
    if "x" in flags:
        pattern = "".join(pattern.split())
    kept = "".join(flag for flag in "smi" if flag in flags)
    try:
        return re2.compile(f"(?{kept}){pattern}" if kept else pattern, _QUIET)
    except (re2.error, UnicodeError):
        return None


@builtin("matches", "input: string, pattern: string, flags?: string or null", frame=True)
def _matches(frame: Frame, text: str, pattern: str, flags: str | None = None) -> Value:
    compiled = _pattern(pattern, flags or "")
    frame.budget.spend(len(text) // 64)
    return compiled.search(text) is not None if compiled and len(text) <= _SUBJECT_LIMIT else None


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string or null", frame=True)
def _replace(frame: Frame, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    compiled = _pattern(pattern, flags or "")
    if not compiled or len(text) > _SUBJECT_LIMIT:
        return None
    pieces = []
    end = 0
    for match in compiled.finditer(text):
        filled = replacement if "$" not in replacement and "\\" not in replacement else _filled(replacement, match)
        frame.budget.text(len(filled))
        pieces += [text[end : match.start()], filled]
        end = match.end()
    frame.budget.text(sum(map(len, pieces)))
    return "".join([*pieces, text[end:]])


def _filled(replacement: str, match: Any) -> str:
    """`$1` stands for a group, `\\$` for a dollar sign."""
    out = ""
    at = 0
    while at < len(replacement):
        here, following = replacement[at], replacement[at + 1 : at + 2]
        if here == "\\" and following in {"$", "\\"}:
            out, at = out + following, at + 2
        elif here == "$" and following.isascii() and following.isdigit():
            group = int(following)
            out, at = out + ((match.group(group) or "") if group <= match.re.groups else ""), at + 2
        else:
            out, at = out + here, at + 1
    return out


@builtin("split", "string: string, delimiter: string", frame=True)
def _split(frame: Frame, text: str, delimiter: str) -> Value:
    compiled = _pattern(delimiter, "")
    frame.budget.spend(len(text) // 64)
    return compiled.split(text) if compiled and len(text) <= _SUBJECT_LIMIT else None


@builtin("substring", "string: string, start position: whole, length?: whole")
def _substring(text: str, start: int, length: int | None = None) -> Value:
    if start == 0 or abs(start) > len(text) or (length is not None and length < 1):
        return None if start == 0 or (length is not None and length < 1) else ""
    first = start - 1 if start > 0 else len(text) + start
    return text[first:] if length is None else text[first : first + length]


builtin("string length", "string: string")(len)
builtin("upper case", "string: string")(str.upper)
builtin("lower case", "string: string")(str.lower)
builtin("trim", "string: string")(str.strip)
builtin("contains", "string: string, match: string")(lambda text, match: match in text)
builtin("starts with", "string: string, match: string")(str.startswith)
builtin("ends with", "string: string, match: string")(str.endswith)


@builtin("substring before", "string: string, match: string")
def _before(text: str, match: str) -> Value:
    return text[: text.index(match)] if match in text else ""


@builtin("substring after", "string: string, match: string")
def _after(text: str, match: str) -> Value:
    return text[text.index(match) + len(match) :] if match in text else ""


@builtin("string join", "list: list, delimiter?: string or null", frame=True)
def _join(frame: Frame, items: list[Value], delimiter: str | None = None) -> Value:
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return None
    delimiter = delimiter or ""
    frame.budget.text(sum(map(len, texts)) + len(delimiter) * len(texts))
    return delimiter.join(texts)


@builtin("string", "from: any", frame=True)
def _string(frame: Frame, value: Value) -> Value:
    return None if value is None else text_of(value, frame.budget)


def text_of(value: Value, budget: Budget, inside: bool = False) -> str:
    """The text of a value as FEEL writes it; texts inside lists and contexts are quoted."""
    budget.spend(1)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"') if inside else value
        return f'"{escaped}"' if inside else value
    number = as_number(value)
    if number is not None:
        return _number_text(Decimal(number))
    if isinstance(value, (date, time, timedelta, YearsMonths, Far)):
        return temporal.text_of(value)
    return _compound_text(value, budget)


def _number_text(number: Decimal) -> str:
    if abs(number.adjusted()) > 60:
        return str(number)
    text = f"{number:f}"
    return "0" if text == "-0" else text


def _compound_text(value: Value, budget: Budget) -> str:
    if isinstance(value, list):
        text = f"[{', '.join(text_of(item, budget, True) for item in value)}]"
    elif isinstance(value, dict):
        text = f"{{{', '.join(f'{key}: {text_of(item, budget, True)}' for key, item in value.items())}}}"
    elif isinstance(value, Range):
        ends = [text_of(end, budget, True) if end is not None else "" for end in (value.start, value.end)]
        text = f"{'[' if value.start_included else '('}{'..'.join(ends)}{']' if value.end_included else ')'}"
    else:
        text = "function" if isinstance(value, FunctionValue) else ""
    budget.text(len(text))
    return text
