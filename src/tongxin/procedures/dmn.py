"""The decision models (`*.dmn`) of a procedure's folder, as business rule tasks ask them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongxin import calendar, decisions
from tongxin.decisions import Decisions, Outcome
from tongxin.engine import Finding
from tongxin.procedures.package import Package
from tongxin.words import _


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision as a business rule task asks it: `inputs` are those of the step's names it reads."""

    model: Decisions
    name: str
    inputs: tuple[str, ...]

    def __call__(self, names: Mapping[str, Any], now: datetime) -> Outcome:
        return self.model.evaluate(self.name, {one: names.get(one) for one in self.inputs}, now)


def compile_models(package: Package, findings: list[Finding], *, review: bool) -> dict[str, Asked]:
    """Every decision by its name; what is wrong joins the findings. `review`: look for gaps and overlaps, too."""
    documents = {path: text.encode() for path, text in package.items() if path.endswith(".dmn")}
    known: dict[str, Asked] = {}
    for path, source in documents.items():
        others = {other: text for other, text in documents.items() if other != path}
        try:
            model = decisions.compile(source, functions=calendar.FUNCTIONS, imports=others)
        except decisions.Refused as refused:
            findings += (_finding(path, one) for one in refused.findings)
            continue
        findings += (_finding(path, one) for one in (*model.findings, *(model.review() if review else ())))
        for name in (*model.names, *model.services):
            if name in known:
                cause = _("几个决策都叫“{name}”。", name=name)
                findings.append(Finding("error", path, name, cause, _("请给它们不同的名称。")))
            known[name] = Asked(model, name, tuple(one.name for one in model.inputs(name)))
    return known


def _finding(path: str, found: decisions.Finding) -> Finding:
    return Finding(found.severity, f"{path}#{found.element}", found.name, found.message, found.advice)
