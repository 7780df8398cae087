"""The contexts of pages that let cases go over to another version: one case, or all that a version still has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock, engine
from tongxin.cases import case_page, fitting, lifecycle, migrating, moving
from tongxin.cases.held import Held
from tongxin.cases.models import Case
from tongxin.cases.task_page import case_head
from tongxin.engine import Landing
from tongxin.forms import Choice
from tongxin.monitor import pages, queries, standing
from tongxin.monitor.reach import Reach
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.words import N_, _, retold

MOST = 200  # cases looked through at once
PREFIX = "map."
_FATES = {"lands": N_("接着办"), "dropped": N_("不再等"), "stuck": N_("没有地方放")}


def target(session: Session, definition: Definition, number: int) -> Definition | None:
    """The version asked for, else the newest other one; None when there is none."""
    if number:
        return catalogue.by_version(session, definition.key, number) if number < 2**31 else None
    current = catalogue.current(session, definition.key)
    return None if current.id == definition.id else current


def mapping_of(fields: Mapping[str, str]) -> dict[str, str] | None:
    """Old step → new step as a form says it (empty: nowhere); None when it says nothing yet."""
    found = {name.removeprefix(PREFIX): to for name, to in fields.items() if name.startswith(PREFIX)}
    return found or None


def version(
    session: Session,
    reach: Reach,
    view: Held,
    target: Definition | None,
    mapping: Mapping[str, str] | None,
    *,
    reason: str = "",
    error: str = "",
    reason_error: str = "",
) -> dict[str, Any]:
    """What becomes of everything that waits under another version. `error`: why it was not done."""
    definition = view.definition
    context = {
        "tabs": pages.tabs(session, reach),
        "case": case_head(session, view, clock.now()),
        "version": definition.version,
        "target": target and target.version,
        "targets": _others(session, definition),
        "seen": view.case.chain_length,
        "reason": reason,
        "error": error,
        "reason_error": reason_error,
    }
    if target is None:
        return {**context, "preview": None}
    bare = engine.plan(definition.process, target.process, view.case.state)
    chosen = {**fitting.suggestions(definition, target, bare), **(mapping or {})}
    return {**context, "preview": _preview(session, view, target, bare, chosen)}


def _preview(
    session: Session, view: Held, target: Definition, bare: Sequence[Landing], chosen: Mapping[str, str]
) -> dict[str, Any]:
    kept = {was: now for was, now in chosen.items() if now}
    try:
        seen = migrating.preview_migration(session, view, target, kept)
    except lifecycle.NotReady as refused:
        return {"refused": retold(str(refused))}
    told = {one.key: one for one in standing.lines(session, view, standing.everything(view), standing.everything(view))}
    hands = _other_hands(session, seen.changed)
    step = seen.prospect.step if seen.prospect else None
    begun = engine.standing(target.process, step.state) if step else ()
    new = [one for one in begun if one.key not in {landing.key for landing in seen.landings}]
    over = migrating.under(session, view, target, kept)
    return {
        "rows": [_row(view.definition, target, one, told, hands) for one in seen.landings],
        "selects": _selects(view.definition, target, bare, chosen),
        "obstacles": [retold(one) for one in seen.obstacles],
        "begins": standing.lines(session, over, new, begun, seen.prospect),
        "closes": (step.ended.name or _("办结")) if step and step.ended else "",
        "fits": seen.prospect is not None,
    }


def _other_hands(session: Session, changed: migrating.Changed) -> dict[int, str]:
    """Engine key → who an open task would go to, where that is asked anew."""
    given = {task.key: assignment for task, assignment in changed if assignment is not None}
    return standing.who_gets(session, [task for task, _old in changed if task.key in given], given)


def _row(
    old: Definition, new: Definition, landing: Landing, told: Mapping[int, standing.Line], hands: Mapping[int, str]
) -> dict[str, str]:
    node, line = old.process.nodes[landing.node], told.get(landing.key)
    on = moving.name_of(old, node.attached_to) if node.attached_to else ""
    return {
        "name": line.name if line else moving.name_of(old, landing.node),
        "what": line.what if line else _("“{name}”上挂着的等待", name=on) if on else _("在等的事件"),
        "fate": landing.fate,
        "fate_text": _(_FATES[landing.fate]),
        "to": moving.name_of(new, landing.to) if landing.to else "",
        "reason": retold(landing.reason or ""),
        "hands": hands.get(landing.key, ""),
    }


def _others(session: Session, definition: Definition) -> list[Choice]:
    """The other versions to choose from, newest first."""
    numbers = [one for one in queries.versions_of(session, definition.key) if one != definition.version]
    return [Choice(str(one), _("第 {version} 版", version=one)) for one in numbers]


def _selects(
    old: Definition, new: Definition, landings: Iterable[Landing], chosen: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A choice for every step that has no place under its own name."""
    homeless = dict.fromkeys(one.node for one in landings if one.to is None)
    return [
        {
            "name": PREFIX + node,
            "label": moving.name_of(old, node),
            "to": chosen.get(node, ""),
            "choices": [Choice(one.id, one.name or one.id) for one in fitting.candidates(old, new, node)],
            "dropped": old.process.nodes[node].attached_to is not None,
        }
        for node in homeless
    ]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a version's open cases: who can go over, and who cannot and why."""

    can: list[Case]
    cannot: list[tuple[Case, str]]
    homeless: tuple[Landing, ...]  # a landing of each step that has no place under its own name
    mapping: Mapping[str, str]  # what was tried: chosen, else suggested
    more: bool  # there are cases beyond those looked through


