"""An administrator stops all clocks of a case, and starts them again: not every court and flood is in a diagram."""

from sqlalchemy import update
from sqlmodel import Session, col

from tongxin import clock, engine
from tongxin.cases import by_hand, lifecycle, pausing, save
from tongxin.cases.held import Held
from tongxin.cases.models import Case
from tongxin.cases.save import Change
from tongxin.events import Actor, Happening
from tongxin.words import CHINESE, _, retold, speaking


def stop_clocks(session: Session, held: Held, reason: str, by: Actor) -> None:
    """All limits and timers of the case stand still, also those that begin now. Raises NotReady, ReasonMissing."""
    by_hand.must_be_open(held)
    if held.case.paused_at is not None:
        raise lifecycle.NotReady(_("这件事的时限已经停着了。"))
    _change(session, held, "clocks_stopped", by_hand.given(reason), by, stopped=True)


def start_clocks(session: Session, held: Held, reason: str, by: Actor) -> None:
    """They go on with what was left, but for those that a step makes stand still. Raises as `stop_clocks`; Refused."""
    by_hand.must_be_open(held)
    if held.case.paused_at is None:
        raise lifecycle.NotReady(_("这件事的时限没有停着。"))
    _change(session, held, "clocks_started", by_hand.given(reason), by, stopped=False)


def _change(session: Session, held: Held, kind: str, reason: str, by: Actor, *, stopped: bool) -> None:
    now = clock.now()
    step = engine.Step(held.case.state, held.variables)
    change = Change(happenings=[Happening(kind, {"text": reason})])
    try:
        with speaking(CHINESE):  # as in lifecycle: what a step writes down
            step, change.clocks = pausing.settled(session, held, step, now, stopped=stopped)
    except engine.Failed as failure:
        raise by_hand.Refused(retold(failure.message)) from failure
    session.execute(update(Case).where(col(Case.id) == held.case.id).values(paused_at=now if stopped else None))
    save.save(session, held, step, change, {}, by, now)
