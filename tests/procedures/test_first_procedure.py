"""docs/your-first-procedure.md, followed to the letter: its files are a whole procedure whose stories come true."""

import re
from pathlib import Path

import pytest

from tests.fixtures import World
from tongxin import config, scenarios
from tongxin.procedures import package
from tongxin.procedures.definition import compile_package

PAGE = config.PROJECT / "docs" / "your-first-procedure.md"
_FILE = re.compile(r"^`([a-z_/.]+)`\n\n```[a-z]+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of whoever has typed in every file of the page."""
    made = tmp_path / "room_key"
    for name, content in _FILE.findall(PAGE.read_text("utf-8")):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(content, "utf-8")
    return made


def test_it_passes_the_check_without_a_warning(folder: Path) -> None:
    assert compile_package(package.read_folder(folder)).warnings == ()


def test_its_stories_come_true_and_come_to_everything(world: World, folder: Path) -> None:
    tried = package.read_folder(folder)
    paths = sorted(folder.glob("scenarios/*.yaml"))
    reports = [scenarios.run(scenarios.read(path), tried, world.engine) for path in paths]
    assert [report.failure for report in reports] == [None, None]
    assert scenarios.coverage(reports, compile_package(tried).process) == frozenset()


def test_every_command_and_file_it_names_is_there() -> None:
    said = PAGE.read_text("utf-8")
    for name in re.findall(r"\]\(([a-z-]+\.md)\)", said):
        assert (PAGE.parent / name).is_file()
