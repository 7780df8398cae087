"""Decisions after DMN: compile a document once, evaluate often, see which rules fired. Pure."""

from tongxin.decisions.decisions import Decisions, Input, Outcome, compile
from tongxin.decisions.errors import Failed, Finding, NoSuchDecision, Refused
from tongxin.decisions.telling import shown, told

__all__ = [
    "Decisions",
    "Failed",
    "Finding",
    "Input",
    "NoSuchDecision",
    "Outcome",
    "Refused",
    "compile",
    "shown",
    "told",
]
