"""The engine: runs BPMN diagrams. Pure functions, a state in and a Step out; the only importer of SpiffWorkflow."""

from tongxin.engine.compiler import compile
from tongxin.engine.errors import Failed, Finding, NotReady, Refused
from tongxin.engine.model import Flow, Lane, Node, Process
from tongxin.engine.run import complete, deliver, fire, resolve, start, then
from tongxin.engine.state import live_nodes
from tongxin.engine.step import Closed, Due, Effect, Ended, OpenTask, Step, Timer, Value, Visit, Wait

__all__ = [
    "Closed",
    "Due",
    "Effect",
    "Ended",
    "Failed",
    "Finding",
    "Flow",
    "Lane",
    "Node",
    "NotReady",
    "OpenTask",
    "Process",
    "Refused",
    "Step",
    "Timer",
    "Value",
    "Visit",
    "Wait",
    "compile",
    "complete",
    "deliver",
    "fire",
    "live_nodes",
    "resolve",
    "start",
    "then",
]
