"""Commands about running cases: letting them go over to another version of their procedure."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tongxin import clock, db, engine
from tongxin.cases import by_hand, case_page, fitting, held, lifecycle, migrating
from tongxin.cases.models import Case
from tongxin.cli.database import engine_on, url_of_database
from tongxin.cli.refusal import Refusal
from tongxin.events import SYSTEM
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.procedures.models import DefinitionRow
from tongxin.words import _, retold

commands = typer.Typer()
Waiting = tuple[int, str, int]
"""A case that may go over: its id, its code, the id of its definition."""


@commands.command("migrate-cases")
def migrate_cases(
    procedure: Annotated[str, typer.Argument(help="流程，例如 orders。")],
    to: Annotated[int, typer.Option("--to", help="换到第几版。")],
    reason: Annotated[str, typer.Option(help="为什么换，写进每一件的办理经过。")] = "",
    mapped: Annotated[list[str] | None, typer.Option("--map", help="原来的步骤=新的步骤，可以写几次。")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算，什么也不改。")] = False,
) -> None:
    """把一个流程在办的事都换到一版；换不了的留在原处并列出来。"""
    if not dry_run and not reason.strip():
        raise Refusal(_("请用 --reason 写明为什么换，或加 --dry-run 试算。"))
    chosen = _mapping(mapped or ())
    with url_of_database() as url, engine_on(url) as database:
        with db.transaction(database) as session:
            target = catalogue.by_version(session, procedure, to)
            if target is None:
                raise Refusal(_("“{procedure}”没有第 {version} 版。", procedure=procedure, version=to))
            waiting = _waiting(session, target)
            _must_name_steps(session, target, waiting, chosen)
        given = None if dry_run else reason
        outcomes = Counter(
            _goes_over(database, case_id, code, target, chosen, given) for case_id, code, _old in waiting
        )
    done = _("能换 {n} 件", n=outcomes[True]) if dry_run else _("换好 {n} 件", n=outcomes[True])
    print(_("{done}，换不了 {n} 件。", done=done, n=outcomes[False]))


def _mapping(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if not all(was and equals and now for was, equals, now in pairs):
        raise Refusal(_("--map 要写成 原来的步骤=新的步骤，例如 check=verify。"))
    return {was: now for was, _equals, now in pairs}


def _must_name_steps(session: Session, target: Definition, waiting: Sequence[Waiting], chosen: dict[str, str]) -> None:
    """Every new step is one of the version, every old one of some version cases are in: else a slip of the pen."""
    strange = [now for now in chosen.values() if now not in target.process.nodes]
    left = {node for one in {row[2] for row in waiting} for node in catalogue.by_id(session, one).process.nodes}
    strange += [was for was in chosen if waiting and was not in left]
    if strange:
        raise Refusal(_("流程里没有“{node}”这一步，请核对 --map。", node=_("、").join(strange)))


def _waiting(session: Session, target: Definition) -> Sequence[Waiting]:
    """Every open case of another version."""
    others = select(DefinitionRow.id).where(col(DefinitionRow.key) == target.key, col(DefinitionRow.id) != target.id)
    mine = (col(Case.definition_id).in_(others), col(Case.status) == "open")
    return session.exec(select(Case.id, Case.code, Case.definition_id).where(*mine).order_by(col(Case.id))).all()


def _goes_over(
    database: Engine, case_id: int, code: str, target: Definition, chosen: dict[str, str], reason: str | None
) -> bool:
    """One case in a transaction of its own; says why it cannot. Without a reason it is only tried."""
    try:
        with db.transaction(database) as session:
            obstacle = _obstacle(session, case_id, target, chosen, reason)
    except (by_hand.Refused, lifecycle.NotReady) as refused:
        obstacle = retold(str(refused))
    if obstacle:
        print(_("{code} 换不了：{why}", code=code, why=obstacle))
    return not obstacle


def _obstacle(session: Session, case_id: int, target: Definition, chosen: dict[str, str], reason: str | None) -> str:
    found = held.by_case(session, case_id, clock.now()) if reason else _read(session, case_id)
    if found is None:
        return _("已经不在了。")
    old = found.definition
    bare = engine.plan(old.process, target.process, found.case.state)
    named = {**fitting.suggestions(old, target, bare), **chosen}
    mapping = {was: now for was, now in named.items() if now and was in old.process.nodes}
    if reason:
        migrating.migrate_case(session, found, target, mapping, reason, SYSTEM)
        return ""
    preview = migrating.preview_migration(session, found, target, mapping)
    return "" if preview.prospect else migrating.why(old, preview)


def _read(session: Session, case_id: int) -> held.Held | None:
    case = session.get(Case, case_id)
    return case_page.unlocked(session, case, clock.now()) if case else None
