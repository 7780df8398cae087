"""Processes that all may call come into the package of whoever calls them; the package's own come first."""

import json

from tests.callers import signed_in
from tests.fixtures import World
from tests.worker.test_between_cases import END, START, WORK
from tests.worker.test_family import relative
from tongxin.procedures import shared
from tongxin.procedures.definition import compile_package
from tongxin.procedures.package import Package

CALL = (
    '<callActivity id="call" calledElement="notify"><extensionElements><tx:input name="notice_to" value="null"/>'
    '<tx:input name="notice_role" value="&quot;leader&quot;"/><tx:input name="notice_level" value="null"/>'
    '<tx:input name="notice_text" value="what"/></extensionElements></callActivity>'
)


def calling(**files: str) -> Package:
    return {**relative("calls", START, CALL, WORK, END), **files}


def test_what_is_called_comes_along_with_its_variables() -> None:
    package = calling()
    whole = shared.complete(package)
    assert whole.keys() - package.keys() == {"notify.bpmn"}
    properties = json.loads(whole["data.json"])["properties"]
    assert {"what", "notice_text", "notified"} <= properties.keys()
    definition = compile_package(package)
    assert definition.package == whole
    assert "call/tell" in definition.process.nodes


def test_the_package_s_own_come_first() -> None:
    own = "<own/>"
    data = json.loads(calling()["data.json"])
    data["properties"]["notified"] = {"type": "string", "title": "我的"}
    whole = shared.complete(calling(**{"notify.bpmn": own, "data.json": json.dumps(data)}))
    assert whole["notify.bpmn"] == own
    beside = shared.complete(calling(**{"data.json": json.dumps(data)}))
    assert json.loads(beside["data.json"])["properties"]["notified"] == {"type": "string", "title": "我的"}


def test_nothing_called_nothing_added_and_nothing_twice() -> None:
    package = relative("calls", START, WORK, END)
    assert shared.complete(package) == package
    once = shared.complete(calling())
    assert shared.complete(once) == once


def test_a_broken_dictionary_is_told_by_whoever_reads_it_next() -> None:
    assert shared.complete(calling(**{"data.json": "{"}))["data.json"] == "{"


def test_owners_are_offered_them(world: World) -> None:
    page = signed_in(world, "heping").get("/workspace/orders").text
    for one in shared.all_of_them():
        assert f"{one.title}（共用）" in page
