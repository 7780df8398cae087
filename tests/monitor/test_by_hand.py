"""The monitor's pages that change a running case: a preview first, then the deed; strangers and others get 404."""

import html
import re
from functools import partial

import httpx2
import pytest
from sqlalchemy import text

from tests.callers import Api, Browser, signed_in
from tests.cases.by_hand import key_of, with_step_renamed
from tests.cases.history import case_of, kinds, open_tasks
from tests.cases.test_move_case import BRANCHES
from tests.fixtures import World
from tests.monitor.stuck import give_post, open_case
from tests.orders import Order, open_order
from tests.procedures.packages import publish
from tongxin import config, db
from tongxin.worker.tasks import Tasks

PHONE, OTHER = "13912345678", "13800138000"


def page_of(order: Order, kind: str) -> str:
    return f"/monitor/cases/{order.id}/{kind}"


def hidden(page: str, name: str) -> str:
    return html.unescape(re.findall(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"', page)[0])


def moved(browser: Browser, order: Order, key: int, to: str, **fields: str) -> str:
    """The preview of a move, then the move itself; where it leads, or what the page says."""
    shown = browser.get(f"{page_of(order, 'move')}?key={key}&to={to}").text
    given = {"key": str(key), "to": to, "seen": hidden(shown, "seen"), "reason": "走错了", **fields}
    answer = browser.post(page_of(order, "move"), given)
    return answer.headers.get("location", "") or answer.text


def test_a_move_is_shown_before_it_is_done(world: World) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    asked = admin.get(page_of(order, "move")).text
    assert "李春生在办" in asked
    assert "办理（有人到场之前都可以撤单）" in asked
    assert '<option value="dispatch"' in asked
    assert '<option value="received"' not in asked  # a start event
    key = key_of(world, order, "接单")
    shown = admin.get(f"{page_of(order, 'move')}?key={key}&to=dispatch").text
    ends, begins = shown.index("这些会结束"), shown.index("这些会开始")
    assert "接单" in shown[ends:begins]
    assert "怡园社区的党支部派单人可以领取" in shown[begins:]
    assert [task.name for task in open_tasks(world, order)] == ["接单"]
    assert "请写明为什么" in moved(admin, order, key, "dispatch", reason=" ")
    assert moved(admin, order, key, "dispatch") == f"/cases/{order.id}"
    assert [task.name for task in open_tasks(world, order)] == ["派单"]
    assert "走错了" in admin.get(f"/cases/{order.id}").text


def test_what_happened_meanwhile_is_looked_at_again(world: World) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    key = key_of(world, order, "接单")
    Api(world, world.token("lichs")).post(f"/tasks/{order.task}/completion", values={"answer": "accept"})
    answer = admin.post(page_of(order, "move"), {"key": key, "to": "dispatch", "seen": "3", "reason": "x"})
    assert answer.status_code == 409
    assert "刚才有了变化" in answer.text
    assert "已经不在等了" in answer.text
    assert [task.name for task in open_tasks(world, order)] == ["联系"]


def test_a_join_in_vain_wants_a_second_look(world: World) -> None:
    publish(world, BRANCHES)
    order, admin = open_case(world, "branches"), signed_in(world, "admin")
    first = next(task for task in open_tasks(world, order) if task.name == "甲")
    Api(world, world.token("zhanglan")).post(f"/tasks/{first.id}/completion", values={"note": "好"})
    key = key_of(world, order, "乙")
    assert "会一直等下去" in admin.get(f"{page_of(order, 'move')}?key={key}&to=after").text
    assert "请先勾选" in moved(admin, order, key, "after")
    assert moved(admin, order, key, "after", in_vain="1") == f"/cases/{order.id}"


def test_a_version_is_tried_then_taken(world: World) -> None:
    order, admin = open_order(world), signed_in(world, "admin")
    assert "只有这一版" in admin.get(page_of(order, "version")).text
    publish(world, with_step_renamed())
    shown = admin.get(page_of(order, "version")).text
    assert '<option value="verify" selected>核查</option>' in shown  # the only step of the same form
    assert "在“核查”" in shown
    nowhere = admin.get(f"{page_of(order, 'version')}?to=2&map.check=").text
    assert "没有地方放" in nowhere
    assert "新版里没有这一步" in nowhere
    given = {"to": "2", "map.check": "verify", "seen": hidden(shown, "seen"), "reason": ""}
    assert "请写明为什么" in admin.post(page_of(order, "version"), given).text
    answer = admin.post(page_of(order, "version"), {**given, "reason": "新版"})
    assert answer.headers["location"] == f"/cases/{order.id}"
    assert open_tasks(world, order)[0].name == "核查"
    assert "从第 1 版换到第 2 版" in admin.get(f"/cases/{order.id}").text
    assert admin.post(page_of(order, "version"), {**given, "reason": "新版"}).status_code == 409


def test_many_cases_go_over_by_jobs_and_those_that_cannot_are_listed(world: World) -> None:
    going, further = [open_order(world) for _ in range(3)], open_order(world, "接单")
    closed = open_order(world)
    Api(world, closed.link).post(f"/cases/{closed.id}/withdrawal")
    publish(world, with_step_renamed())
    admin, first = signed_in(world, "admin"), case_of(world, further).definition_id
    assert f"/monitor/versions/{first}/migration" in admin.get("/monitor").text
    page = f"/monitor/versions/{first}/migration"
    shown = admin.get(f"{page}?map.check=").text
    assert "能换 1 件" in shown
    assert "换不了 3 件" in shown
    assert f"/monitor/cases/{going[0].id}/version?to=2" in shown
    assert "能换 4 件" in admin.get(page).text
    assert admin.post(page, {"to": "2", "reason": " "}).status_code == 422
    answer = admin.post(page, {"to": "2", "map.check": "verify", "reason": "新版"})
    assert answer.headers["location"] == f"{page}?to=2&started=4"
    waiting = admin.get(answer.headers["location"]).text
    assert "4 件里已处理 0 件" in waiting
    Api(world, going[0].link).post(f"/cases/{going[0].id}/withdrawal")  # before its turn comes
    assert work(world) == 4
    done = admin.get(answer.headers["location"]).text
    assert "4 件里已处理 4 件" in done
    assert "这一版没有在办的事了" in done
    for order in (*going[1:], further):
        assert case_of(world, order).definition_id != first
        assert kinds(world, order).count("case_migrated") == 1
    assert case_of(world, going[0]).definition_id == case_of(world, closed).definition_id == first


def work(world: World) -> int:
    """Do the migrations that wait, each twice, as a worker that lost count would."""
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    with db.transaction(world.engine) as session:
        taken = "DELETE FROM procrastinate_jobs WHERE task_name = 'migrate_case' RETURNING args"
        waiting = list(session.connection().execute(text(taken)).scalars())
    for args in (*waiting, *waiting):
        tasks.migrate_case(**args)
    return len(waiting)


def corrected(browser: Browser, order: Order, fields: dict[str, object]) -> httpx2.Response:
    """What is handed in on the page as it is now."""
    names = fields["field"] if isinstance(fields["field"], list) else [fields["field"]]
    page = browser.get(f"{page_of(order, 'data')}?" + "&".join(f"field={name}" for name in names)).text
    return browser.post(page_of(order, "data"), {"seen": hidden(page, "seen"), **fields})


def test_a_correction_takes_back_no_other_unawares(world: World) -> None:
    order, admin = open_order(world, "派单", phone=PHONE), signed_in(world, "admin")
    early = hidden(admin.get(f"{page_of(order, 'data')}?field=what").text, "seen")
    assert corrected(admin, order, {"field": "what", "what": "上水管漏水", "reason": "更正"}).status_code == 303
    late = admin.post(page_of(order, "data"), {"seen": early, "field": "what", "what": "下水道堵塞", "reason": "x"})
    assert late.status_code == 409
    assert "刚才有了变化" in late.text
    assert "下水道堵塞</textarea>" in late.text
    assert case_of(world, order).variables["what"] == "上水管漏水"


def test_a_telephone_is_corrected_without_being_seen(world: World) -> None:
    order, admin = open_order(world, "派单", phone=PHONE), signed_in(world, "admin")
    listed = admin.get(page_of(order, "data")).text
    assert "139****5678" in listed
    assert PHONE not in listed
    form = admin.get(f"{page_of(order, 'data')}?field=phone&field=what").text
    assert PHONE not in form
    assert "现在是 139****5678" in form
    assert "下水道堵塞</textarea>" in form
    fields = {"field": ["phone", "what"], "phone": "", "what": "上水管漏水", "reason": "居民更正"}
    assert corrected(admin, order, fields).headers["location"] == f"/cases/{order.id}"
    variables = case_of(world, order).variables
    assert (variables["phone"], variables["what"]) == (PHONE, "上水管漏水")
    assert corrected(admin, order, {**fields, "phone": OTHER}).status_code == 303
    assert case_of(world, order).variables["phone"] == OTHER


def test_the_whole_value_is_shown_when_asked_for_and_the_history_says_who(world: World) -> None:
    order, admin = open_order(world, "派单", phone=PHONE), signed_in(world, "admin")
    answer = admin.post(f"{page_of(order, 'data')}/shown", {"field": "phone"})
    assert PHONE in answer.text
    assert kinds(world, order)[-1] == "data_shown"
    assert "查看了原值：电话" in signed_in(world, "zhaoqm").get(f"/cases/{order.id}").text
    emptied = {"field": "phone", "phone": "", "shown": "1", "reason": "居民不愿留"}
    assert corrected(admin, order, emptied).status_code == 303
    assert case_of(world, order).variables["phone"] is None


def test_what_does_not_fit_is_said_beside_its_field(world: World) -> None:
    order, admin = open_order(world, "派单"), signed_in(world, "admin")
    answer = corrected(admin, order, {"field": "cost", "cost": "很多", "reason": "x"})
    assert answer.status_code == 422
    assert 'value="很多"' in answer.text
    assert "请写明为什么" in corrected(admin, order, {"field": "cost", "cost": "3", "reason": ""}).text
    assert "没有改动" in corrected(admin, order, {"field": "cost", "cost": "", "reason": "x"}).text
    assert kinds(world, order)[-1] == "task_completed"


@pytest.mark.parametrize("login", ["zhanglan", "zhaoqm", "lichs", "wudi"])
def test_who_does_not_administer_the_place_gets_404(world: World, login: str) -> None:
    order = open_order(world, "接单")
    publish(world, with_step_renamed())
    give_post(world, "wudi", "administrator", "NY")
    stranger, key = signed_in(world, login), key_of(world, order, "接单")
    for kind in ("move", "version", "data"):
        assert stranger.get(page_of(order, kind)).status_code == 404
        assert stranger.post(page_of(order, kind), {"key": key, "to": "2", "field": "what"}).status_code == 404
    assert stranger.post(f"{page_of(order, 'data')}/shown", {"field": "phone"}).status_code == 404
    if login != "wudi":
        page = f"/monitor/versions/{case_of(world, order).definition_id}/migration"
        assert stranger.get(page).status_code == stranger.post(page, {"to": "2"}).status_code == 404
    assert [task.name for task in open_tasks(world, order)] == ["接单"]


def test_another_administrator_moves_no_case_of_others(world: World) -> None:
    order = open_order(world)
    publish(world, with_step_renamed())
    give_post(world, "wudi", "administrator", "NY")
    page = f"/monitor/versions/{case_of(world, order).definition_id}/migration"
    other = signed_in(world, "wudi")
    assert "没有在办的事" in other.get(page).text
    assert other.post(page, {"to": "2", "reason": "x"}).headers["location"].endswith("started=0")


def test_a_closed_case_leads_to_itself(world: World) -> None:
    order, admin = open_order(world), signed_in(world, "admin")
    Api(world, order.link).post(f"/cases/{order.id}/withdrawal")
    for kind in ("move", "version", "data"):
        assert admin.get(page_of(order, kind)).headers["location"] == f"/cases/{order.id}"
    fields = {"key": "1", "to": "check", "seen": str(case_of(world, order).chain_length), "reason": "x"}
    assert admin.post(page_of(order, "move"), fields).status_code == 409
    assert "/move" not in admin.get(f"/cases/{order.id}").text


def test_the_clocks_of_a_case_are_stopped_and_started_with_a_reason(world: World) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    page = admin.get(page_of(order, "clocks")).text
    assert "停表以后" in page
    assert "接单" in page
    given = {"stopped": "1", "seen": hidden(page, "seen"), "reason": " "}
    refused = admin.post(page_of(order, "clocks"), given)
    assert refused.status_code == 422
    assert "请写明为什么" in refused.text
    assert admin.post(page_of(order, "clocks"), {**given, "reason": "台风"}).headers["location"] == f"/cases/{order.id}"
    assert "停表中" in admin.get("/monitor/cases").text
    assert "所有时限都不走" in admin.get(f"/cases/{order.id}").text
    again = admin.post(page_of(order, "clocks"), {**given, "reason": "再停一次"})
    assert again.status_code == 409
    assert "再停一次" in again.text
    page = admin.get(page_of(order, "clocks")).text
    assert "管理员停表" in page
    given = {"stopped": "0", "seen": hidden(page, "seen"), "reason": "台风过去了"}
    assert admin.post(page_of(order, "clocks"), given).status_code == 303
    assert kinds(world, order)[-2:] == ["clocks_stopped", "clocks_started"]
    assert "停表中" not in admin.get("/monitor/cases").text


def test_strangers_stop_no_clocks(world: World) -> None:
    order, clerk = open_order(world, "接单"), signed_in(world, "zhanglan")
    assert clerk.get(page_of(order, "clocks")).status_code == 404
    assert clerk.post(page_of(order, "clocks"), {"stopped": "1", "seen": "1", "reason": "x"}).status_code == 404
    assert case_of(world, order).paused_at is None
