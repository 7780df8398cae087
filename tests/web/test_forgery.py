"""Requests that another site's page made a browser send do nothing."""

import pytest

from tests.callers import Browser, signed_in
from tests.cases.history import case_of, kinds
from tests.fixtures import World
from tests.orders import open_order

FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://tongxin.test.evil.example"},
    {"Referer": "https://evil.example/tongxin.test"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("token", ["", "wrong", "令牌"])
def test_without_the_sessions_token_nothing_happens(world: World, token: str) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    answer = clerk.post(f"{order.page}/claim", {"csrf": token})
    assert answer.status_code == 403
    assert "没有执行" in answer.text
    other = signed_in(world, "zhanglan")
    assert clerk.post(f"{order.page}/claim", {"csrf": other.csrf}).status_code == 403
    assert kinds(world, order) == ["opened"]


def test_the_token_may_come_in_a_header(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    answer = clerk.post(f"{order.page}/claim", {"csrf": ""}, headers={"X-CSRF-Token": clerk.csrf})
    assert answer.status_code == 303


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_from_elsewhere_nothing_happens(world: World, headers: dict[str, str]) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    assert clerk.post(f"{order.page}/claim", headers=headers).status_code == 403
    resident = Browser(world)
    for path in ("/report", "/follow", "/sign-in", f"/r/{order.link}/messages/withdrawn"):
        assert resident.post(path, headers=headers).status_code == 403
    assert kinds(world, order) == ["opened"]
    assert case_of(world, order).status == "open"


def test_from_here_all_is_well(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    headers = {"Origin": "http://tongxin.test", "Sec-Fetch-Site": "same-origin"}
    assert clerk.post(f"{order.page}/claim", headers=headers).status_code == 303


def test_a_cookie_is_no_bearer_token(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    answer = clerk.post(f"/api/v1{order.page}/claim")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_every_answer_says_what_browsers_must_not_do(world: World) -> None:
    for path in ("/", "/sign-in", "/no-such-page", "/api/v1/tasks", "/healthz"):
        headers = Browser(world).get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in headers["content-security-policy"]
