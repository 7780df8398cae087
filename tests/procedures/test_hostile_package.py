"""A package made to do harm is answered at once: too deep, too long, too many braces."""

import time
from datetime import UTC, datetime

import pytest

from tongxin.feel import Template
from tongxin.procedures import package as packages


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 900, "嵌套太深"),
        (".".join("a" * 500_000) + " = 1", "太长"),
        ('title = "' + "a" * 1_500_000 + '"', "太长"),
        ("a = 1\n" * 100_000, "太长"),
        ("\n".join("b." + ".".join("a" * 400) + f" = {i}" for i in range(200)), "procedure.toml"),
    ],
    ids=["deep", "dotted", "wide", "many lines", "many dotted"],
)
def test_procedure_file(text: str, said: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(packages.Unreadable, match=said):
        packages.read_procedure({"procedure.toml": text})
    assert time.perf_counter() - begun < 2


def test_deep_json() -> None:
    with pytest.raises(packages.Unreadable, match="嵌套太深"):
        packages.read_json({"data.json": "[" * 1_000_000}, "data.json")


def test_braces_that_never_close() -> None:
    begun = time.perf_counter()
    text = "{{" * 900_000
    assert Template(text).fill({}, datetime(2026, 3, 5, tzinfo=UTC)) == text
    assert time.perf_counter() - begun < 1


def test_holes_and_text_by_turns() -> None:
    filled = Template("a{{ 1 }}b{{ x }}{{ 2 }}}} {{").fill({}, datetime(2026, 3, 5, tzinfo=UTC))
    assert filled == "a1b2}} {{"
