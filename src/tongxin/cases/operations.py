"""What a diagram asks of the platform itself (`platform.*`): run inside the step's own transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tongxin import engine
from tongxin.cases import family, releasing, surroundings
from tongxin.cases.held import Held
from tongxin.cases.models import Case, CaseLink
from tongxin.cases.save import Change
from tongxin.events import Actor, Happening
from tongxin.jobs import Job
from tongxin.words import _

Value = Any
MERGED = "merged"


class OperationFailed(Exception):
    """An operation of the platform cannot be done like this; the message says why."""

    def __init__(self, node: str, reason: str) -> None:
        super().__init__(reason)
        self.node = node


def answered(session: Session, held: Held, change: Change, step: engine.Step, now: datetime, by: Actor) -> engine.Step:
    """The step with what the diagram asks of the platform answered; what needs a connector is left to the workers.

    And what other cases are needed for, in a resident's step: their pages may not look at other people's cases.
    Raises OperationFailed.
    """
    waiting = list(step.effects)
    while waiting:
        effect = waiting.pop(0)
        if not is_ours(effect) or (by.kind == "reporter" and effect.action in _ABOUT_OTHERS):
            args = {"case_id": held.case.id, "key": effect.key, "node": effect.node, "action": effect.action}
            args["input"] = held.definition.dictionary.encode(effect.input)
            change.jobs.append(Job("call_connector", args))
            continue
        result = run(session, held, change, effect)
        following = engine.resolve(
            held.definition.process, step.state, step.variables, effect.key, result, now, held.env_at(change.level)
        )
        waiting += following.effects
        step = engine.then(step, following)
    return step


def run(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Do it and return its result; raises OperationFailed."""
    try:
        return _OPERATIONS[effect.action](session, held, change, effect)
    except (family.Unfit, surroundings.Unfit) as unfit:
        raise OperationFailed(effect.node, str(unfit)) from unfit


def is_ours(effect: engine.Effect) -> bool:
    """Whether an effect is an operation of the platform rather than a connector's."""
    return effect.action in _OPERATIONS


