"""The DMN TCK's cases, where they lie beside the checkout; what is missed stands in docs/conformance.md."""

from pathlib import Path

import pytest

from tests.decisions import tck

CASES = Path(__file__).parents[2].parent / "shared" / "dmn-tck"
CASES = CASES if CASES.is_dir() else Path(__file__).parents[3].parent / "shared" / "dmn-tck"  # of a worktree
TOTAL = 2635
PASSED = 2631  # a floor: see docs/conformance.md


@pytest.mark.skipif(not CASES.is_dir(), reason="the TCK's cases are not beside this checkout")
def test_agrees_with_the_standard() -> None:
    cases = list(tck.run(CASES))
    missed = [f"{case.folder} {case.name}: {'; '.join(case.missed)}" for case in cases if case.missed]
    assert len(cases) >= TOTAL
    assert len(cases) - len(missed) >= PASSED, "\n".join(missed)
