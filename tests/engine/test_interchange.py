"""Models of the BPMN interchange group: read without an exception, and told what of them does not run."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests import interchange
from tests.adapted import adapt, unvisited
from tongxin import engine
from tongxin.engine.reading import diagram, vocabulary

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


@pytest.mark.parametrize("name", interchange.executable())
def test_what_is_marked_executable_runs_every_way_to_its_end(name: str) -> None:
    source, _made = adapt(interchange.executable()[name])
    process = engine.compile(source)
    assert shape(diagram.parse(source)) >= shape(diagram.parse(interchange.executable()[name]))
    assert unvisited(process) == set()


def shape(root: Any) -> set[tuple[str, ...]]:
    """The nodes and flows, by what makes them what they are."""
    telling = ("id", "sourceRef", "targetRef", "attachedToRef", "cancelActivity", "default")
    return {
        (diagram.kind(one), *(f"{one.get(name)}" for name in telling))
        for one in root.iter(etree.Element)
        if diagram.kind(one) in vocabulary.FLOW_NODES or diagram.kind(one).endswith(("Flow", "EventDefinition"))
    }


def test_the_document_says_what_the_check_says() -> None:
    """`python -m tests.interchange` writes it anew."""
    assert interchange.DOCUMENT.read_text() == interchange.generated()
