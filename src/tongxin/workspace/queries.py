"""What the owners' lists are made of: procedures, versions, copies, and how many cases run on each."""

from collections.abc import Iterable

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from tongxin.cases.models import Case
from tongxin.procedures.models import DefinitionRow
from tongxin.workspace.models import DraftCopy, ProcedureDraft


def newest(session: Session) -> list[DefinitionRow]:
    """The current version of every procedure."""
    statement = (
        select(DefinitionRow)
        .ext(distinct_on(col(DefinitionRow.key)))
        .order_by(col(DefinitionRow.key), col(DefinitionRow.version).desc())
    )
    return list(session.exec(statement).all())


def drafts(session: Session) -> dict[str, ProcedureDraft]:
    """All drafts, by procedure."""
    return {draft.key: draft for draft in session.exec(select(ProcedureDraft)).all()}


def versions(session: Session, key: str) -> list[DefinitionRow]:
    """Every published version, newest first."""
    wanted = select(DefinitionRow).where(col(DefinitionRow.key) == key).order_by(col(DefinitionRow.version).desc())
    return list(session.exec(wanted).all())


def version(session: Session, key: str, number: int) -> DefinitionRow | None:
    """One version by its number."""
    wanted = (col(DefinitionRow.key) == key, col(DefinitionRow.version) == number)
    return session.exec(select(DefinitionRow).where(*wanted)).first()


def copies(session: Session, key: str) -> list[DraftCopy]:
    """Drafts put aside, newest first."""
    wanted = select(DraftCopy).where(col(DraftCopy.key) == key).order_by(col(DraftCopy.id).desc()).limit(50)
    return list(session.exec(wanted).all())


def copy(session: Session, key: str, number: int) -> DraftCopy | None:
    """One draft put aside."""
    return session.exec(select(DraftCopy).where(col(DraftCopy.key) == key, col(DraftCopy.id) == number)).first()


def running(session: Session, definition_ids: Iterable[int]) -> dict[int, int]:
    """Version → how many of its cases are open."""
    wanted = (col(Case.definition_id).in_(set(definition_ids)), col(Case.status) == "open")
    counted = select(Case.definition_id, func.count()).where(*wanted).group_by(col(Case.definition_id))
    return {definition_id: number for definition_id, number in session.exec(counted).all()}


def running_by_procedure(session: Session) -> dict[str, int]:
    """Procedure → how many of its cases are open, whatever version they follow."""
    counted = (
        select(DefinitionRow.key, func.count())
        .join(Case, col(Case.definition_id) == col(DefinitionRow.id))
        .where(col(Case.status) == "open")
        .group_by(col(DefinitionRow.key))
    )
    return {key: number for key, number in session.exec(counted).all()}
