"""The context of the page on which an administrator stops the clocks of a case, and starts them again."""

from typing import Any

from sqlmodel import Session

from tongxin import calendar, clock
from tongxin.cases import queries, views, wording
from tongxin.cases.held import Held
from tongxin.cases.task_page import case_head
from tongxin.monitor import pages
from tongxin.monitor.reach import Reach


def clocks(
    session: Session, reach: Reach, view: Held, *, reason: str = "", error: str = "", reason_error: str = ""
) -> dict[str, Any]:
    """Limits and timers, since when and why they stand still, and the form."""
    now, nodes = clock.now(), view.definition.process.nodes
    tasks = [one for one in queries.tasks_of(session, view.case.id) if one.status == "open"]
    rows = [(one.name, one.due_at, one.paused_at, one.paused_by) for one in tasks if one.due_at or one.paused_at]
    rows += [
        (nodes[one.node].name or one.node, one.due_at, one.paused_at, one.paused_by)
        for one in queries.timers_of(session, view.case.id)
    ]
    return {
        "tabs": pages.tabs(session, reach),
        "case": case_head(session, view, now),
        "stopped": view.case.paused_at and wording.moment(view.case.paused_at),
        "clocks": [
            {
                "name": name,
                "due": views.due(due_at, now, paused_at),
                "at": "" if paused_at or due_at is None else wording.moment(due_at),
                "why": calendar.because(paused_by or ()) if paused_at else "",
            }
            for name, due_at, paused_at, paused_by in rows
        ],
        "seen": view.case.chain_length,
        "reason": reason,
        "error": error,
        "reason_error": reason_error,
    }
