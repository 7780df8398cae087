"""Who reads a resident's telephone whole: those who have the case in hand, answer for it, or opened it."""

import json

import pytest

from tests.callers import Api, signed_in
from tests.fixtures import World
from tests.orders import open_order
from tests.procedures.packages import orders, publish

PHONE = "13912345678"


@pytest.mark.parametrize(
    ("login", "until", "reads"),
    [
        ("zhanglan", "到场", True),  # answers for the community, and opened it
        ("zhaoqm", "到场", True),  # a role of the procedure there
        ("lichs", "到场", True),  # has it in hand
        ("lichs", "评单", False),  # had it
        ("admin", "到场", False),  # may see it to mend it
    ],
)
def test_who_reads_the_telephone(world: World, login: str, until: str, reads: bool) -> None:
    order = open_order(world, until, phone=PHONE)
    page = signed_in(world, login).get(f"/cases/{order.id}")
    assert page.status_code == 200
    assert (PHONE in page.text) is reads
    events = Api(world, world.token(login)).get(f"/cases/{order.id}/events")["items"]
    assert (events[0]["details"]["values"].get("phone") == PHONE) is reads
    assert events[0]["details"]["values"]["what"] == "下水道堵塞"
    assert (PHONE in str(events)) is reads


MASKED = (
    """
[[ledger]]
name = "联系"
value = "phone"
[[ledger]]
name = "谁和什么事"
value = 'reporter_name + "：" + what'
[[ledger]]
name = "地方"
value = "case.place_name"
""",
    {"联系": "139****5678", "谁和什么事": "***", "地方": "怡园小区2号楼"},
)


@pytest.mark.parametrize(("login", "reads"), [("zhaoqm", True), ("admin", False)])
def test_who_reads_them_in_the_ledger(world: World, login: str, reads: bool) -> None:
    package = orders()
    package["procedure.toml"] = package["procedure.toml"].partition("[[ledger]]")[0] + MASKED[0]
    publish(world, package)
    order = open_order(world, phone=PHONE, reporter_name="王女士")
    ledger = Api(world, world.token(login)).get(f"/cases/{order.id}")["ledger"]
    assert ledger == ({**MASKED[1], "联系": PHONE, "谁和什么事": "王女士：下水道堵塞"} if reads else MASKED[1])


@pytest.mark.parametrize(("login", "reads"), [("zhanglan", True), ("admin", False)])
def test_nor_are_they_in_what_cases_tell_each_other(world: World, login: str, reads: bool) -> None:
    """Also under another name than the variable's."""
    package = orders()
    sent = '<tx:input name="outcome" value="&quot;done&quot;" />'
    carried = '<tx:input name="phone" value="phone" /><tx:input name="caller" value="reporter_name" />'
    assert sent in package["process.bpmn"]
    package["process.bpmn"] = package["process.bpmn"].replace(sent, sent + carried, 1)
    publish(world, package)
    order = open_order(world, "", phone=PHONE, reporter_name="王女士")
    events = Api(world, world.token(login)).get(f"/cases/{order.id}/events")["items"]
    (payload,) = [one["details"]["payload"] for one in events if one["kind"] == "message_sent"]
    assert payload == {"outcome": "done", "result": "已疏通", **({"phone": PHONE, "caller": "王女士"} if reads else {})}


def test_what_is_sensitive_on_one_form_is_so_everywhere(world: World) -> None:
    package = orders()
    start = json.loads(package["forms/start.json"])
    start["properties"]["what"]["x-sensitive"] = "hidden"
    package["forms/start.json"] = json.dumps(start)
    publish(world, package)
    order = open_order(world, what="家里吵架了")
    admin = Api(world, world.token("admin"))
    assert "家里吵架了" not in str(admin.get(f"/cases/{order.id}/events"))
    facts = signed_in(world, "admin").get(f"/cases/{order.id}").text
    assert "家里吵架了" not in facts[facts.index("<h2>内容</h2>") :]


@pytest.mark.parametrize(("login", "reads"), [("zhanglan", True), ("admin", False)])
def test_why_a_decision_answered_is_told_without_what_is_sensitive(world: World, login: str, reads: bool) -> None:
    package = orders()
    plain = open_order(world)
    assert "急缓：第 3 行（现场有没有危险：没有；哪一类：不清楚）→ 紧急：否" in page_of(world, login, plain.id)
    package["data.json"] = package["data.json"].replace(
        '"title": "哪一类",', '"title": "哪一类", "x-sensitive": "hidden",'
    )
    publish(world, {**package, "procedure.toml": package["procedure.toml"].replace('board = ["kind", ', "board = [")})
    order = open_order(world, kind="电梯")
    page = page_of(world, login, order.id)
    assert ("急缓：第 2 行（现场有没有危险：没有；哪一类：电梯）" in page) is reads
    assert ("急缓：第 2 行" in page, "一律先按紧急办" in page) == (True, reads)


def page_of(world: World, login: str, case_id: str) -> str:
    return signed_in(world, login).get(f"/cases/{case_id}").text
