"""The context of the page on which an administrator moves what waits in a case."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from tongxin import clock
from tongxin.cases import by_hand, case_page, lifecycle, moving, queries
from tongxin.cases.case_page import Waits
from tongxin.cases.held import Held
from tongxin.cases.task_page import case_head
from tongxin.forms import Choice
from tongxin.monitor import pages, standing
from tongxin.monitor.reach import Reach
from tongxin.words import N_, _, retold

_KINDS = {
    "endEvent": N_("结束：{name}"),
    "exclusiveGateway": N_("岔路：{name}"),
    "inclusiveGateway": N_("岔路：{name}"),
    "parallelGateway": N_("分合处：{name}"),
    "eventBasedGateway": N_("岔路：{name}"),
}


def move(
    session: Session,
    reach: Reach,
    view: Held,
    keys: Sequence[int],
    to: str,
    *,
    reason: str = "",
    error: str = "",
    reason_error: str = "",
) -> dict[str, Any]:
    """What waits, where it can go; with both chosen, what that would do. `error`: why it was not done."""
    now, found = clock.now(), standing.everything(view)
    hosts = {one.inside for one in found}
    ends = [one.key for one in found if one.key not in hosts]
    chosen = set(keys) or (set(ends) if len(ends) == 1 else set())
    waiting = [task for task in queries.tasks_of(session, view.case.id) if task.status == "open"]
    diagram = case_page.diagram(view.definition, view.case, waiting, Waits.of(session, view.case))
    return {
        "tabs": pages.tabs(session, reach),
        "case": case_head(session, view, now),
        "standing": standing.lines(session, view, found, found),
        "chosen": chosen,
        "targets": _targets(view),
        "to": to,
        "asked": bool(keys and to),
        "unfit": _("请选择移动哪几处，再选择移到哪一步。") if bool(keys) != bool(to) else "",
        "preview": _preview(session, view, keys, to) if keys and to else None,
        "seen": view.case.chain_length,
        "reason": reason,
        "error": error,
        "reason_error": reason_error,
        "diagram": diagram,
    }


def _targets(view: Held) -> list[Choice]:
    """Steps by name, those of a subprocess together under its name."""
    return [
        Choice(
            node.id,
            _(_KINDS.get(node.kind, "{name}"), name=node.name or node.id)
            if node.kind in _KINDS
            else node.name or node.id,
            _(" › ").join(moving.name_of(view.definition, one) for one in scope),
        )
        for scope, nodes in sorted(moving.targets(view.definition).items(), key=lambda item: len(item[0]))
        for node in nodes
    ]


def _preview(session: Session, view: Held, keys: Sequence[int], to: str) -> dict[str, Any]:
    try:
        seen = moving.preview_move(session, view, keys, to)
    except (by_hand.Refused, lifecycle.NotReady) as refused:
        return {"refused": retold(str(refused))}
    before, step = standing.everything(view), seen.prospect.step
    after = (*seen.stays, *seen.begins)
    ended = step.ended
    return {
        "ends": standing.lines(session, view, seen.ends, before),
        "stays": standing.lines(session, view, seen.stays, before),
        "begins": standing.lines(session, view, seen.begins, after, seen.prospect),
        "closes": (ended.name or _("办结")) if ended else "",
        "in_vain": _("、").join(_("“{name}”", name=moving.name_of(view.definition, one)) for one in seen.in_vain),
        "target": moving.name_of(view.definition, to),
    }
