from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tongxin import forms

Make = Callable[..., forms.Form]


def test_chooses_the_usual_widgets(make: Make, data: dict[str, Any]) -> None:
    names = [name for name in data["properties"] if name != "limit"]
    form = make(**{name: {} for name in names})
    assert {field.name: field.widget for field in form.fields} == {
        "what": "long-text",
        "name": "text",
        "phone": "phone",
        "urgent": "yes-no",
        "cost": "money",
        "hours": "number",
        "people": "number",
        "kind": "choice",
        "source": "choice",
        "tags": "choices",
        "on": "date",
        "at": "date-time",
        "member": "person",
        "id_no": "id-number",
        "unit": "unit",
        "home": "address",
        "photos": "photo",
        "sign": "signature",
        "lines": "rows",
        "rating": "rating",
        "total": "number",
    }


@pytest.mark.parametrize(
    ("field", "own", "message"),
    [
        ("what", {"x-widget": "texte"}, "没有“texte”这种控件"),
        ("what", {"x-widget": "rating"}, "不能填 string 类型"),
        ("what", {"x-visable": "urgent"}, "是不是“x-visible”"),
        ("what", {"x-visible": "urgent and"}, "x-visible 的表达式“urgent and”不对：表达式没有写完"),
        ("what", {"x-visible": "lenth(what)"}, "没有“lenth”这个函数"),
        ("what", {"maxLength": "10"}, "maxLength 应为整数"),
        ("what", {"pattern": "("}, "pattern 不是正则表达式"),
        ("hours", {"multipleOf": 0}, "应大于 0"),
        ("what", {"x-widget": "choice"}, "要有选项"),
        ("what", {"x-widget": ["text"]}, "没有“['text']”这种控件"),
        ("kind", {"x-alert": {"煤气": "先打电话"}}, "“煤气”不是这个字段的选项"),
        ("people", {"x-check": ["people > 1"]}, "x-check 应为"),
        ("people", {"x-check": {"people > 1": 3}}, "x-check 应为"),
        ("people", {"x-check": {"people >": "太少"}}, "x-check 的表达式“people >”不对"),
        ("people", {"x-check": {"people > 1": "太少 {{ people + }}"}}, "x-check people > 1 里的表达式不对"),
        ("people", {"x-check": {"people > 1": "太少"}, "readOnly": True}, "x-check 只用于"),
        ("what", {"x-sensitive": "secret"}, "x-sensitive 应为"),
    ],
)
def test_refuses_with_form_field_and_reason(make: Make, field: str, own: dict[str, Any], message: str) -> None:
    with pytest.raises(forms.FormError, match=f"表单“check”的字段“{field}”") as refusal:
        make(**{field: own})
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"cots": {"$ref": "../data.json#/properties/cots"}}, "是不是“cost”"),
        ({"price": {"$ref": "../data.json#/properties/cost"}}, "要与变量名“cost”相同"),
        ({"cost": {"type": "number"}}, "要用"),
        ({"cost": 5}, "应为一个对象"),
        ([], "应为 JSON Schema 对象"),
    ],
)
def test_refuses_bad_references(properties: Any, message: str, dictionary: forms.Dictionary) -> None:
    with pytest.raises(forms.FormError, match=message):
        forms.load("check", {"properties": properties}, dictionary)


def test_refuses_to_require_what_is_not_there(dictionary: forms.Dictionary) -> None:
    with pytest.raises(forms.FormError, match="没有这个字段"):
        forms.load("check", {"required": ["what"], "properties": {}}, dictionary)


def test_publishes_a_schema_that_agrees_with_the_check(make: Make) -> None:
    form = make(
        required=("what", "kind"),
        what={},
        kind={"x-visible": "urgent"},
        urgent={},
        rating={},
        phone={"readOnly": True},
        total={"x-value": "cost"},
        hint={"x-widget": "note", "title": "说明"},
    )
    described = forms.schema(form)
    Draft202012Validator.check_schema(described)
    assert list(described["properties"]) == ["what", "kind", "urgent", "rating"]
    assert described["required"] == ["what"]
    validator = Draft202012Validator(described)
    assert validator.is_valid({"what": "堵了", "kind": None, "rating": 5, "urgent": True})
    assert not validator.is_valid({"what": "堵了", "kind": "煤气"})
    assert not validator.is_valid({"what": "堵了", "phone": "13812345678"})
