"""The number of an identity card: read however it is written, checked by its own digits, never shown whole."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("110101199003072009", "110101199003072009"),
        (" 110101 19900307-2009 ", "110101199003072009"),
        ("１１０１０１１９９００３０７２００９", "110101199003072009"),
        ("11010119491231018x", "11010119491231018X"),
        ("11010119491231018Ｘ", "11010119491231018X"),
        ("830000199001010012", "830000199001010012"),  # a residence permit
    ],
)
def test_read_however_it_is_written(make: Make, sent: str, kept: str, now: datetime) -> None:
    form = make(id_no={})
    assert forms.check(form, forms.parse(form, {"id_no": [sent]}), {}, now) == forms.Checked({"id_no": kept}, ())


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("110101900307200", "身份证号是旧的 15 位号码，请填新证上的 18 位"),
        ("11010119900307200", "身份证号应为 18 位，现在有 17 位，请核对"),
        ("1101O1199003072009", "身份证号只能有数字，最后一位可以是 X，请核对"),
        ("000101199003072003", "身份证号的前两位不是地区代码，请核对"),
        ("110101199002301009", "身份证号里的出生日期（第 7 到 14 位）不对，请核对"),  # 30 February
        ("150105202603060121", "身份证号里的出生日期（第 7 到 14 位）不对，请核对"),  # tomorrow
        ("110101199003072008", "身份证号对不上校验位，可能写错了一位，请照证件核对"),
        ("110101199003072090", "身份证号对不上校验位，可能写错了一位，请照证件核对"),  # two digits swapped
        (110101199003072009, "身份证号应为 18 位居民身份证号"),
    ],
)
def test_says_what_is_wrong_with_it(make: Make, sent: Any, message: str, now: datetime) -> None:
    checked = forms.check(make(id_no={}), {"id_no": sent}, {}, now)
    assert checked == forms.Checked({}, (forms.Error("id_no", message),))


def test_is_always_masked(make: Make, now: datetime) -> None:
    case = {"id_no": "110101199003072009"}
    for own, shown in (({}, "110*************09"), ({"x-sensitive": "hidden"}, "***")):
        (view,) = forms.view(make(id_no={**own, "readOnly": True}), {}, case, (), now)
        assert (view.display, view.value, view.masked) == (shown, "", True)
    (view,) = forms.view(make(id_no={"readOnly": True}), {}, case, (), now, reveal=True)
    assert view.display == "110101199003072009"


def test_cannot_be_declared_less_than_that(make: Make) -> None:
    with pytest.raises(forms.FormError, match="只能是 identity 或 hidden"):
        make(id_no={"x-sensitive": "name"})
    with pytest.raises(forms.FormError, match="只能是 identity 或 hidden"):
        make(name={"x-widget": "id-number", "x-sensitive": "contact"})


def test_what_a_page_says_of_it(make: Make, now: datetime) -> None:
    (view,) = forms.view(make(id_no={}), {"id_no": "11010"}, {}, (), now)
    assert (view.value, view.help) == ("11010", "18 位，最后一位可能是字母 X。请照证件填写。")
    assert (view.attributes["autocomplete"], view.attributes["inputmode"]) == ("off", "text")
    assert forms.schema(make(id_no={}))["properties"]["id_no"]["pattern"] == "^[1-9][0-9]{16}[0-9X]$"
