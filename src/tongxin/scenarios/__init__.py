"""Scenarios: who answers what, when the clock moves, and what must be true then. One runner for all who try them."""

from tongxin.scenarios.reading import Malformed, parse, read
from tongxin.scenarios.runner import Failure, Report, coverage, run
from tongxin.scenarios.script import Scenario
from tongxin.scenarios.wording import told

__all__ = ["Failure", "Malformed", "Report", "Scenario", "coverage", "parse", "read", "run", "told"]