def _merge(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Tie this case to another of the same procedure; it will hear what becomes of that one."""
    other_id = family.case_id(effect.input.get("case"))
    other = session.get(Case, other_id) if other_id is not None else None
    if other is None or other.id == held.case.id or other.unit_id != held.case.unit_id:
        raise OperationFailed(effect.node, _("要合并到的那一件不存在，或不在本单位。"))
    earlier = session.exec(
        select(CaseLink.to_id).where(col(CaseLink.from_id) == held.case.id, col(CaseLink.kind) == MERGED)
    ).all()
    change.unlink += [(one, MERGED) for one in earlier if one != other.id]  # a merging that came to nothing
    if other.id not in earlier:
        change.links.append((other.id, MERGED))
    change.happenings.append(Happening("merged", {"into": other.code}))
    # the other may have been answered at this very moment, before it could see the tie
    change.jobs.append(Job("catch_up", {"case_id": held.case.id, "with_id": other.id}))
    return {"code": other.code}


def _send_to_merged(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Send a message to every case merged into this one; delivered by jobs, each in a transaction of its own."""
    given = dict(effect.input)
    message = str(given.pop("message", ""))
    payload = held.definition.dictionary.encode(given)
    receivers = session.exec(
        select(CaseLink.from_id).where(col(CaseLink.to_id) == held.case.id, col(CaseLink.kind) == MERGED)
    ).all()
    for receiver in receivers:
        change.jobs.append(family.send_job(held.case.id, effect.key, receiver, message, payload))
    change.happenings.append(Happening("message_sent", {"message": message, "payload": payload, "effect": effect.key}))
    return len(receivers)


def _start_case(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Begin a case of another procedure, tied to this one; its id and code are known at once."""
    by = change.by.account_id if change.by and change.by.kind == "person" else None
    begun = family.start(session, held, effect.input, f"started {held.case.id}:{effect.key}", by)
    change.jobs.append(begun.job)
    change.happenings.append(Happening("case_started", {"case": begun.case_id, "code": begun.code}))
    return {"case": str(begun.case_id), "code": begun.code}


def _waiting_cases(session: Session, held: Held, _change: Change, effect: engine.Effect) -> Value:
    """Cases of this one's unit that wait for a message."""
    procedure = effect.input.get("procedure")
    return family.waiting(session, held, str(effect.input.get("message") or ""), procedure and str(procedure))


def _send(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Send a message to one case, whatever key it waits under; with `if_gone`, hear when it waits no longer.

    `tie`: how the two belong together from now on.
    """
    given = dict(effect.input)
    message, answer, tie = str(given.pop("message", "")), given.pop("if_gone", None), given.pop("tie", None)
    receiver = family.case_id(given.pop("case", None))
    if receiver is None or session.get(Case, receiver) is None:
        raise OperationFailed(effect.node, _("没有写消息发给哪一件（case），或没有那一件。"))
    if tie is not None:
        change.links.append((receiver, family.known_tie(str(tie))))
    payload = held.definition.dictionary.encode(given)
    change.jobs.append(family.send_job(held.case.id, effect.key, receiver, message, payload, answer and str(answer)))
    change.happenings.append(Happening("sent", {"kind": "message", "message": message, "node": effect.node}))
    return None


def _people(session: Session, held: Held, _change: Change, effect: engine.Effect) -> Value:
    """Who holds a role around here."""
    return surroundings.people(session, held, effect.input)


def _ledger(session: Session, held: Held, _change: Change, effect: engine.Effect) -> Value:
    """How the ledger of a procedure stands in this case's area."""
    return surroundings.ledger(session, held, effect.input)


def _notify(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """A line of news for people; how many there are."""
    text = str(effect.input.get("text") or "")
    told = surroundings.addressees(session, held, effect.input)
    change.notices += [(account, text) for account in told if text]
    return len(told)


def _hand_over(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """The case is another level's from now on; those who had it keep their sight of it and are told."""
    level, reason = effect.input.get("level"), str(effect.input.get("reason") or "")
    before = change.level or held.case.level
    if level is None:
        up = surroundings.one_level_up(session, held, before)
    else:
        up = surroundings.unit_at(session, held, level)
    change.level = up.level
    details = {"from_level": before, "to_level": up.level, "unit": up.name, "text": reason}
    change.happenings.append(Happening("case_handed_over", details))
    said = _("{title}：已交{unit}办理", title=held.case.title, unit=up.name)
    change.notices += [(account, said) for account in surroundings.hands(session, held)]
    return {"level": up.level, "unit": up.code, "unit_name": up.name}


def _publish(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """The text on the public board, released by whoever does this step. Raises releasing.Doubtful."""
    text = str(effect.input.get("text") or "").strip()[: releasing.LONGEST]
    if change.by.kind != "person":
        raise OperationFailed(effect.node, _("公示要由工作人员办，不能由系统或居民办。"))
    obstacle = releasing.kept_off(session, held)
    if obstacle or not text:
        raise OperationFailed(effect.node, obstacle or _("没有要公示的内容。"))
    change.happenings.append(releasing.cleared(held, text, confirmed=effect.input.get("sure") is True))
    change.release = text
    return text


_OPERATIONS: Mapping[str, Callable[[Session, Held, Change, engine.Effect], Value]] = {
    "platform.merge": _merge,
    "platform.send_to_merged": _send_to_merged,
    "platform.start_case": _start_case,
    "platform.waiting_cases": _waiting_cases,
    "platform.send": _send,
    "platform.people": _people,
    "platform.ledger": _ledger,
    "platform.notify": _notify,
    "platform.hand_over": _hand_over,
    "platform.publish": _publish,
}
# What a resident's step leaves to the workers: their pages see neither other cases nor who works here.
_ABOUT_OTHERS = frozenset(_OPERATIONS) - {"platform.merge", "platform.send_to_merged"}
