"""The locks: whole, agreeing, and saying nothing of where packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, str]:
    """Package -> version, of packages this platform may need or not."""
    text = (PROJECT / name).read_text().replace("\\\n", "")
    found = {}
    for line in text.splitlines():
        requirement = re.match(r"(?P<name>[\w.-]+)==(?P<version>[\w.!+]+)(?: ; .+?)?\s+--hash=sha256:", line)
        assert requirement, f"neither pinned nor hashed: {line}"
        found[canonicalize_name(requirement["name"])] = requirement["version"]
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_names_no_addresses(name: str) -> None:
    text = (PROJECT / name).read_text()
    assert not re.search(r"://|@|^\s*-(?!-hash=)", text, re.MULTILINE)


def test_tools_do_not_change_what_runs() -> None:
    run, development = map(locked, LOCKS)
    assert run.items() <= development.items()


def test_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    versions = locked("requirements-dev.lock")
    for line in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        wanted = Requirement(line)
        version = versions.get(canonicalize_name(wanted.name))
        assert version and wanted.specifier.contains(version), f"run `make lock`: {line}"
