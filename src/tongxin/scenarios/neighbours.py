"""The other procedures a scenario can come to: those a diagram or the scenario names."""

import re
from collections.abc import Sequence
from contextlib import suppress

from tongxin.procedures import package as packages
from tongxin.procedures import shared
from tongxin.procedures.package import Package
from tongxin.scenarios.script import Find, Scenario, Start

_TEXT = re.compile(r"""(?:"|&quot;)([^"&<>]{1,40})(?:"|&quot;)""")


def of(package: Package, scenario: Scenario, beside: Sequence[Package]) -> list[Package]:
    """Those of `beside` that the package names, those that these name, and those the scenario names."""
    rest = _by_key(beside)
    rest.pop(packages.read_procedure(package).key, None)
    named = {step.procedure for step in scenario.steps if isinstance(step, Start | Find) and step.procedure}
    wanted = sorted((named | _named(package)) & rest.keys())
    found: list[Package] = []
    while wanted:
        one = rest.pop(wanted.pop())
        found.append(one)
        wanted = sorted({*wanted, *(_named(one) & rest.keys())})
    return found


def _by_key(beside: Sequence[Package]) -> dict[str, Package]:
    """By their keys; one that cannot be read is nobody's neighbour."""
    found = {}
    for one in beside:
        with suppress(packages.Unreadable):
            found[packages.read_procedure(one).key] = one
    return found


def _named(package: Package) -> set[str]:
    """Every short text in the diagrams' expressions: a procedure is named by one."""
    diagrams = (text for path, text in shared.complete(package).items() if path.endswith(".bpmn"))
    return {text for diagram in diagrams for text in _TEXT.findall(diagram)}
