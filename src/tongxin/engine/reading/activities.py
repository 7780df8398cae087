"""Activities: what they do, and how often."""

from collections.abc import Callable
from typing import Any

from tongxin.engine.model import Assignment, Loop, Message, Repeat
from tongxin.engine.reading import diagram
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import NOTHING, Draft
from tongxin.engine.reading.references import Declared, data_objects, in_extensions
from tongxin.engine.reading.vocabulary import HUMAN, SUBPROCESSES
from tongxin.words import _

Details = dict[str, Any]


def _human(element: Element, declared: Declared, draft: Draft) -> Details:
    ours = diagram.ours(element)
    limit = ours.get("limit", "").strip()
    return {
        "form": ours.get("form") or None,
        "assignee": draft.optional(element, ours.get("assignee"), "tx:assignee"),
        "limit": draft.moment(element, limit, "tx:limit") if limit else None,
        "title": draft.optional(element, ours.get("title"), "tx:title"),
    }


def _effect(element: Element, declared: Declared, draft: Draft) -> Details:
    action = diagram.ours(element).get("do", "").strip()
    given = {"inputs": assignments(element, "input", draft), "outputs": assignments(element, "output", draft)}
    message = declared.messages.get(element.get("messageRef", ""))
    if diagram.kind(element) == "sendTask" and message and not action:
        if given["outputs"]:
            draft.error(element, _("送出消息不会带回结果"), _("请删去 tx:output，或改用接收任务等回音"))
        return {"event": "message", "message": message, "throws": True, "inputs": given["inputs"]}
    if not action:
        draft.error(element, _("没有写要做什么"), _("请写 tx:do（动作的名称）；发送任务也可以选一个消息"))
    elif element.get("messageRef"):
        draft.error(element, _("既写了动作又选了消息"), _("请留下 tx:do 和消息中的一个"))
    return {"action": action, **given}


def assignments(element: Element, kind: str, draft: Draft) -> tuple[Assignment, ...]:
    """The element's `tx:input` or `tx:output` lines. An input of a call activity becomes a variable."""
    lines = []
    becomes_variable = kind == "output" or diagram.kind(element) == "callActivity"
    for extra in in_extensions(element, kind):
        name, value = extra.get("name", "").strip(), extra.get("value", "").strip()
        if not name or not value:
            draft.error(element, _("tx:{kind} 缺少 name 或 value", kind=kind), _("两个都要写"))
        elif not becomes_variable or draft.variable(element, name, f"tx:{kind}"):
            lines.append(Assignment(name, draft.expression(element, value, f"tx:{kind} {name}")))
    return tuple(lines)


def _script(element: Element, declared: Declared, draft: Draft) -> Details:
    language = element.get("scriptFormat", "feel")
    if "feel" not in language.lower():
        draft.error(
            element, _("脚本语言“{language}”不能用", language=language), _("脚本用 FEEL 写，每行“变量 = 表达式”")
        )
        return {}
    text = diagram.text(diagram.child(element, "script"))
    if not text:
        draft.error(element, _("脚本是空的"), _("请写“变量 = 表达式”，或删去这一步"))
    return {"script": draft.script(element, text)}


def _receive(element: Element, declared: Declared, draft: Draft) -> Details:
    message = declared.messages.get(element.get("messageRef", ""))
    if message is None:
        draft.error(element, _("没有写等哪个消息"), _("请选一个消息（messageRef）"))
    return {"event": "message", "message": message or Message("")}


def _decision(element: Element, declared: Declared, draft: Draft) -> Details:
    ours = diagram.ours(element)
    decision, result = ours.get("decision", "").strip(), ours.get("result", "").strip()
    if not decision:
        draft.error(element, _("没有写按哪个决策判断"), _("请写 tx:decision（决策的名称）"))
    elif decision not in draft.decisions:
        draft.error(element, _("找不到决策“{name}”", name=decision), _("请把决策表（.dmn）放进流程文件夹，或改正名称"))
    if not result:
        draft.error(element, _("没有写结果放进哪个变量"), _("请写 tx:result"))
    else:
        draft.variable(element, result, "tx:result")
    return {"decision": decision, "result": result}


def _call(element: Element, declared: Declared, draft: Draft) -> Details:
    called = element.get("calledElement", "").strip().rpartition(":")[2]
    if not called:
        draft.error(element, _("没有写调用哪个流程"), _("请写被调用流程的编号（calledElement）"))
    return {
        "calls": called,
        "inputs": assignments(element, "input", draft),
        "outputs": assignments(element, "output", draft),
    }


def _subprocess(element: Element, declared: Declared, draft: Draft) -> Details:
    return {"triggered": element.get("triggeredByEvent") == "true", "own": data_objects(element)}


def _ad_hoc(element: Element, declared: Declared, draft: Draft) -> Details:
    until = diagram.text(diagram.child(element, "completionCondition"))
    if not until:
        draft.error(element, _("即席子流程没有写什么时候算办完"), _("请写完成条件（completionCondition）"))
    condition = draft.expression(element, until, _("完成条件")) if until else NOTHING
    return {"condition": condition, "own": data_objects(element)}


ACTIVITY_READERS: dict[str, Callable[[Element, Declared, Draft], Details]] = {
    **dict.fromkeys(HUMAN, _human),
    **dict.fromkeys(SUBPROCESSES, _subprocess),
    "adHocSubProcess": _ad_hoc,
    "serviceTask": _effect,
    "sendTask": _effect,
    "scriptTask": _script,
    "receiveTask": _receive,
    "businessRuleTask": _decision,
    "callActivity": _call,
}


def read_loop(element: Element, draft: Draft) -> Loop | Repeat | None:
    found = diagram.child(element, "multiInstanceLoopCharacteristics")
    if found is not None:
        return _multi_instance(found, draft)
    found = diagram.child(element, "standardLoopCharacteristics")
    return None if found is None else _standard_loop(found, draft)


def _multi_instance(found: Element, draft: Draft) -> Loop:
    ours = diagram.ours(found)
    collection, item, output = ours.get("collection", "").strip(), ours.get("element", "item"), ours.get("output")
    times = diagram.text(diagram.child(found, "loopCardinality"))
    if bool(collection) == bool(times):
        draft.error(
            found,
            _("多实例没有写对谁各办一次，或写了两样") if collection else _("多实例没有写对谁各办一次"),
            _("请写 tx:collection（给出列表的 FEEL 表达式）或次数（loopCardinality）中的一个"),
        )
    for name in filter(None, (item, output)):
        draft.variable(found, name, _("多实例"))
    until = diagram.text(diagram.child(found, "completionCondition"))
    return Loop(
        draft.optional(found, collection, "tx:collection"),
        draft.optional(found, times, _("多实例的次数")),
        item,
        output,
        found.get("isSequential") == "true",
        draft.optional(found, until, _("多实例的完成条件")),
    )


def _standard_loop(found: Element, draft: Draft) -> Repeat:
    condition = diagram.text(diagram.child(found, "loopCondition"))
    most = found.get("loopMaximum", "").strip()
    if most and not (most.isdecimal() and len(most) <= 20 and 0 < int(most) <= 10_000):
        draft.error(found, _("循环的最多次数“{most}”不是 1 到 10000 的整数", most=most[:20]), _("请改正 loopMaximum"))
        most = ""
    if not condition and not most:
        draft.error(found, _("循环没有写条件，也没有最多次数"), _("请写循环条件（成立就再来一次）或最多次数"))
    return Repeat(
        draft.optional(found, condition, _("循环条件")),
        int(most) if most else None,
        found.get("testBefore") == "true",
    )
