"""Messages and signals between cases: who gets what a step has sent.

A step only notes what it sent; a job finds the receivers, and one more for each of them delivers: no transaction
locks two cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from tongxin import engine
from tongxin.cases.held import Held
from tongxin.cases.models import Subscription
from tongxin.engine import Step
from tongxin.jobs import Job
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was sent: `key` with the sending case names it, `payload` is ready for JSON."""

    case_id: int
    key: int
    kind: str  # message | signal
    name: str
    correlation: str | None
    payload: Mapping[str, Any]


def jobs_of(held: Held, step: Step) -> list[Job]:
    """The jobs that pass on what a step has sent. The name is left out: the diagram says it, see `parcel_of`."""
    encode = held.definition.dictionary.encode
    return [
        Job(
            "pass_on",
            {
                "case_id": held.case.id,
                "definition_id": held.case.definition_id,
                "key": one.key,
                "node": one.node,
                "correlation": one.correlation and one.correlation[:200],
                "payload": encode(one.payload),
            },
        )
        for one in step.sent
    ]


def parcel_of(
    case_id: int, process: engine.Process, key: int, node: str, correlation: str | None, payload: Mapping[str, Any]
) -> Parcel | None:
    """What the step at `node` sends; None when no such step of this case's process sends anything."""
    found = process.nodes.get(node)
    if found is None or found.message is None or not found.throws:
        return None
    kind = "signal" if found.event == "signal" else "message"
    return Parcel(case_id, key, kind, found.message.name, correlation, payload)


def jobs_for(session: Session, parcel: Parcel, unit_id: int) -> list[Job]:
    """A job for each that gets it: cases that wait for it, else procedures that begin with it (at the sender's unit).

    A signal is for all; a message for the oldest case that waits under its key, without a key for the sender
    itself. Nobody there: no jobs.
    """
    waiting = select(Subscription.case_id, Subscription.key).where(
        col(Subscription.kind) == parcel.kind, col(Subscription.message) == parcel.name
    )
    if parcel.kind == "signal":
        waiting = waiting.where(col(Subscription.case_id) != parcel.case_id)
    elif parcel.correlation is None:
        waiting = waiting.where(col(Subscription.case_id) == parcel.case_id)
    else:
        waiting = waiting.where(col(Subscription.correlation) == parcel.correlation)
    rows = session.exec(waiting.order_by(col(Subscription.case_id), col(Subscription.key))).all()
    if parcel.kind == "message":
        rows = rows[:1]
    found = [_delivery(parcel, case_id, key) for case_id, key in rows]
    if parcel.kind == "signal" or not found:
        found += [_opening(parcel, one, node, unit_id) for one, node in _beginning(session, parcel)]
    return found


def _delivery(parcel: Parcel, case_id: int, key: int) -> Job:
    args = {
        "message_id": f"{parcel.case_id}:{parcel.key}:{case_id}:{key}",
        "case_id": case_id,
        "message": parcel.name,
        "payload": dict(parcel.payload),
        "key": key,
        "kind": parcel.kind,
        "correlation": parcel.correlation,
    }
    return Job("deliver_message", args)


def _beginning(session: Session, parcel: Parcel) -> list[tuple[Definition, str]]:
    """Procedures whose current version begins with it, and at which start event."""
    return [
        (definition, node.id)
        for definition in catalogue.all_current(session)
        for node in definition.process.starts.values()
        if node.event == parcel.kind and node.message is not None and node.message.name == parcel.name
    ]


def _opening(parcel: Parcel, definition: Definition, node: str, unit_id: int) -> Job:
    args = {
        "procedure": definition.key,
        "node": node,
        "unit_id": unit_id,
        "payload": dict(parcel.payload),
        "once": f"sent {parcel.case_id}:{parcel.key}",
        "case_id": parcel.case_id,
    }
    return Job("open_case", args)


@dataclass(frozen=True, slots=True)
class Meant:
    """For whom a delivery is: a case, and in it the wait under `key`, or one of the same name and correlation."""

    case_id: int
    message: str
    kind: str
    correlation: str | None
    key: int | None


def waiting_for(session: Session, meant: Meant) -> Subscription | None:
    """The wait a delivery was meant for, under whatever name it goes now; else the oldest that is like it."""
    found = session.exec(
        select(Subscription)
        .where(col(Subscription.case_id) == meant.case_id, or_(col(Subscription.key) == meant.key, _like(meant)))
        .order_by(col(Subscription.key) != (meant.key or 0), col(Subscription.key))
    )
    return found.first()


def to_another(session: Session, meant: Meant, message_id: str, payload: Mapping[str, Any]) -> list[Job]:
    """A message whose receiver is gone, to the next case that waits under its key; nobody: no job."""
    if meant.kind != "message" or meant.correlation is None:
        return []
    waiting = session.exec(
        select(Subscription)
        .where(_like(meant), col(Subscription.case_id) != meant.case_id)
        .order_by(col(Subscription.case_id), col(Subscription.key))
    ).first()
    if waiting is None:
        return []
    sender, key, *_receiver = message_id.split(":")
    parcel = Parcel(int(sender), int(key), meant.kind, meant.message, meant.correlation, payload)
    return [_delivery(parcel, waiting.case_id, waiting.key)]


def _like(meant: Meant) -> Any:
    """Waits of the same kind, name and correlation. Who says no key means waits without one, or (to merged) any."""
    like = and_(col(Subscription.kind) == meant.kind, col(Subscription.message) == meant.message)
    if meant.correlation is not None:
        return and_(like, col(Subscription.correlation) == meant.correlation)
    return and_(like, col(Subscription.correlation).is_(None)) if meant.key is not None else like
