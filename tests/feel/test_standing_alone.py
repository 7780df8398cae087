"""`feel` could be a package of its own: it needs nothing of ours, and its README says what is so."""

import ast
import re
import sys
from pathlib import Path
from types import FunctionType

import pytest

from tongxin import feel, words

ROOM = Path(feel.__file__).parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOM / "README.md").read_text("utf-8"), re.DOTALL)


def imported() -> set[str]:
    """The first two parts of every name that a module of the room imports."""
    found = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                found |= {
                    f"{node.module}.{one.name}" if node.module == "tongxin" else str(node.module) for one in node.names
                }
    return {".".join(one.split(".")[:2]) for one in found}


def test_it_imports_nothing_else_of_ours() -> None:
    assert {one for one in imported() if one.startswith("tongxin")} == {"tongxin.feel"}
    others = {one.split(".")[0] for one in imported()} - {"tongxin"} - sys.stdlib_module_names
    assert others <= {"re2"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_the_readme_shows_is_so(example: str) -> None:
    exec(compile(example, "README.md", "exec"), {})


def test_every_part_that_others_use_says_what_it_is() -> None:
    for name in feel.__all__:
        part = getattr(feel, name)
        if isinstance(part, (type, FunctionType)):
            assert part.__doc__, name


@pytest.mark.parametrize("source", ["费用 >", "uper_case(a)", "string lenght(a)", "1e9999999", "[1, 2"])
def test_an_error_is_told_in_the_language_of_whoever_reads(source: str) -> None:
    with pytest.raises(feel.FeelError) as refused:
        feel.compile(source)
    with words.speaking(words.ENGLISH):
        told = words.told(refused.value)
        assert told == refused.value.in_english
        assert not re.search(r"[\u3400-\u9fff]", told.replace("费用", ""))
    with words.speaking(words.CHINESE):
        assert words.told(refused.value) == str(refused.value)
