"""What a check found, on the terminal: errors first, each with element, name and advice."""

import sys
from collections.abc import Iterable

from tongxin.engine import Finding
from tongxin.words import N_, _, together

_FORMS = {"error": N_("错误 {place}：{said}"), "warning": N_("提醒 {place}：{said}")}


def print_findings(findings: Iterable[Finding]) -> None:
    for finding in sorted(findings, key=lambda one: one.severity != "error"):
        name = f"“{finding.name}”" if finding.name else ""
        said = together(finding.message, finding.advice)
        print(_(_FORMS[finding.severity], place=f"{finding.element}{name}", said=said), file=sys.stderr)
