"""A procedure that asks for everything a form can ask for, all of it in one task."""

import json
from typing import Any

from tests.procedures.packages import flow, package
from tongxin.procedures.package import Package

_DRAWN = package(
    '<startEvent id="begin"/><userTask id="work" name="登记" tx:form="work"/>'
    '<userTask id="look" name="复核" tx:form="look"/><endEvent id="done" name="办结"/>'
    + flow("begin", "work")
    + flow("work", "look")
    + flow("look", "done"),
    {"community_clerk": ["begin", "work", "look", "done"]},
    key="widgets",
)
DATA: dict[str, Any] = {
    "what": {"type": "string", "title": "什么事", "maxLength": 500},
    "applicant": {"type": "string", "title": "申请人", "maxLength": 20, "x-sensitive": "name"},
    "id_no": {"type": "string", "title": "身份证号", "format": "id-number"},
    "phone": {"type": "string", "title": "联系电话", "format": "phone", "x-sensitive": "contact"},
    "kind": {"type": "string", "title": "申请类别", "enum": ["低保", "临时救助", "住房修缮", "其他"]},
    "needs": {"type": "array", "title": "还需要什么", "items": {"type": "string", "enum": ["上门", "翻译", "代办"]}},
    "urgent": {"type": "boolean", "title": "急不急"},
    "on": {"type": "string", "title": "哪天起", "format": "date"},
    "at": {"type": "string", "title": "约在什么时候", "format": "date-time"},
    "people": {"type": "integer", "title": "家里几口人", "minimum": 1, "maximum": 20},
    "income": {"type": "number", "title": "每月收入", "format": "money", "minimum": 0},
    "each": {"type": "number", "title": "人均收入", "format": "money"},
    "unit": {"type": "string", "title": "转给哪个网格", "format": "unit", "x-level": "grid"},
    "member": {"type": "string", "title": "谁上门", "format": "person", "x-role": "party_member"},
    "lines": {
        "type": "array",
        "title": "费用明细",
        "format": "rows",
        "maxItems": 5,
        "x-total": ["cost"],
        "items": {
            "type": "object",
            "required": ["item", "amount"],
            "properties": {
                "item": {"type": "string", "title": "用途", "maxLength": 40},
                "amount": {"type": "integer", "title": "数量", "minimum": 1},
                "price": {"type": "number", "title": "单价", "format": "money", "minimum": 0},
                "cost": {"type": "number", "title": "小计", "format": "money", "x-value": "amount * price"},
                "paid": {"type": "boolean", "title": "已付"},
            },
        },
    },
    "photos": {"type": "array", "title": "现场照片", "format": "photo", "items": {"type": "string"}},
    "papers": {"type": "array", "title": "证明材料", "format": "file", "maxItems": 3, "items": {"type": "string"}},
    "sign": {"type": "object", "title": "申请人签名", "format": "signature", "x-typed": True},
    "spot": {"type": "object", "title": "现场位置", "format": "geo"},
    "remark": {"type": "string", "title": "备注", "maxLength": 500},
}
SECTIONS: dict[str, dict[str, Any]] = {
    "who": {"x-widget": "section", "title": "申请人", "x-help": "照身份证填写。"},
    "family": {"x-widget": "section", "title": "家庭情况"},
    "costs": {"x-widget": "section", "title": "费用", "x-visible": "urgent"},
    "proof": {"x-widget": "section", "title": "材料"},
    "more": {"x-widget": "section", "title": "其他（可不填）", "x-collapsed": True},
}
ORDER = (
    *("who", "applicant", "id_no", "phone", "kind", "needs", "urgent"),
    *("family", "on", "at", "people", "income", "each", "unit", "member"),
    *("costs", "lines", "proof", "photos", "papers", "sign", "spot", "more", "remark"),
)
REQUIRED = ["applicant", "id_no", "urgent", "people", "unit", "lines", "papers", "sign"]


def _field(name: str, **added: Any) -> dict[str, Any]:
    own = {"$ref": f"../data.json#/properties/{name}", **added}
    return own | ({"x-value": "income / people"} if name == "each" else {})


def widgets() -> Package:
    """The package: one task with every widget, then one that shows it all."""
    work = {name: SECTIONS.get(name) or _field(name) for name in ORDER}
    look = {name: SECTIONS.get(name) or _field(name, readOnly=True) for name in ORDER}
    return {
        **_DRAWN,
        "data.json": json.dumps({"type": "object", "properties": DATA}, ensure_ascii=False),
        "forms/work.json": json.dumps({"title": "请登记这份申请", "required": REQUIRED, "properties": work}),
        "forms/look.json": json.dumps({"title": "请复核这份申请", "properties": look}),
    }
