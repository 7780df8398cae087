"""Making the result of a case public: staff write it, release it, take it down. Nothing becomes public by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock, forms
from tongxin.cases import access, privacy, save, wording
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import InvalidValues, NotReady
from tongxin.cases.releasing import LONGEST, Doubtful, cleared, kept_off, of_case, write
from tongxin.events import Actor, Happening
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.words import _

__all__ = ["Doubtful", "board_of", "card", "publish", "suggestion", "take_down"]


def publish(session: Session, held: Held, submitted: str, by: Actor, *, confirmed: bool = False) -> None:
    """Release this text, in place of an earlier one. Raises InvalidValues, NotReady; Doubtful unless confirmed."""
    obstacle = kept_off(session, held)
    if obstacle:
        raise NotReady(obstacle)
    now = clock.now()
    checked = forms.check(_form(), {"text": submitted}, {}, now)
    if checked.errors:
        raise InvalidValues(checked.errors)
    text = str(checked.values["text"])
    happening = cleared(held, text, confirmed=confirmed)
    row = of_case(session, held.case.id)
    if row is not None and row.public and row.text == text:
        return
    write(session, held.case.id, text, by, now)
    save.record(session, held.case, [happening], by, now)


def take_down(session: Session, held: Held, by: Actor) -> None:
    """Take the text off the board; it is kept for editing."""
    row = of_case(session, held.case.id)
    if row is None or not row.public:
        return
    now = clock.now()
    row.public, row.changed_at, row.changed_by = False, now, by.account_id or 0
    session.add(row)
    session.flush()
    save.record(session, held.case, [Happening("result_taken_down", {})], by, now)


def board_of(session: Session, view: Held) -> Unit | None:
    """The community on whose board the case stands; None when the procedure shows nothing, or it is in none."""
    if not view.definition.board.form.fields:
        return None
    ids = directory.ids_of(view.area.nearest)
    wanted = (col(Unit.id).in_(ids), col(Unit.level) == "community", col(Unit.kind) == "territory")
    return session.exec(select(Unit).where(*wanted)).first()


def card(
    session: Session,
    me: Person,
    view: Held,
    now: datetime,
    *,
    typed: str | None = None,
    errors: tuple[forms.Error, ...] = (),
    found: Sequence[privacy.Doubt] = (),
) -> dict[str, Any] | None:
    """What the case page shows to those who may release its result; None to everybody else."""
    if not access.may_publish(me, view.definition, view.area.path):
        return None
    community = board_of(session, view)
    if community is None:
        return None
    row = of_case(session, view.case.id)
    text = typed if typed is not None else row.text if row else suggestion(view, now)
    by = directory.names(session, [row.changed_by] if row else [])
    return {
        "url": f"/cases/{view.case.id}/publication",
        "board_url": f"/board/{community.code}",
        "community": community.name,
        "kept_off": kept_off(session, view),
        "public": row is not None and row.public,
        "open": typed is not None or (view.case.status == "closed" and row is None),
        "released": row.text if row else "",
        "changed_text": f"{wording.moment(row.changed_at)} {by.get(row.changed_by, '')}" if row else "",
        "fields": forms.view(_form(), {"text": text}, {}, errors, now),
        "doubts": [doubt.told for doubt in found],
    }


def suggestion(view: Held, now: datetime) -> str:
    """What the procedure offers as the result's text; its answer to the resident when it has no text of its own."""
    scope = {**view.env, **view.variables}
    if view.definition.board_text is not None:
        return view.definition.board_text.fill(scope, now).strip()[:LONGEST]
    answer = view.definition.answer.evaluate(scope, now)
    return str(answer)[:LONGEST] if answer is not None else ""


def _form() -> forms.Form:
    text = {
        "type": "string",
        "title": _("给大家看的办理结果"),
        "maxLength": LONGEST,
        "x-help": _("写办成了什么。不要写姓名、电话、门牌，也不要写只有一家人知道的事。"),
    }
    return forms.load(
        "publication",
        {"type": "object", "required": ["text"], "properties": {"text": {"$ref": "../data.json#/properties/text"}}},
        forms.Dictionary({"properties": {"text": text}}),
    )
