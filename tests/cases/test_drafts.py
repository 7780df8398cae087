"""Drafts: kept while one types, there after signing in again, gone when the step is done."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from tests.callers import Browser, signed_in
from tests.fixtures import Clock, World
from tests.orders import Order, open_order
from tongxin import demo
from tongxin.cases.models import Draft


def claimed(world: World) -> tuple[Order, Browser]:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    return order, clerk


def test_what_was_typed_is_there_again_also_what_would_be_refused(world: World, still: Clock) -> None:
    order, clerk = claimed(world)
    answer = clerk.post(f"{order.page}/draft", {"decision": "not_ours", "referral_note": "归供水公司" * 100})
    assert answer.json()["saved"] == "已保存草稿 08:30"
    page = clerk.get(order.page).text
    assert "归供水公司" * 100 in page
    assert "草稿 3月5日 08:30" in page


def test_the_next_one_replaces_it_and_completing_drops_it(world: World) -> None:
    order, clerk = claimed(world)
    clerk.post(f"{order.page}/draft", {"decision": "not_ours", "referral_note": "第一稿"})
    clerk.post(f"{order.page}/draft", {"decision": "not_ours", "referral_note": "第二稿"})
    page = clerk.get(order.page).text
    assert "第二稿" in page
    assert "第一稿" not in page
    clerk.post(f"{order.page}/completion", {"decision": "not_ours", "referral_note": "第二稿"})
    assert clerk.post(f"{order.page}/draft", {"referral_note": "太晚"}).status_code == 409


def test_a_session_that_expires_in_the_middle_of_a_form(world: World, still: Clock) -> None:
    order, clerk = claimed(world)
    clerk.post(f"{order.page}/draft", {"decision": "not_ours", "referral_note": "写到一半"})
    still.move(timedelta(hours=13))
    answer = clerk.post(f"{order.page}/completion", {"decision": "not_ours", "referral_note": "写完了"})
    assert answer.status_code == 401
    carried = dict(re.findall(r'name="(kept\.[^"]+)" value="([^"]*)"', answer.text))
    assert carried == {"kept.decision": "not_ours", "kept.referral_note": "写完了"}
    wrong = clerk.post(f"{order.page}/sign-in", {"login": "zhanglan", "password": "wrong", **carried})
    assert "写完了" in wrong.text
    again = clerk.post(f"{order.page}/sign-in", {"login": "zhanglan", "password": demo.PASSWORD, **carried})
    clerk.cookie = again.headers["set-cookie"].partition(";")[0]
    assert "写完了" in clerk.get(order.page).text


def test_under_htmx_the_whole_page_goes_to_sign_in_and_back(world: World, still: Clock) -> None:
    order, clerk = claimed(world)
    clerk.cookie = ""
    shown = {"HX-Request": "true", "HX-Current-URL": f"http://tongxin.test{order.page}"}
    htmx = clerk.post(f"{order.page}/completion", headers=shown)
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (204, f"/sign-in?next={order.page}")


def test_what_a_stranger_carries_to_the_sign_in_is_dropped(world: World) -> None:
    order, member = open_order(world), Browser(world)
    fields = {"login": "wudi", "password": demo.PASSWORD, "kept.referral_note": "越权"}
    assert member.post(f"{order.page}/sign-in", fields).status_code == 303
    with Session(world.engine) as session:
        assert session.exec(select(Draft)).all() == []


@pytest.mark.parametrize(("text", "said"), [("写" * 100_001, "没有保存"), ("a\0b", "已保存"), ("写" * 200, "已保存")])
def test_says_whether_it_was_kept(world: World, text: str, said: str) -> None:
    order, clerk = claimed(world)
    assert said in clerk.post(f"{order.page}/draft", {"referral_note": text}).json()["saved"]


def test_a_colleague_does_not_see_it(world: World) -> None:
    order, clerk = claimed(world)
    clerk.post(f"{order.page}/draft", {"referral_note": "只给自己看"})
    assert "只给自己看" not in signed_in(world, "zhaoqm").get(f"/cases/{order.id}").text
    assert signed_in(world, "zhaoqm").post(f"{order.page}/draft", {"referral_note": "x"}).status_code == 404
