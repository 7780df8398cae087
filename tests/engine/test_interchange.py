"""Models of the BPMN interchange group: read without an exception, and told what of them does not run."""

from pathlib import Path

import pytest

from tests import interchange
from tongxin.engine.reading import diagram

pytestmark = pytest.mark.skipif(not interchange.MODELS, reason=interchange.ABSENT)


@pytest.mark.parametrize("model", interchange.MODELS, ids=lambda model: model.stem)
def test_every_model_is_read_and_every_process_in_it_is_judged(model: Path) -> None:
    source = model.read_bytes()
    assert diagram.kind(diagram.parse(source)) == "definitions"
    each = list(interchange.processes(source))
    assert each
    for _name, _executable, alone in each:
        for finding in interchange.findings(alone):
            assert finding.message
            assert finding.advice


def test_the_document_says_what_the_check_says() -> None:
    """`python -m tests.interchange` writes it anew."""
    assert interchange.DOCUMENT.read_text() == interchange.generated()
