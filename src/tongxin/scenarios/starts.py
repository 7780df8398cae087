"""Timer starts within a trial: their times by the trial's clock, their cases at the units the scenario plays in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from tongxin import engine
from tongxin.cases import opening
from tongxin.people import directory
from tongxin.procedures.definition import Definition
from tongxin.scenarios.verdict import Differs
from tongxin.words import _


@dataclass(slots=True)
class _Rhythm:
    definition: Definition
    node: engine.Node
    due: datetime | None
    left: int | None


class Starts:
    """When which procedure begins by itself next. `units`: ids of the units that the scenario speaks of."""

    def __init__(self, definitions: Sequence[Definition], units: Iterable[int], now: datetime) -> None:
        self._units = frozenset(units)
        self._rhythms: list[_Rhythm] = []
        for definition in definitions:
            for node in definition.process.starts.values():
                if node.timer is not None:
                    begins = engine.first_start(node, now, {"parameters": dict(definition.parameters)})
                    due, left = (begins.due.at, begins.left) if begins else (None, None)
                    self._rhythms.append(_Rhythm(definition, node, due, left))

    def next_at(self, until: datetime) -> datetime | None:
        """When the next of them is due, at the latest `until`."""
        return min((one.due for one in self._rhythms if one.due is not None and one.due <= until), default=None)

    def begin(self, session: Session, now: datetime) -> None:
        """Open a case at every unit of those that are due. Raises Differs when one cannot be opened."""
        for one in self._rhythms:
            if one.due is None or one.due > now:
                continue
            start, once = one.definition.file.start, f"timer {one.due.isoformat()}"
            units = directory.units_with(session, start.each or "", start.level, now.date())
            try:
                for unit in units:
                    if unit in self._units:
                        begun = opening.Start(one.definition.key, one.node.id, unit, {}, once)
                        opening.open_by_event(session, begun)
            except opening.NotOpened as obstacle:
                raise Differs(_("定时开始"), _("办成"), str(obstacle)) from None
            env = {"parameters": dict(one.definition.parameters)}
            following = engine.following_start(one.node, one.due, one.left, now, env)
            one.due, one.left = (following.due.at, following.left) if following else (None, None)
