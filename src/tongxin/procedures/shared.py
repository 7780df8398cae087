"""Called processes that every procedure may use: put into the package of whoever calls them.

A version keeps its copy. A file or variable of the same name in the procedure's own folder comes first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tongxin import config
from tongxin.procedures.package import Package, Unreadable, read_json

_CALL = re.compile(r"""\bcalledElement\s*=\s*["']([A-Za-z_][\w.-]*)["']""")
_TITLE = re.compile(r"""<(?:[\w.-]+:)?process\b[^>]*?\bname\s*=\s*["']([^"']*)["']""")
_DATA = "data.json"


@dataclass(frozen=True, slots=True)
class Shared:
    """One of them: the id calls name it by, and its title."""

    name: str
    title: str


def folder() -> Path:
    """Where they lie: a folder each, with `<id>.bpmn`, `data.json` and `forms/`."""
    return config.PROJECT / "bpmn" / "subprocesses"


def all_of_them() -> list[Shared]:
    """Every shared process, by id."""
    found = []
    for path in sorted(folder().glob("*/*.bpmn")):
        if path.stem == path.parent.name:
            title = _TITLE.search(path.read_text("utf-8"))
            found.append(Shared(path.stem, title[1] if title else path.stem))
    return found


def called_by(package: Package) -> frozenset[str]:
    """Ids of the processes that the package's diagrams call."""
    diagrams = (text for path, text in package.items() if path.endswith(".bpmn"))
    return frozenset(name for text in diagrams for name in _CALL.findall(text))


def complete(package: Package) -> Package:
    """The package with the shared processes that it calls, and those that these call."""
    files = dict(package)
    while wanted := [name for name in sorted(called_by(files)) if f"{name}.bpmn" not in files and _lies(name)]:
        for name in wanted:
            files = _with(files, _files(folder() / name))
    return files


def _lies(name: str) -> bool:
    return (folder() / name / f"{name}.bpmn").is_file()


def _files(place: Path) -> dict[str, str]:
    paths = [path for path in sorted(place.rglob("*")) if path.suffix in (".bpmn", ".json", ".dmn", ".txt")]
    return {path.relative_to(place).as_posix(): path.read_text("utf-8") for path in paths}


def _with(package: Package, theirs: Mapping[str, str]) -> dict[str, str]:
    """The package and one shared process's files; the package's own come first."""
    merged = {**theirs, **package}
    if _DATA in package and _DATA in theirs:
        try:
            own, added = read_json(package, _DATA), read_json(theirs, _DATA)
            properties = {**added["properties"], **own["properties"]}
        except (Unreadable, KeyError, TypeError):
            return merged  # whatever reads data.json next says what is wrong with it
        if len(properties) > len(own["properties"]):
            whole = msgspec.json.encode({**own, "properties": properties})
            merged[_DATA] = msgspec.json.format(whole, indent=2).decode()
    return merged
