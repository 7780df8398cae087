"""A procedure whose forms answer while one types: every place a form is shown has fields that depend on others."""

import json
from typing import Any

from tests.procedures.packages import flow, package
from tongxin.procedures.package import Package

_DATA: dict[str, Any] = {
    "what": {"type": "string", "title": "什么事", "maxLength": 500},
    "danger": {"type": "boolean", "title": "有没有危险"},
    "danger_note": {"type": "string", "title": "什么危险", "maxLength": 200},
    "home": {
        "type": "object",
        "title": "住哪儿",
        "format": "address",
        "properties": {"detail": {"x-sensitive": "hidden", "maxLength": 20}},
    },
    "call": {"type": "string", "title": "联系电话", "format": "phone"},
    "callback": {"type": "string", "title": "回访电话", "format": "phone"},
    "people": {"type": "integer", "title": "几个人"},
    "days": {"type": "integer", "title": "几天"},
    "meals": {"type": "integer", "title": "要几份饭"},
    "stars": {"type": "integer", "title": "评几星", "format": "rating"},
    "why": {"type": "string", "title": "哪里不满意", "maxLength": 200},
    "reason": {"type": "string", "title": "为什么撤", "enum": ["好了", "别的"]},
    "other": {"type": "string", "title": "别的原因", "maxLength": 200},
}
_VISIBLE = {"danger_note": "danger", "meals": "people > 0", "why": "stars < 3", "other": 'reason = "别的"'}
_BODY = (
    '<startEvent id="begin"/><userTask id="visit" name="上门" tx:form="visit"/>'
    '<userTask id="rate" name="评价" tx:form="rate"/><endEvent id="done"/>'
    '<boundaryEvent id="taken_back" attachedToRef="visit"><messageEventDefinition messageRef="m_withdrawn"/>'
    '</boundaryEvent><boundaryEvent id="given_back" attachedToRef="visit"><messageEventDefinition messageRef="m_back"/>'
    '</boundaryEvent><endEvent id="ended"/>'
    + flow("begin", "visit")
    + flow("visit", "rate")
    + flow("rate", "done")
    + flow("taken_back", "ended")
    + flow("given_back", "ended")
)
_MESSAGES = """
[[messages]]
name = "withdrawn"
title = "撤掉"
by = "reporter"
form = "reason"
[[messages]]
name = "back"
title = "退回"
by = "assignee"
form = "reason"
"""


def _form(*names: str, **more: dict[str, Any]) -> str:
    properties = {}
    for name in names:
        shown = {"x-visible": _VISIBLE[name]} if name in _VISIBLE else {}
        properties[name] = {"$ref": f"../data.json#/properties/{name}", **shown, **more.get(name, {})}
    required = [name for name in names if name in _VISIBLE or name in ("what", "reason")]
    return json.dumps({"title": "填写", "type": "object", "required": required, "properties": properties})


def _made() -> Package:
    nodes = ["begin", "visit", "done", "taken_back", "given_back", "ended"]
    made = dict(package(_BODY, {"community_clerk": nodes, "reporter": ["rate"]}, key="live"))
    made["procedure.toml"] += _MESSAGES
    made["data.json"] = json.dumps({"type": "object", "properties": _DATA})
    messages = '<message id="m_withdrawn" name="withdrawn"/><message id="m_back" name="back"/>'
    made["process.bpmn"] = made["process.bpmn"].replace("<process ", messages + "<process ")
    made["forms/start.json"] = _form("what", "danger", "danger_note", "home", "call")
    made["forms/visit.json"] = _form(
        *("people", "days", "meals", "home", "call", "callback"),
        meals={"x-value": "people * days * 2"},
        callback={"x-prefill": "call", "x-source": "报事时留的电话"},
    )
    made["forms/rate.json"] = _form("stars", "why")
    made["forms/reason.json"] = _form("reason", "other")
    return made


LIVE = _made()
