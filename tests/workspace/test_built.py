"""The scripts that pages load are what their sources build, byte for byte."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tongxin.config import PROJECT

MODELER = PROJECT / "web" / "modeler"
STATIC = PROJECT / "web" / "static"


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: nothing here can build")
def test_committed_scripts_are_what_is_built(tmp_path: Path) -> None:
    copy = tmp_path / "web" / "modeler"
    shutil.copytree(MODELER, copy, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "bpmn").mkdir()
    shutil.copy(PROJECT / "bpmn" / "extensions.json", tmp_path / "bpmn")
    run(["npm", "ci", "--no-audit", "--no-fund"], copy)
    run(["npm", "run", "build", "--", str(tmp_path / "static")], copy)
    built = {path.relative_to(tmp_path / "static"): path.read_bytes() for path in (tmp_path / "static").rglob("*.*")}
    assert {path.name for path in built} >= {"viewer.js", "modeler.js", "modeler.css", "bpmn.woff2", "LICENSES.txt"}
    assert [str(path) for path, content in built.items() if (STATIC / path).read_bytes() != content] == []
    kept = {path.relative_to(STATIC) for path in (STATIC / "modeler").iterdir()}
    assert kept <= built.keys()


def test_no_registry_is_named() -> None:
    for name in (".npmrc", "package-lock.json"):
        assert "://" not in (MODELER / name).read_text().replace("https://opencollective.com", "")


def run(command: list[str], where: Path) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stdout + done.stderr