def try_all(
    session: Session,
    reach: Reach,
    old: Definition,
    new: Definition,
    mapping: Mapping[str, str] | None,
    queued: set[int],
) -> Trial:
    """A dry run over a version's open cases, but those whose turn is coming; nothing is locked or written."""
    mine = (col(Case.definition_id) == old.id, col(Case.status) == "open", reach.holds(col(Case.unit_id)))
    rows = session.exec(
        select(Case).where(*mine, col(Case.id).not_in(queued)).order_by(col(Case.id)).limit(MOST + 1)
    ).all()
    shown, now, homeless = rows[:MOST], clock.now(), dict[str, Landing]()
    for case in shown:
        bare = engine.plan(old.process, new.process, case.state)
        homeless.update({one.node: one for one in bare if one.to is None})
    chosen = {**fitting.suggestions(old, new, homeless.values()), **(mapping or {})}
    kept = {was: to for was, to in chosen.items() if to}
    can, cannot = [], []
    for case in shown:
        preview = migrating.preview_migration(session, case_page.unlocked(session, case, now), new, kept)
        if preview.prospect is not None:
            can.append(case)
        else:
            cannot.append((case, migrating.why(old, preview)))
    return Trial(can, cannot, tuple(homeless.values()), kept, len(rows) > MOST)


def all_cases(
    session: Session,
    reach: Reach,
    old: Definition,
    new: Definition | None,
    mapping: Mapping[str, str] | None,
    *,
    started: int = 0,
    reason: str = "",
    error: str = "",
    reason_error: str = "",
) -> dict[str, Any]:
    """The page of a version's open cases. `started`: how many were set going from it just now."""
    context: dict[str, Any] = {
        "tabs": pages.tabs(session, reach),
        "definition": {"id": old.id, "title": old.file.title, "version": old.version},
        "target": new and new.version,
        "targets": _others(session, old),
        "started": started,
        "reason": reason,
        "error": error,
        "reason_error": reason_error,
        "trial": None,
    }
    if new is None:
        return context
    queued = queries.migrating(session, new.id or 0)
    trial = try_all(session, reach, old, new, mapping, queued)
    waiting = session.exec(select(Case.id).where(col(Case.definition_id) == old.id, col(Case.id).in_(queued))).all()
    return {
        **context,
        "queued": len(waiting),
        "done": max(0, started - len(waiting)),
        "trial": trial,
        "selects_": _selects(old, new, trial.homeless, trial.mapping),
        "again": f"?to={new.version}&started={started}",
    }
