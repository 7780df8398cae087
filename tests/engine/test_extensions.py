"""The modeler's descriptor and the engine know the same attributes."""

import json
from pathlib import Path
from typing import Any

from tongxin.engine.reading import vocabulary

ROOT = Path(__file__).parents[2]
DESCRIPTOR: dict[str, Any] = json.loads((ROOT / "bpmn" / "extensions.json").read_text(encoding="utf-8"))


def kinds(names: list[str]) -> list[str]:
    """bpmn:UserTask -> userTask; bpmn:FlowNode -> every flow node."""
    found: list[str] = []
    for name in names:
        kind = name.removeprefix("bpmn:")
        found += vocabulary.FLOW_NODES if kind == "FlowNode" else [kind[0].lower() + kind[1:]]
    return found


def test_attributes_are_the_same() -> None:
    described: dict[str, set[str]] = {}
    for kind in DESCRIPTOR["types"]:
        for element in kinds(kind.get("extends", [])):
            described.setdefault(element, set()).update(one["name"] for one in kind["properties"])
    assert described == {element: set(names) for element, names in vocabulary.OURS.items()}


def test_elements_are_the_same() -> None:
    described: dict[str, set[str]] = {}
    for kind in DESCRIPTOR["types"]:
        for element in kinds(kind.get("meta", {}).get("allowedIn", [])):
            described.setdefault(element, set()).add(kind["name"].lower())
            assert [one["name"] for one in kind["properties"]] == ["name", "value"]
    assert described == {element: set(names) for element, names in vocabulary.OUR_ELEMENTS.items()}


def test_namespace_is_the_same() -> None:
    assert (DESCRIPTOR["uri"], DESCRIPTOR["prefix"]) == (vocabulary.TX, "tx")


def test_every_element_has_its_place_in_every_table() -> None:
    for kind in vocabulary.FLOW_NODES:
        assert kind in vocabulary.CHILDREN
        assert kind in vocabulary.ATTRIBUTES
