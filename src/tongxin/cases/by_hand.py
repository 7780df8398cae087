"""What an administrator's changes of a running case share: it is open, a reason is given, the step works or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import engine, forms
from tongxin.cases import lifecycle, operations, pausing, wording
from tongxin.cases.assign import Assignment, NobodyAnswers, assign
from tongxin.cases.held import Held
from tongxin.cases.save import Change
from tongxin.events import SYSTEM
from tongxin.words import CHINESE, _, retold, speaking

Value = Any
LONGEST_REASON = 300


class Refused(Exception):
    """It cannot be done like this; the message says why, and the case is as it was."""


class ReasonMissing(Exception):
    """请写明为什么。"""


@dataclass(frozen=True, slots=True)
class Prospect:
    """A step not yet written, with who would get what it opens."""

    step: engine.Step
    assignments: Mapping[int, Assignment]


def must_be_open(held: Held) -> None:
    """Raises lifecycle's NotReady for a case that is over."""
    if held.case.status != "open":
        raise lifecycle.NotReady(_("这件事已经办结，不能再改。"))


def given(reason: str) -> str:
    """The reason without blanks around it; raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(ReasonMissing.__doc__)
    return reason.strip()[:LONGEST_REASON]


def prepared(
    session: Session,
    held: Held,
    change: Change,
    step: Callable[[], engine.Step],
    now: datetime,
    before: engine.Process | None = None,
) -> Prospect:
    """Step, answer what the diagram asks of the platform, find who is next. Reads only; raises Refused or NotReady.

    `before`: the process the case has followed until now, when that is another one.
    """
    try:
        with speaking(CHINESE):  # as in lifecycle: what a step writes down
            done = operations.answered(session, held, change, step(), now, SYSTEM)
            done, change.clocks = pausing.settled(session, held, done, now, before=before)
            held.definition.dictionary.encode(done.variables)  # what cannot be kept is told now, not while writing
            return Prospect(done, assign(session, done.opened, held.area, now.date()))
    except engine.NotReady:
        raise lifecycle.NotReady(_("这一步刚才已经不在等了，请再看一遍。")) from None
    except engine.Failed as failure:
        step_name = wording.step_name(failure.element, held.definition)
        raise Refused(_("{step}：{cause}", step=step_name, cause=retold(failure.message))) from failure
    except (
        engine.CannotMove,
        engine.CannotMigrate,
        NobodyAnswers,
        operations.OperationFailed,
        forms.FormError,
    ) as obstacle:
        raise Refused(str(obstacle)) from obstacle
