"""What may stand on the public board of a case, and writing it there: for the case's page and for a step's form."""

import secrets
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tongxin.cases import privacy
from tongxin.cases.held import Held
from tongxin.cases.models import Case, CaseLink, Publication
from tongxin.events import Actor, Happening
from tongxin.words import N_, _

LONGEST = 1000
WITHDRAWN = N_("这件事已经撤单，不上公示栏。")
DUPLICATE = N_("这件事并到了另一张单，公示栏只显示那张单。")


class Doubtful(Exception):
    """The text may give somebody away: to be changed, or confirmed."""

    def __init__(self, doubts: list[privacy.Doubt], text: str) -> None:
        super().__init__(_("；").join(doubt.told for doubt in doubts))
        self.doubts = doubts
        self.text = text


def of_case(session: Session, case_id: int) -> Publication | None:
    """What has been written for the board."""
    return session.exec(select(Publication).where(col(Publication.case_id) == case_id)).first()


def doubts(view: Held, text: str) -> list[privacy.Doubt]:
    """What in the text could give somebody away."""
    titles = {field.name: field.title for field in view.definition.facts.fields}
    return privacy.doubts(text, view.definition.sensitive, view.variables, titles)


def cleared(view: Held, text: str, *, confirmed: bool) -> Happening:
    """The event of releasing the text; raises Doubtful unless there is no doubt or it is confirmed."""
    found = doubts(view, text)
    if found and not confirmed:
        raise Doubtful(found, text)
    details: dict[str, Any] = {"text": text}
    if found:
        details["confirmed"] = [doubt.piece for doubt in found]
    return Happening("result_published", details)


def write(session: Session, case_id: int, text: str, by: Actor, now: datetime) -> None:
    """Put the text on the board, in place of an earlier one."""
    row = of_case(session, case_id)
    if row is None:
        row = Publication(id=secrets.randbelow(10**15), case_id=case_id, text="", changed_by=0, changed_at=now)
    row.text, row.public, row.changed_at, row.changed_by = text, True, now, by.account_id or 0
    session.add(row)
    session.flush()


def kept_off(session: Session, view: Held) -> str:
    """Why a case does not stand on the board; empty when it does."""
    if view.case.status == "closed" and view.case.outcome in view.definition.board.withdrawn:
        return _(WITHDRAWN)
    into = select(Case).join(CaseLink, col(CaseLink.to_id) == col(Case.id))
    for other in session.exec(into.where(col(CaseLink.from_id) == view.case.id, col(CaseLink.kind) == "merged")):
        if not (other.status == "closed" and other.outcome in view.definition.board.withdrawn):
            return _(DUPLICATE)
    return ""
