"""An address: a place of the tree and the way on from there, in words the server writes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]
KNOWN: forms.Known = {"address": lambda _field, code: {"YY102": "怡园社区 怡园小区2号楼"}.get(code, "")}


def checked(make: Make, now: datetime, value: Any, **added: Any) -> forms.Checked:
    return forms.check(make(home=added), {"home": value}, {}, now, KNOWN)


def test_the_server_writes_its_words(make: Make, now: datetime) -> None:
    value = checked(make, now, {"place": "YY102", "detail": " 3单元\n502 ", "text": "别处"}).values["home"]
    assert value == {"place": "YY102", "detail": "3单元 502", "text": "怡园社区 怡园小区2号楼 3单元 502"}
    assert checked(make, now, {"place": "YY102"}).values["home"] == {"place": "YY102", "text": "怡园社区 怡园小区2号楼"}
    assert checked(make, now, {"place": "", "detail": ""}).values == {"home": None}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("YY102", "住址应写成地点和门牌两部分"),
        ({}, "住址应写成地点和门牌两部分"),
        ({"place": "YY102", "door": "1"}, "住址应写成地点和门牌两部分"),
        ({"place": ["YY102"]}, "请从列表里选择住址"),
        ({"place": "NOWHERE"}, "没有找到这个地点，请重新选择住址"),
        ({"place": "YY102", "detail": 5}, "住址应为文字"),
        ({"place": "YY102", "detail": "长" * 13}, "住址最多 12 字，现在有 13 字，请缩短"),
        ({"place": "YY102", "detail": "a\0"}, "含有无法保存的字符，请删去后重新填写"),
        ({"detail": "502"}, "请选择住址在哪里，只写门牌找不到"),
    ],
)
def test_what_is_no_address_is_told(make: Make, now: datetime, value: Any, message: str) -> None:
    assert [error.message for error in checked(make, now, value).errors] == [message]


def test_what_a_page_sends(make: Make, now: datetime) -> None:
    form = make(required=("home",), home={})
    sent = forms.parse(form, {"home": ["YY102"], "home:detail": ["502"], "home:find": ["怡园"]})
    assert sent == {"home": {"place": "YY102", "detail": "502"}}
    assert sent.finds == {"home": "怡园"}
    assert forms.parse(form, {}) == {"home": None}
    looking = forms.parse(form, {"home:find": ["怡园"]})
    assert [one.message for one in forms.check(form, looking, {}, now).errors] == ["请从找到的结果里选一处，作为住址"]


def test_only_the_detail_is_masked_where_only_it_is_sensitive(make: Make, data: dict[str, Any]) -> None:
    value = {"place": "YY102", "detail": "3单元502", "text": "怡园社区 怡园小区2号楼 3单元502"}
    form = make(home={"readOnly": True})
    assert forms.view(form, {"home": value}, {})[0].display == "怡园社区 怡园小区2号楼 ***"
    assert forms.view(form, {"home": value}, {}, reveal=True)[0].display.endswith("502")
    assert forms.view(form, {"home": value}, {})[0].detail == ""
    whole = make(home={"readOnly": True, "x-sensitive": "hidden"})
    assert forms.view(whole, {"home": value}, {})[0].display == "***"


def test_expressions_read_its_parts_also_while_one_types(make: Make, now: datetime) -> None:
    form = make(home={}, what={"x-value": "home.text"}, name={"x-visible": 'home.place = "YY102"'})
    offered = [forms.Choice("YY102", "怡园小区2号楼", "怡园社区")]
    typed = {"home": {"place": "YY102", "detail": "502"}}
    drawn = forms.view(form, typed, {}, options={"home": offered}, reveal=True)
    assert [one.display for one in drawn] == ["怡园社区 怡园小区2号楼 502", "怡园社区 怡园小区2号楼 502", ""]
    assert drawn[2].visible
    known = forms.check(form, {"home": {"place": "YY102", "detail": "502"}}, {}, now, KNOWN).values
    assert known["what"] == "怡园社区 怡园小区2号楼 502"


def test_what_the_api_is_told(make: Make) -> None:
    home = forms.schema(make(required=("home",), home={}))["properties"]["home"]
    assert home["properties"]["detail"] == {"type": "string", "maxLength": 12}
    assert (home["required"], home["format"]) == (["place"], "address")


def test_levels(make: Make) -> None:
    assert make(home={"x-level": "building"})
    for wrong in ("house", [], ["building", 5], {"building": 1}):
        with pytest.raises(forms.FormError, match="x-level"):
            make(home={"x-level": wrong})
