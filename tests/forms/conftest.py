from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tongxin import forms

DATA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "what": {"type": "string", "title": "什么事", "maxLength": 500},
        "name": {"type": "string", "title": "称呼", "maxLength": 20},
        "phone": {"type": "string", "format": "phone", "title": "电话", "x-sensitive": "contact"},
        "urgent": {"type": "boolean", "title": "紧急"},
        "cost": {"type": "number", "format": "money", "title": "费用(元)", "minimum": 0, "maximum": 100000},
        "hours": {"type": "number", "multipleOf": 0.5, "title": "工时"},
        "people": {"type": "integer", "title": "人数", "minimum": 1, "maximum": 50},
        "kind": {"type": "string", "title": "类别", "enum": ["下水道", "燃气", "路灯", "电梯", "道路", "其他"]},
        "source": {
            "type": "string",
            "title": "来源",
            "oneOf": [{"const": "web", "title": "网上"}, {"const": "group", "title": "群里"}],
        },
        "tags": {"type": "array", "title": "标签", "items": {"enum": ["夜间", "老人", "儿童"]}},
        "on": {"type": "string", "format": "date", "title": "日期"},
        "at": {"type": "string", "format": "date-time", "title": "时间"},
        "member": {"type": "string", "format": "person", "title": "党员"},
        "id_no": {"type": "string", "format": "id-number", "title": "身份证号"},
        "unit": {"type": "string", "format": "unit", "title": "转给哪里", "x-level": "grid"},
        "home": {
            "type": "object",
            "format": "address",
            "title": "住址",
            "properties": {"detail": {"x-sensitive": "hidden", "maxLength": 12}},
        },
        "photos": {"type": "array", "format": "photo", "title": "照片", "maxItems": 2, "items": {"type": "string"}},
        "sign": {"type": "object", "format": "signature", "title": "申请人签名", "x-typed": True},
        "lines": {
            "type": "array",
            "title": "明细",
            "format": "rows",
            "maxItems": 4,
            "x-total": ["amount", "subtotal"],
            "items": {
                "type": "object",
                "required": ["item", "amount"],
                "properties": {
                    "item": {"type": "string", "title": "品名", "maxLength": 20},
                    "amount": {"type": "integer", "title": "数量", "minimum": 1},
                    "price": {"type": "number", "format": "money", "title": "单价"},
                    "subtotal": {"type": "number", "format": "money", "title": "小计", "x-value": "amount * price"},
                    "on": {"type": "string", "format": "date", "title": "日期"},
                    "paid": {"type": "boolean", "title": "已付"},
                    "payee": {"type": "string", "format": "id-number", "title": "收款人"},
                },
            },
        },
        "rating": {"type": "integer", "title": "评分", "format": "rating"},
        "total": {"type": "number", "title": "合计"},
        "limit": {"type": "string", "format": "duration", "title": "时限"},
    },
}


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 5, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def dictionary() -> forms.Dictionary:
    return forms.Dictionary(DATA)


@pytest.fixture
def data() -> dict[str, Any]:
    return DATA


@pytest.fixture
def make(dictionary: forms.Dictionary) -> Callable[..., forms.Form]:
    """Makes a form of these variables with what is added to them: make(required=("what",), what={"readOnly": True})."""

    def made(required: tuple[str, ...] = (), **fields: dict[str, Any]) -> forms.Form:
        properties = {
            name: added if added.get("x-widget") == "note" else {"$ref": f"../data.json#/properties/{name}", **added}
            for name, added in fields.items()
        }
        described = {"title": "核实", "type": "object", "required": list(required), "properties": properties}
        return forms.load("check", described, dictionary)

    return made
