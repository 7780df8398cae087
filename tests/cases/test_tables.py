"""Tables of rows in a case: who reads their cells, what history says of them, how much of them there may be."""

import json
import re
import time
from typing import Any

import pytest

from tests.callers import Api, Browser, signed_in
from tests.fixtures import World
from tests.procedures.packages import flow, package, publish

ID = "11010519491231002X"
_DRAWN = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/>'
    '<userTask id="look" name="回看" tx:form="look"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "look")
    + flow("look", "done"),
    {"community_clerk": ["begin", "work", "look", "done"]},
    forms={"work": ["lines", "note"], "look": ["note"]},
)
COLUMNS: dict[str, Any] = {
    "item": {"type": "string", "title": "品名"},
    "payee": {"type": "string", "title": "收款人", "format": "id-number"},
    "n": {"type": "integer", "title": "数量"},
    "third": {"type": "number", "title": "三分之一", "x-value": "n / 3"},
}


def opened(world: World, columns: dict[str, Any] = COLUMNS) -> tuple[Api, dict[str, Any], str]:
    """A case whose first step, claimed, asks for a table."""
    data = json.loads(_DRAWN["data.json"])
    rows = {"type": "object", "properties": columns}
    data["properties"]["lines"] = {"type": "array", "title": "明细", "format": "rows", "items": rows, "maxItems": 200}
    publish(world, {**_DRAWN, "data.json": json.dumps(data)})
    clerk = Api(world, world.token("zhanglan"))
    made = clerk.post("/cases", procedure="trial", unit="YY102", values={"what": "钱"})
    task = made["tasks"][0]["id"]
    clerk.post(f"/tasks/{task}/claim")
    return clerk, made, task


def test_who_only_mends_does_not_read_a_sensitive_cell_unless_it_is_noted(world: World) -> None:
    clerk, made, task = opened(world)
    clerk.post(f"/tasks/{task}/completion", values={"lines": [{"item": "笔", "payee": ID, "n": 1}]})
    admin, here = signed_in(world, "admin"), f"/monitor/cases/{made['id']}/data?field=lines"
    assert ID not in admin.get(here).text
    kinds = [one["kind"] for one in Api(world, world.token("admin")).get(f"/cases/{made['id']}/events")["items"]]
    assert "data_shown" not in kinds


def test_a_quotient_is_rounded_and_history_says_what_was_handed_in(world: World) -> None:
    clerk, made, task = opened(world)
    clerk.post(f"/tasks/{task}/completion", values={"lines": [{"item": "笔", "n": 1}, {"item": "纸", "n": 2}]})
    page = signed_in(world, "zhanglan").get(f"/cases/{made['id']}").text
    assert "三分之一 0.333333" in page
    assert "三分之一 0.666667" in page


def test_an_empty_row_above_does_not_move_what_is_wrong(world: World) -> None:
    _clerk, _made, task = opened(world, {**COLUMNS, "third": {**COLUMNS["third"], "maximum": 10}})
    page = signed_in(world, "zhanglan").post(
        f"/tasks/{task}/completion",
        {"lines:0:item": "", "lines:1:item": "笔", "lines:1:n": "3", "lines:2:item": "纸", "lines:2:n": "90"},
    )
    assert page.status_code == 422
    assert 'href="#f-lines:2:third"' in page.text
    assert "第 3 行：三分之一" in page.text


@pytest.mark.parametrize("asked", ["lines:remove:a1234", "lines:remove:٣", "lines:remove:0:0", "lines:remove:-1"])
def test_a_button_nobody_drew_changes_nothing(world: World, asked: str) -> None:
    _clerk, _made, task = opened(world)
    answer = signed_in(world, "zhanglan").post(f"/tasks/{task}/completion", {"lines:0:item": "笔", ":again": asked})
    assert (answer.status_code, 'value="笔"' in answer.text) == (422, True)


def test_200_rows_of_12_columns_are_taken_and_share_one_budget(world: World) -> None:
    columns = {f"c{number}": {"type": "string", "title": f"第 {number} 列"} for number in range(11)}
    slow = "count(for i in 1..300, j in 1..300 return i)"
    _clerk, _made, task = opened(world, {**columns, "made": {"type": "number", "title": "算出", "x-value": slow}})
    clerk = signed_in(world, "zhanglan")
    sent = {f"lines:{row}:c{column}": "x" for row in range(200) for column in range(11)}
    begun = time.perf_counter()
    answer = clerk.post(f"/tasks/{task}/completion", sent)
    assert (answer.status_code, "算出算不出来" in answer.text) == (422, True)
    assert time.perf_counter() - begun < 10


def test_the_sum_stands_there_before_anything_is_filled_in(world: World) -> None:
    data = json.loads(_DRAWN["data.json"])
    rows = {"type": "object", "properties": COLUMNS}
    data["properties"]["lines"] = {"type": "array", "title": "明细", "format": "rows", "items": rows, "x-total": ["n"]}
    publish(world, {**_DRAWN, "data.json": json.dumps(data)})
    clerk = Api(world, world.token("zhanglan"))
    task = clerk.post("/cases", procedure="trial", unit="YY102", values={"what": "钱"})["tasks"][0]["id"]
    clerk.post(f"/tasks/{task}/claim")
    page = signed_in(world, "zhanglan").get(f"/tasks/{task}").text
    assert re.search(r'<output id="f-lines:total:n"></output>', page)


def test_what_a_step_takes_is_described_by_the_api(world: World) -> None:
    clerk, made, task = opened(world)
    described = clerk.get(f"/tasks/{task}/form")["values"]
    assert described["properties"]["lines"]["items"]["properties"]["third"]["readOnly"] is True
    resident = Browser(world)
    assert resident.client.get(f"/api/v1/tasks/{task}/form").status_code == 401
    other = world.client.get(
        f"/api/v1/tasks/{task}/form", headers={"Authorization": f"Bearer {world.token('sunjing')}"}
    )
    assert other.status_code == 404
    assert made["id"]
