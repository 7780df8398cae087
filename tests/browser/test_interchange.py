"""Models of the BPMN interchange group: what our modeler opens and saves again has lost nothing."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests import interchange
from tests.browser.conftest import Visitor
from tests.browser.test_workspace import desk

pytestmark = pytest.mark.skipif(not interchange.MODELS, reason=interchange.ABSENT)
SAVE = """async (xml) => {
  const { warnings } = await tongxinModeler.importXML(xml);
  return [(await tongxinModeler.saveXML({ format: true })).xml, warnings.map((one) => one.message)];
}"""
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"

# Left out when written, since the standard says that they hold where nothing is said.
DEFAULTS = {
    "startQuantity": "1",
    "completionQuantity": "1",
    "isForCompensation": "false",
    "triggeredByEvent": "false",
    "gatewayDirection": "Unspecified",
    "parallelMultiple": "false",
    "isInterrupting": "true",
    "cancelActivity": "true",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema",
    "expressionLanguage": "http://www.w3.org/1999/XPath",
    "isCollection": "false",
    "textFormat": "text/plain",
    "isSequential": "false",
    "testBefore": "false",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "isClosed": "false",
    "isUnlimited": "false",
    "behavior": "All",
    "processType": "None",
    "isMultiple": "false",
    "isExecutable": "false",
    "itemKind": "Information",
    "waitForCompletion": "true",
    "messageVisibleKind": "initiating",
}
Fact = tuple[str, str, str]


def facts(xml: str) -> Counter[Fact]:
    """Text and attributes of every element, under the id, or the number among its like, of it and of all around it."""
    return Counter(_facts(etree.fromstring(xml.encode()), ""))


def _facts(element: Any, above: str) -> Iterator[Fact]:
    name = etree.QName(element).localname
    like = element.itersiblings(element.tag, preceding=True)
    place = f"{above}/{name}[{element.get('id') or sum(1 for _ in like)}]"
    yield place, "", (element.text or "").strip() if len(element) == 0 else ""
    for attribute, value in element.attrib.items():
        known = attribute in (TYPE, SCHEMA) or DEFAULTS.get(attribute) == value
        if not known:
            yield place, attribute, _value(value)
    for child in element.iterchildren("*"):
        yield from _facts(child, place)


def _value(text: str) -> str:
    """Numbers as numbers: 342.0 is 342. A carriage return becomes a space, which the writer does not escape."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text.replace("\r", " ")


@pytest.mark.parametrize("model", interchange.MODELS, ids=lambda model: model.stem)
def test_opened_and_saved_nothing_is_lost(visitor: Visitor, model: Path) -> None:
    xml = etree.tostring(etree.parse(model), encoding="unicode")
    saved, warnings = desk(visitor).evaluate(SAVE, xml)
    assert warnings == []
    before, after = facts(xml), facts(saved)
    assert list(before - after) == []
    assert [fact for fact in after - before if not _is_added(fact)] == []
    assert visitor.complaints == []


DELETE = """async (xml) => {
  await tongxinModeler.importXML(xml);
  const task = tongxinModeler.get("elementRegistry").filter((one) => one.type.endsWith("Task"))[0];
  tongxinModeler.get("modeling").removeElements([task]);
  return [task.id, (await tongxinModeler.saveXML()).xml];
}"""


def test_what_was_deleted_stays_away(visitor: Visitor) -> None:
    """The picture of what is not drawn is kept; that of what was deleted is not."""
    model = next(one for one in interchange.MODELS if one.stem == "B.1.0")
    deleted, saved = desk(visitor).evaluate(DELETE, etree.tostring(etree.parse(model), encoding="unicode"))
    assert f'"{deleted}"' not in saved


def _is_added(fact: Fact) -> bool:
    """What the modeler writes besides: markers as they are drawn, an empty plane for a collapsed subprocess."""
    place, attribute, _text = fact
    return attribute == "isMarkerVisible" or place.rpartition("/")[2].startswith(("BPMNDiagram[", "BPMNPlane["))
