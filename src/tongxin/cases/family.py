"""Cases that belong together: one starts another, lists those that wait, sends to one, and hears of its end.

What one case does to another travels as a job, each in a transaction of its own: no two cases are locked at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.cases import codes
from tongxin.cases.held import Held
from tongxin.cases.models import Case, Subscription
from tongxin.jobs import Job
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.procedures.models import DefinitionRow
from tongxin.procedures.package import CASE_ENDED
from tongxin.words import _

Value = Any
CHILD, ABOUT = "child", "about"
TIES = (CHILD, "referred", "agenda", "continues", ABOUT)
MOST_WAITING = 200


class Unfit(Exception):
    """What a step asks of another case cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A case to be: its id and code are known before it is there."""

    case_id: int
    code: str
    job: Job


def start(session: Session, held: Held, given: Mapping[str, Value], once: str, by: int | None) -> Begun:
    """A case of another procedure, begun by a job. `given`: `procedure`, and any of `unit`, `place`, `tie`; the rest
    are the variables it begins with. `by`: the account whose step begins it, which has opened it. Raises Unfit."""
    asked = dict(given)
    procedure, code = (str(asked.pop(name, None) or "") for name in ("procedure", "unit"))
    place, tie = asked.pop("place", None), str(asked.pop("tie", None) or CHILD)
    known_tie(tie)
    definition = _current(session, procedure)
    node = next((one for one in definition.process.starts.values() if one.event == "none"), None)
    if node is None:
        raise Unfit(_("“{procedure}”没有普通的开始事件，只能自己开始。", procedure=definition.file.title))
    strange = asked.keys() - definition.dictionary.properties.keys()
    if strange:
        named = {"procedure": definition.file.title, "names": _("、").join(sorted(strange))}
        raise Unfit(_("“{procedure}”没有这些变量：{names}。", **named))
    where = _unit(session, str(place or code)) if place or code else _here(session, held)
    try:
        unit = directory.at_level(session, where, definition.file.start.level)
    except directory.NoSuchUnit as none:
        raise Unfit(str(none)) from none
    case_id = session.connection().execute(text("SELECT nextval('cases_id_seq')")).scalar_one()
    fresh = codes.fresh(definition.file.code, unit.code, clock.now().date())
    args = {
        "procedure": procedure,
        "node": node.id,
        "unit_id": where.id,
        "payload": definition.dictionary.encode(asked),
        "once": once,
        "case_id": held.case.id,
        "new_id": case_id,
        "code": fresh,
        "tie": tie,
        "by": by,
    }
    return Begun(case_id, fresh, Job("open_case", args))


def _here(session: Session, held: Held) -> Unit:
    """Where this case is, as exactly as is known."""
    return session.get_one(Unit, held.area.place_id or held.area.unit_id)


def known_tie(tie: str) -> str:
    """The kind of tie, if there is such a one. Raises Unfit."""
    if tie not in TIES:
        raise Unfit(_("没有“{tie}”这种关系，可用：{known}。", tie=tie, known=_("、").join(TIES)))
    return tie


def waiting(session: Session, held: Held, message: str, procedure: str | None) -> list[dict[str, Value]]:
    """Open cases within this one's unit that wait for a message, the oldest first, `MOST_WAITING` at most."""
    place = aliased(Unit)
    statement = (
        select(Case, col(place.name))
        .join(Subscription, col(Subscription.case_id) == col(Case.id))
        .join(Unit, col(Unit.id) == col(Case.unit_id))
        .outerjoin(place, col(place.id) == col(Case.place_id))
        .where(
            col(Subscription.message) == message,
            col(Subscription.kind) == "message",
            col(Case.status) == "open",
            col(Case.id) != held.case.id,
            col(Unit.path).startswith(held.area.path, autoescape=True),
        )
        .order_by(col(Case.opened_at), col(Case.id))
    )
    if procedure:
        versions = select(DefinitionRow.id).where(col(DefinitionRow.key) == procedure)
        statement = statement.where(col(Case.definition_id).in_(versions))
    rows = {case.id: (case, place_name) for case, place_name in session.exec(statement.limit(MOST_WAITING))}
    return [
        {
            "case": str(case.id),
            "code": case.code,
            "title": case.title,
            "place": place_name,
            "opened_at": case.opened_at.astimezone(clock.LOCAL),
        }
        for case, place_name in rows.values()
    ]


def send_job(
    sender: int, effect_key: int, receiver: int, message: str, payload: Mapping[str, Any], answer: str | None = None
) -> Job:
    """The job that carries one message from one case to another, exactly once.

    `answer`: the message that comes back when the receiver waits for it no longer, whatever became of it.
    """
    args: dict[str, Any] = {
        "message_id": f"{sender}:{effect_key}:{receiver}",
        "case_id": receiver,
        "message": message,
        "payload": dict(payload),
    }
    return Job("deliver_message", args | ({"answer": answer} if answer else {}))


def unanswered(session: Session, case: Case, message_id: str, answer: str) -> Job:
    """What comes back to the sender of a message that the receiver no longer waits for."""
    sender = int(message_id.partition(":")[0])
    payload = _end_of(session, case)
    args = {"message_id": f"{message_id}:answer", "case_id": sender, "message": answer, "payload": payload}
    return Job("deliver_message", args)


def ended(session: Session, case: Case) -> list[Job]:
    """A message for every case that waits for the end of this closed one."""
    waits = select(Subscription.case_id, Subscription.key).where(
        col(Subscription.message) == CASE_ENDED, col(Subscription.correlation) == str(case.id)
    )
    rows: Sequence[tuple[int, int]] = session.exec(waits).all()
    return [told(session, case, receiver, key) for receiver, key in rows]


def told(session: Session, case: Case, receiver: int, key: int) -> Job:
    """The message that tells one waiting case of a closed one's end, once."""
    args = {
        "message_id": f"{case.id}:end:{receiver}:{key}",
        "case_id": receiver,
        "message": CASE_ENDED,
        "payload": _end_of(session, case),
        "key": key,
        "correlation": str(case.id),
    }
    return Job("deliver_message", args)


def _end_of(session: Session, case: Case) -> dict[str, Any]:
    """How it stands with a case: which end it reached, and what its procedure returns."""
    definition = catalogue.by_id(session, case.definition_id)
    node = definition.process.nodes.get(case.outcome or "")
    return {
        "case": str(case.id),
        "code": case.code,
        "status": case.status,
        "outcome": case.outcome,
        "outcome_name": (node and node.name) or case.outcome,
        **{name: case.variables.get(name) for name in definition.file.returns},
    }


def case_id(value: Value) -> int | None:
    """A case's id as FEEL has it."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else None


def _current(session: Session, procedure: str) -> Definition:
    try:
        return catalogue.current(session, procedure)
    except catalogue.NoSuchProcedure:
        raise Unfit(_("没有“{procedure}”这个流程。", procedure=procedure)) from None


def _unit(session: Session, code: str) -> Unit:
    found = session.exec(select(Unit).where(col(Unit.code) == code)).first()
    if found is None:
        raise Unfit(_("没有代码为“{code}”的单位或地点。", code=code))
    return found
