"""What a diagram asks of the platform itself (`platform.*`): run inside the step's own transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from tongxin import engine
from tongxin.cases.held import Held
from tongxin.cases.models import Case, CaseLink
from tongxin.cases.save import Change
from tongxin.events import Happening
from tongxin.jobs import Job
from tongxin.words import _

Value = Any
MERGED = "merged"


class OperationFailed(Exception):
    """An operation of the platform cannot be done like this; the message says why."""

    def __init__(self, node: str, reason: str) -> None:
        super().__init__(reason)
        self.node = node


def run(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Do it and return its result; raises OperationFailed."""
    return _OPERATIONS[effect.action](session, held, change, effect)


def is_ours(effect: engine.Effect) -> bool:
    """Whether an effect is an operation of the platform rather than a connector's."""
    return effect.action in _OPERATIONS


def _merge(session: Session, held: Held, change: Change, effect: engine.Effect) -> Value:
    """Tie this case to another of the same procedure; it will hear what becomes of that one."""
    other_id = _case_id(effect.input.get("case"))
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
        change.jobs.append(send_job(held.case.id, effect.key, receiver, message, payload))
    change.happenings.append(Happening("message_sent", {"message": message, "payload": payload, "effect": effect.key}))
    return len(receivers)


def send_job(sender: int, effect_key: int, receiver: int, message: str, payload: Mapping[str, Any]) -> Job:
    """The job that carries one message from one case to another, exactly once."""
    args = {
        "message_id": f"{sender}:{effect_key}:{receiver}",
        "case_id": receiver,
        "message": message,
        "payload": dict(payload),
    }
    return Job("deliver_message", args)


def _case_id(value: Value) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else None


_OPERATIONS: Mapping[str, Callable[[Session, Held, Change, engine.Effect], Value]] = {
    "platform.merge": _merge,
    "platform.send_to_merged": _send_to_merged,
}
