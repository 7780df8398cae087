"""Drafts: kept while one types, there after signing in again, gone when the step is done."""

from datetime import timedelta

import pytest

from tests.callers import Browser, signed_in
from tests.fixtures import Clock, World
from tests.orders import Order, open_order


def claimed(world: World) -> tuple[Order, Browser]:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    return order, clerk


def test_what_was_typed_is_there_again_also_what_would_be_refused(world: World, still: Clock) -> None:
    order, clerk = claimed(world)
    answer = clerk.post(f"{order.page}/draft", {"decision": "not_ours", "referral_note": "归供水公司" * 100})
    assert answer.json()["saved"] == "已保存草稿 08:30"
    assert {"kind", "urgent", "merged_into"} <= set(answer.json()["hidden"])
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
    sent = {"Referer": f"http://tongxin.test{order.page}"}
    answer = clerk.post(f"{order.page}/completion", {"referral_note": "写完了"}, headers=sent)
    print(answer.status_code, answer.text)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={order.page}")
    again = clerk.sign_in("zhanglan", next=order.page)
    assert again.headers["location"] == order.page
    assert "写到一半" in clerk.get(order.page).text
    clerk.cookie = ""
    shown = {"HX-Request": "true", "HX-Current-URL": f"http://tongxin.test{order.page}"}
    htmx = clerk.post(f"{order.page}/completion", headers=shown)
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (204, f"/sign-in?next={order.page}")


@pytest.mark.parametrize(("text", "said"), [("写" * 100_001, "没有保存"), ("a\0b", "已保存"), ("写" * 200, "已保存")])
def test_says_whether_it_was_kept(world: World, text: str, said: str) -> None:
    order, clerk = claimed(world)
    assert said in clerk.post(f"{order.page}/draft", {"referral_note": text}).json()["saved"]


def test_a_colleague_does_not_see_it(world: World) -> None:
    order, clerk = claimed(world)
    clerk.post(f"{order.page}/draft", {"referral_note": "只给自己看"})
    assert "只给自己看" not in signed_in(world, "zhaoqm").get(f"/cases/{order.id}").text
    assert signed_in(world, "zhaoqm").post(f"{order.page}/draft", {"referral_note": "x"}).status_code == 404
