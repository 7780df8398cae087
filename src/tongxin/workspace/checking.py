"""The check of a draft: the same as `tongxin check`, and where on the page each finding leads."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from tongxin.engine import Finding
from tongxin.procedures import package as packages
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package
from tongxin.words import N_, _
from tongxin.workspace import diagrams


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding as an owner reads it: what is wrong, where, what to do; `link` is where it is mended.

    `element` is one of `diagram`, a file; both are empty when it is not in a diagram.
    """

    severity: str
    diagram: str
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
    """The findings for a page, errors first; what is wrong in a diagram that is called twice is told once."""
    found = sorted(findings(package), key=lambda one: one.severity != "error")
    return list(dict.fromkeys(_problem(key, package, one) for one in found))


def has_errors(found: list[Problem]) -> bool:
    """Whether one of them keeps the draft from being published."""
    return any(one.severity == "error" for one in found)


def _problem(key: str, package: Package, finding: Finding) -> Problem:
    file = finding.element.partition("#")[0]  # a decision is named after its file
    drawing = ("", "") if file in package and not file.endswith(".bpmn") else diagrams.place(package, finding.element)
    if file in package and file.endswith(".bpmn"):
        drawing = (file, "")
    message = f"{finding.message}{_stop(finding.message)}{finding.advice}{_stop(finding.advice)}"
    where = finding.name or (file if file in package else drawing[1])
    link = f"{address_of(key, drawing[0] or file)}{f'#{quote(drawing[1])}' if drawing[1] else ''}"
    if drawing[0] and not drawing[1]:
        link = f"/workspace/{quote(key)}/files/{quote(drawing[0])}"  # nothing in it can be shown
    return Problem(finding.severity, *drawing, where, message, link)


def address_of(key: str, file: str) -> str:
    """The page on which a file of the package is changed."""
    folder, place = f"/workspace/{quote(key)}", quote(file.rpartition(".")[0])
    if file == diagrams.MAIN:
        return folder
    if file.endswith(".bpmn") and "/" not in file:
        return f"{folder}/diagrams/{place}"
    if file.endswith(".dmn"):
        return f"{folder}/decisions/{place}"
    if file.startswith("forms/"):
        return f"{folder}/{place}"
    return f"{folder}/files/{quote(file)}"


def steps(key: str, uses: Iterable[diagrams.Use]) -> list[dict[str, str]]:
    """Steps, each with where it is drawn."""
    return [{"title": one.title, "url": f"{address_of(key, one.file)}#{quote(one.element)}"} for one in uses]


def _stop(sentence: str) -> str:
    return "" if not sentence or sentence.endswith((N_("。"), ".", N_("？"), "?")) else _("。")
