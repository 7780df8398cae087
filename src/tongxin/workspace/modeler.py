"""What the page with a diagram hands to its script: everything the panel offers, by its title."""

from typing import Any
from urllib.parse import quote

from tongxin import words
from tongxin.people.models import LEVELS
from tongxin.procedures import shared
from tongxin.procedures.package import Package
from tongxin.words import N_, _, role_title
from tongxin.workspace import checking, decision_pages, desk, diagrams
from tongxin.workspace.drafts import Work

LEVEL_TITLES = {
    "building": N_("楼栋"),
    "grid": N_("网格"),
    "community": N_("社区"),
    "township": N_("街道（乡镇）"),
    "county": N_("县（区）"),
    "city": N_("市"),
    "province": N_("省"),
}


def for_modeler(work: Work, package: Package, name: str = "") -> dict[str, Any]:
    """What the modeler's panel offers: roles, forms, parameters, variables by their titles. `name`: of the diagram."""
    file = desk.file_of(package)
    return {
        "key": work.key,
        "file": diagrams.file_of(name),
        "diagram": name,
        "diagrams": [*drawings(work.key, package), *_shared(package)],
        "decisions": decision_pages.for_modeler(work.key, package),
        "url": f"/workspace/{quote(work.key)}",
        "revision": work.revision,
        "base": work.base,
        "roles": [{"value": role, "title": role_title(role)} for role in sorted(words.titled_roles())],
        "levels": [{"value": level, "title": _(LEVEL_TITLES[level])} for level in LEVELS],
        "forms": desk.forms(package),
        "variables": desk.variables(package),
        "parameters": desk.parameters(file) if file else [],
        "stages": list(file.public.stages) if file else [],
        "units": desk.units(),
    }


def _shared(package: Package) -> list[dict[str, Any]]:
    """Processes that every procedure may call and this one does not yet; there is nothing of them to open here."""
    return [
        {"name": one.name, "title": _("{title}（共用）", title=one.title), "url": "", "callers": []}
        for one in shared.all_of_them()
        if f"{one.name}.bpmn" not in package
    ]


def drawings(key: str, package: Package) -> list[dict[str, Any]]:
    """The folder's diagrams, and from where each is called."""
    calls = diagrams.calls(package)
    return [
        {
            "name": one.name,
            "title": one.title,
            "url": checking.address_of(key, one.file),
            "callers": checking.steps(key, calls.get(one.name, [])),
        }
        for one in diagrams.all_of(package)
    ]
