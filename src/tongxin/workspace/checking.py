"""The check of a draft: the same as `tongxin check`, and where on the page each finding leads."""

from dataclasses import dataclass
from urllib.parse import quote

from tongxin.engine import Finding
from tongxin.procedures import package as packages
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package
from tongxin.words import N_, _


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding as an owner reads it: what is wrong, where, what to do. `link`: a page to mend it; else the diagram."""

    severity: str
    element: str
    where: str
    message: str
    link: str


def findings(package: Package) -> tuple[Finding, ...]:
    """Everything that is wrong with the package; warnings alone do not keep it from being published."""
    try:
        return compile_package(package).warnings
    except packages.Unreadable as unreadable:
        file = next((name for name in package if str(unreadable).startswith(name)), "procedure.toml")
        return (Finding("error", file, "", str(unreadable), ""),)
    except Refused as refused:
        return refused.findings


def problems(key: str, package: Package) -> list[Problem]:
    """The findings for a page, errors first."""
    found = sorted(findings(package), key=lambda one: one.severity != "error")
    return [_problem(key, package, one) for one in found]


def has_errors(found: list[Problem]) -> bool:
    """Whether one of them keeps the draft from being published."""
    return any(one.severity == "error" for one in found)


def _problem(key: str, package: Package, finding: Finding) -> Problem:
    file = finding.element if finding.element in package else ""
    message = f"{finding.message}{_stop(finding.message)}{finding.advice}{_stop(finding.advice)}"
    where = finding.name or (file or finding.element)
    return Problem(finding.severity, "" if file else finding.element, where, message, _page_of(key, file))


def _page_of(key: str, file: str) -> str:
    if file.startswith("forms/"):
        return f"/workspace/{quote(key)}/forms/{quote(file.removeprefix('forms/').removesuffix('.json'))}"
    return f"/workspace/{quote(key)}/files/{quote(file)}" if file else ""


def _stop(sentence: str) -> str:
    return "" if not sentence or sentence.endswith((N_("。"), ".")) else _("。")
