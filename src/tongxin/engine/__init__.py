"""The engine: runs BPMN diagrams. Pure functions, a state in and a Step out; the only importer of SpiffWorkflow."""

from tongxin.engine.compiler import compile
from tongxin.engine.errors import CannotMove, Failed, Finding, NotReady, Refused
from tongxin.engine.migrating import CannotMigrate, Landing, Migration, migrate, plan
from tongxin.engine.model import Assignment, Decision, Flow, Lane, Loop, Node, Outcome, Process, Repeat
from tongxin.engine.moving import Standing, move, standing
from tongxin.engine.pausing import Retimed, clocks, paused, retimed
from tongxin.engine.run import assign, complete, deliver, fire, lane_of, resolve, seen, start, then
from tongxin.engine.specs.throwing import FAILED
from tongxin.engine.state import live_nodes, nothing_left
from tongxin.engine.step import Closed, Decided, Due, Effect, Ended, OpenTask, Sent, Step, Timer, Value, Visit, Wait
from tongxin.engine.timed_starts import first_start, following_start
from tongxin.engine.waiting import waiting_in_vain

__all__ = [
    "FAILED",
    "Assignment",
    "CannotMigrate",
    "CannotMove",
    "Closed",
    "Decided",
    "Decision",
    "Due",
    "Effect",
    "Ended",
    "Failed",
    "Finding",
    "Flow",
    "Landing",
    "Lane",
    "Loop",
    "Migration",
    "Node",
    "NotReady",
    "OpenTask",
    "Outcome",
    "Process",
    "Refused",
    "Repeat",
    "Retimed",
    "Sent",
    "Standing",
    "Step",
    "Timer",
    "Value",
    "Visit",
    "Wait",
    "assign",
    "clocks",
    "compile",
    "complete",
    "deliver",
    "fire",
    "first_start",
    "following_start",
    "lane_of",
    "live_nodes",
    "migrate",
    "move",
    "nothing_left",
    "paused",
    "plan",
    "resolve",
    "retimed",
    "seen",
    "standing",
    "start",
    "then",
    "waiting_in_vain",
]
