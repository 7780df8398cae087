"""Events: what they wait for or bring about."""

from collections.abc import Callable, Mapping
from typing import Any

from tongxin.engine.cycles import Cycle
from tongxin.engine.model import Message
from tongxin.engine.moments import Moment
from tongxin.engine.reading import diagram
from tongxin.engine.reading.activities import Details, assignments
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import NOTHING, Draft
from tongxin.engine.reading.references import Declared
from tongxin.words import _


def read_event(element: Element, declared: Declared, draft: Draft) -> Details:
    inputs = {"inputs": assignments(element, "input", draft)}
    for child in element:
        reader = _READERS.get(diagram.kind(child))
        if reader is not None:
            return inputs | reader(element, child, declared, draft)
    if diagram.kind(element) in ("boundaryEvent", "intermediateCatchEvent"):
        draft.error(element, _("没有写等什么"), _("请选消息、信号、定时、条件，或（边界上的）错误、升级、补偿、取消"))
    if inputs["inputs"]:
        draft.error(element, _("这里不能有“tx:{name}”", name="input"), _("只有送出消息或信号的事件才带内容"))
    return {}


def _message(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    message = declared.messages.get(child.get("messageRef", ""))
    if message is None:
        sends = diagram.kind(element) in ("endEvent", "intermediateThrowEvent")
        wrong = _("没有写送出哪个消息") if sends else _("没有写等哪个消息")
        draft.error(element, wrong, _("请选一个消息（messageRef）"))
    return {"event": "message", "message": message or Message("")}


def _signal(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    signal = declared.signals.get(child.get("signalRef", ""))
    if signal is None:
        draft.error(element, _("没有写是哪个信号"), _("请选一个信号（signalRef）"))
    return {"event": "signal", "message": signal or Message("")}


def _timer(element: Element, definition: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "timer", "timer": _moment_or_cycle(element, definition, draft)}


def _moment_or_cycle(element: Element, definition: Element, draft: Draft) -> Moment | Cycle | None:
    for name in ("timeDate", "timeDuration", "timeCycle"):
        text = diagram.text(diagram.child(definition, name))
        if text and name == "timeCycle":
            return draft.cycle(element, text, _("循环定时"))
        if text:
            return draft.moment(element, text, _("定时"))
    draft.error(element, _("没有写定时"), _("请写日期、时长或循环，例如 PT15M、R3/PT1H"))
    return None


def _conditional(element: Element, definition: Element, declared: Declared, draft: Draft) -> Details:
    text = diagram.text(diagram.child(definition, "condition"))
    if not text:
        draft.error(element, _("条件事件没有写条件"), _("请写 FEEL 条件，成立时事件发生"))
    return {"event": "conditional", "condition": draft.expression(element, text, _("条件")) if text else NOTHING}


def _error(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "error", "code": _code(element, child.get("errorRef"), declared.errors, draft)}


def _escalation(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "escalation", "code": _code(element, child.get("escalationRef"), declared.escalations, draft)}


def _code(element: Element, reference: str | None, codes: Mapping[str, str], draft: Draft) -> str | None:
    """The code; None on an event that waits takes any."""
    if not reference and diagram.kind(element) in ("boundaryEvent", "startEvent"):
        return None
    code = codes.get(reference or "")
    if not code:
        draft.error(element, _("错误或升级没有代码"), _("请选一个写了代码（errorCode、escalationCode）的错误或升级"))
    return code


def _compensation(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "compensation", "compensates": child.get("activityRef")}


def _link(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    name = child.get("name", "").strip() or element.get("name", "").strip()
    if not name:
        draft.error(element, _("链接没有名称"), _("请给两端的链接起同一个名称"))
    return {"event": "link", "link": name}


def _cancel(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "cancel"}


def _terminate(element: Element, child: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "terminate"}


_READERS: dict[str, Callable[[Element, Element, Declared, Draft], dict[str, Any]]] = {
    "messageEventDefinition": _message,
    "signalEventDefinition": _signal,
    "timerEventDefinition": _timer,
    "conditionalEventDefinition": _conditional,
    "errorEventDefinition": _error,
    "escalationEventDefinition": _escalation,
    "compensateEventDefinition": _compensation,
    "cancelEventDefinition": _cancel,
    "linkEventDefinition": _link,
    "terminateEventDefinition": _terminate,
}
