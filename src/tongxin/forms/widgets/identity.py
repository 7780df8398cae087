"""居民身份证号: eighteen digits that check themselves (GB 11643-1999)."""

import re
import unicodedata
from datetime import date, datetime

from stdnum.cn import ric

from tongxin.feel import Value
from tongxin.forms.model import Field, Problem
from tongxin.forms.widgets.widget import Widget
from tongxin.words import _

_LONGEST = 60  # characters, with the gaps people write
_GAPS = re.compile(r"[\s\-\u2010-\u2015.]+")
_EARLIEST = 1850
# The first digits (GB/T 2260): provinces; 81 to 83 on residence permits of Hong Kong, Macao and Taiwan residents; 9 on
# foreigners' permanent residence cards. Counties are not looked up: they are split, merged and renamed.
_REGION = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[0-9]")
_WRITTEN = re.compile("[0-9]{17}[0-9X]")
PATTERN = "^[1-9][0-9]{16}[0-9X]$"


class IdNumber(Widget):
    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise Problem(_("{title}应为 18 位居民身份证号", title=field.title))
        number = _GAPS.sub("", unicodedata.normalize("NFKC", value)).upper()
        problem = _wrong(field.title, number, now.date())
        if problem:
            raise Problem(problem)
        return number

    def hint(self, field: Field) -> str:
        return _("18 位，最后一位可能是字母 X。请照证件填写。")

    def attributes(self, field: Field) -> dict[str, str]:
        return {
            "inputmode": "text",  # the pad of digits has no X
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "maxlength": str(_LONGEST),
        }


def _wrong(title: str, number: str, today: date) -> str:
    """What is wrong with it; empty when nothing is."""
    if re.fullmatch("[0-9]{15}", number):
        return _("{title}是旧的 15 位号码，请填新证上的 18 位", title=title)
    if len(number) != 18:
        return _("{title}应为 18 位，现在有 {n} 位，请核对", title=title, n=len(number))
    said = ""
    if not _WRITTEN.fullmatch(number):
        said = _("{title}只能有数字，最后一位可以是 X，请核对", title=title)
    elif not _REGION.match(number):
        said = _("{title}的前两位不是地区代码，请核对", title=title)
    elif not _is_birthday(number[6:14], today):
        said = _("{title}里的出生日期（第 7 到 14 位）不对，请核对", title=title)
    elif ric.calc_check_digit(number) != number[17]:
        said = _("{title}对不上校验位，可能写错了一位，请照证件核对", title=title)
    return said


def _is_birthday(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born.year >= _EARLIEST and born <= today
