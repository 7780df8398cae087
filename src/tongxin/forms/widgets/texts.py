"""Texts: one line, many lines, phone numbers."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import re2

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.widget import Widget, refuse_strange_characters
from tongxin.words import _

_SHORT, _LONG = 2_000, 20_000  # characters, where the schema names no maxLength
_PHONE_LONGEST = 40
_SEPARATORS = re.compile(r"[\s()‐-―−ー-]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(0[1-9][0-9]{1,2})([2-9][0-9]{6,7})")
_SERVICE = re.compile(r"([48]00)([0-9]{7})")


@lru_cache(256)
def compiled(pattern: str) -> Any:
    """A pattern of a schema, in linear time."""
    return re2.compile(pattern)


class Text(Widget):
    default_limit = _SHORT

    def limit(self, field: Field) -> int:
        return int(field.schema.get("maxLength", self.default_limit))

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, str):
            raise Problem(_("{title}应为文字", title=field.title))
        limit = self.limit(field)
        if len(value) > limit:
            raise Problem(
                _("{title}最多 {limit} 字，现在有 {n} 字，请缩短", title=field.title, limit=limit, n=len(value))
            )
        text = self.tidy(value)
        refuse_strange_characters(text)
        shortest = field.schema.get("minLength", 0)
        if len(text) < shortest:
            raise Problem(_("{title}至少 {n} 字", title=field.title, n=shortest))
        pattern = field.schema.get("pattern")
        if pattern and not compiled(pattern).search(text):
            raise Problem(_("{title}的格式不对，请核对后重新填写", title=field.title))
        return text

    def tidy(self, text: str) -> str:
        return " ".join(text.split()) if "\n" in text or "\r" in text else text.strip()

    def attributes(self, field: Field) -> dict[str, str]:
        return {"maxlength": str(self.limit(field))}


class LongText(Text):
    control = "textarea"
    default_limit = _LONG

    def tidy(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()

    def attributes(self, field: Field) -> dict[str, str]:
        return {**super().attributes(field), "rows": "4"}


class Phone(Widget):
    def check(self, field: Field, value: Value, now: datetime) -> Value:
        phone = _plain_phone(value) if isinstance(value, str) and len(value) <= _PHONE_LONGEST else None
        if phone is None:
            raise Problem(_("{title}应为 11 位手机号或带区号的座机", title=field.title))
        return phone

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return str(value)

    def attributes(self, field: Field) -> dict[str, str]:
        return {"type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": str(_PHONE_LONGEST)}


def _plain_phone(text: str) -> str | None:
    """A phone number in one way of writing: 13812345678, 0471-1234567, 400-1234567."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if _MOBILE.fullmatch(digits):
        return digits
    match = _LANDLINE.fullmatch(digits) or _SERVICE.fullmatch(digits)
    return f"{match[1]}-{match[2]}" if match else None
