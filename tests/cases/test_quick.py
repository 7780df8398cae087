"""A step in which nothing has to be filled is done by one tap in the inbox."""

import json
from typing import Any

import pytest

from tests.callers import HTMX, signed_in
from tests.fixtures import World
from tests.worker.test_between_cases import END, START, WORK, case_of, open_case, publish
from tests.worker.test_family import relative
from tests.worker.test_surroundings import tasks
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package

FORM = {"title": "今天有吗？", "x-submit": "今日无", "x-quick": True, "type": "object"}


def daily(**fields: Any) -> Package:
    refs = {name: {"$ref": f"../data.json#/properties/{name}"} | more for name, more in fields.items()}
    made = relative("daily", START, WORK, END)
    return {**made, "forms/work.json": json.dumps(FORM | {"properties": refs})}


def test_one_tap_in_the_list(world: World) -> None:
    publish(world, daily(what={}, got={"x-prefill": '"都好"', "x-source": "平常"}))
    case_id = open_case(world, "daily", "日排查")
    (task,) = tasks(world, case_id)
    clerk = signed_in(world, "zhanglan")
    page = clerk.get("/tasks?scope=open&q=日").text
    assert f'action="/tasks/{task.id}/quick"' in page
    assert f"/tasks/{task.id}/claim" not in page
    answer = clerk.post(f"/tasks/{task.id}/quick", {"back": "scope=open&q=%E6%97%A5&after=x"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/tasks?scope=open&q=%E6%97%A5&done={task.id}"
    case = case_of(world, case_id)
    assert (case.status, case.variables["got"], case.variables["what"]) == ("closed", "都好", "日排查")
    assert clerk.post(f"/tasks/{task.id}/quick").status_code == 409


def test_the_row_says_what_was_done(world: World) -> None:
    publish(world, daily(what={}))
    case_id = open_case(world, "daily", "日排查")
    (task,) = tasks(world, case_id)
    answer = signed_in(world, "zhanglan").post(f"/tasks/{task.id}/quick", headers=HTMX)
    assert (answer.status_code, "已办：今日无" in answer.text) == (200, True)
    assert f"/cases/{case_id}" in answer.text
    assert "<html" not in answer.text


def test_only_such_forms_and_only_whose_they_are(world: World) -> None:
    publish(world, daily(what={}), relative("usual", START, WORK, END))
    quick, usual = (tasks(world, open_case(world, key))[0].id for key in ("daily", "usual"))
    assert signed_in(world, "lichs").post(f"/tasks/{quick}/quick").status_code == 404
    clerk = signed_in(world, "zhanglan")
    assert clerk.post(f"/tasks/{usual}/quick").status_code == 404
    assert f"/tasks/{usual}/quick" not in clerk.get("/tasks?scope=open").text


def test_what_must_be_filled_is_not_done_by_a_tap() -> None:
    made = daily(what={})
    form = json.loads(made["forms/work.json"]) | {"required": ["what"]}
    with pytest.raises(Refused, match="就不能有必填的“什么事”"):
        compile_package({**made, "forms/work.json": json.dumps(form)})
