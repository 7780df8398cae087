"""Variables that are named like functions."""

import json
from typing import Any

import pytest

from tests.procedures.packages import orders
from tongxin.procedures.definition import Definition, Refused, compile_package


def declared(name: str, **more: Any) -> Definition:
    package = orders()
    data = json.loads(package["data.json"])
    data["properties"][name] = {"type": "integer", "title": "几个"}
    return compile_package({**package, "data.json": json.dumps(data)}, **more)


@pytest.mark.parametrize("name", ["count", "number", "sum", "date and time", "add working days"])
def test_no_variable_is_called_as_a_function_is(name: str) -> None:
    with pytest.raises(Refused) as refused:
        declared(name)
    assert [(one.element, one.name) for one in refused.value.findings] == [("data.json", name)]
    assert declared(name, definition_id=1, version=1).dictionary.properties[name]["type"] == "integer"


def test_any_other_name_will_do() -> None:
    assert declared("several").dictionary.properties["several"]
