"""Models of the BPMN interchange group: kept in a draft and given back as they were, to the letter."""

from pathlib import Path

import pytest
from lxml import etree

from tests import interchange
from tests.fixtures import World
from tests.workspace.owners import as_it_stands, owner, save_diagram, seen

pytestmark = pytest.mark.skipif(not interchange.MODELS, reason=interchange.ABSENT)


@pytest.mark.parametrize("model", interchange.MODELS, ids=lambda model: model.stem)
def test_a_saved_model_is_given_back_to_the_letter(world: World, model: Path) -> None:
    xml = etree.tostring(etree.parse(model), encoding="unicode")
    save_diagram(owner(world), xml, seen(world))
    assert as_it_stands(world).package["process.bpmn"] == xml
