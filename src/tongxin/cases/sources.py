"""Where the values of a form come from: the step in which each was handed in last, and who did it."""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session

from tongxin import clock
from tongxin.events import Event
from tongxin.people import directory
from tongxin.words import N_, _, dated

_WRITING = {"opened", "task_completed", "message_received", "data_corrected"}


def of(session: Session, events: Sequence[Event], wanted: Iterable[str], *, for_residents: bool) -> dict[str, str]:
    """Variable → where its value comes from, in words; only those the history tells of. `events`: oldest first.

    `for_residents`: who opens such a case opens it for a resident.
    """
    last: dict[str, Event] = {}
    for event in events:
        if event.kind in _WRITING and event.details:
            last |= dict.fromkeys(event.details.get("values") or {}, event)
    found = {name: last[name] for name in wanted if name in last}
    names = directory.names(session, {event.actor_id for event in found.values() if event.actor_id})
    return {name: _told(event, names, for_residents) for name, event in found.items()}


def _told(event: Event, names: Mapping[int, str], for_residents: bool) -> str:
    details = event.details or {}
    local = event.at.astimezone(clock.LOCAL)
    day = dated(local, year=local.year != clock.now().year)
    if event.actor_kind == "reporter":
        return _("居民填的，{day}", day=day)
    who = names.get(event.actor_id or 0, "")
    if event.kind == "opened":
        said = N_("报事时{who}代填的，{day}") if for_residents else N_("发起时{who}填的，{day}")
        return _(said, who=who, day=day) if who else _("开始时就有的，{day}", day=day)
    if event.kind == "data_corrected":
        return _("{who}更正的，{day}", who=who, day=day)
    step = details.get("name", "")
    if not step:  # another case's message
        return _("另一件事带来的，{day}", day=day)
    return _("来自“{step}”，{who}，{day}", step=step, who=who, day=day) if who else _("来自“{step}”", step=step)
