"""Whatever a file holds, the check answers soon, in little memory, with findings a person can read."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.engine.hostile import FILES

SOUND = {  # strange, but nothing is wrong with them
    "2,000 nodes in a row",
    "thousands of lanes",
    "nested lanes",
    "many joins",
    "20,000 flows between two nodes",
    "associations in circles",
    "deep picture",
}


@cache
def answers() -> Any:
    """In a process of their own, whose memory can be measured."""
    command = [sys.executable, "-m", "tests.engine.hostile"]
    ran = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=True, timeout=120)
    return json.loads(ran.stdout)


@pytest.mark.parametrize("name", FILES)
def test_hostile_file(name: str) -> None:
    answer = answers()[name]
    assert answer["seconds"] < 2
    assert answer["megabytes"] < 300
    assert bool(answer["said"]) == (name not in SOUND)
    assert len(answer["said"]) <= 201
    assert all(len(one) < 1_000 for one in answer["said"])


def test_nothing_of_another_file_is_read() -> None:
    for name in (one for one in FILES if "external" in one):
        assert not any("root:" in said for said in answers()[name]["said"])


def test_a_way_out_of_each_of_forty_branches_is_found() -> None:
    assert "等不到" in answers()["branches that may leave"]["said"][0]
