"""Signing in and out: by login or phone, waiting after wrong guesses, on one's own device, everywhere at once."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlmodel import Session, col, select

from tests.callers import Browser, signed_in
from tests.fixtures import Clock, World
from tongxin import clock, config, db, demo
from tongxin.people import accounts
from tongxin.people.models import Account, SignIn


@pytest.mark.parametrize("name", ["zhanglan", "13900000001", " zhanglan "])
def test_by_login_or_phone(world: World, name: str) -> None:
    clerk = Browser(world)
    answer = clerk.sign_in(name)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "张岚" in clerk.get("/me").text
    for word in ("HttpOnly", "SameSite=lax"):
        assert word in answer.headers["set-cookie"]
    assert "Max-Age" not in answer.headers["set-cookie"]


def test_on_ones_own_device_it_lasts(world: World, still: Clock) -> None:
    here, elsewhere = Browser(world), Browser(world)
    assert f"Max-Age={60 * 24 * 3600}" in here.sign_in("zhanglan", remember="yes").headers["set-cookie"]
    elsewhere.sign_in("zhanglan")
    still.move(timedelta(days=59))
    assert here.get("/tasks").status_code == 200
    assert elsewhere.get("/tasks").headers["location"] == "/sign-in?next=/tasks"
    still.move(timedelta(days=2))
    assert here.get("/tasks").status_code == 303


@pytest.mark.parametrize(("login", "password"), [("zhanglan", "wrong"), ("nobody", "x"), ("", ""), ("a\0b", "\0")])
def test_wrong_is_said_without_saying_what(world: World, login: str, password: str) -> None:
    answer = Browser(world).sign_in(login, password)
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


def test_wrong_credentials_read_the_same_for_all(world: World) -> None:
    browser = Browser(world)
    texts = {re.sub(r'value="\w+"', "", browser.sign_in(login, "wrong").text) for login in ("zhanglan", "nobody")}
    assert len(texts) == 1
    assert "账号或密码不对" in texts.pop()


def test_after_five_wrong_ones_the_right_one_waits_too(world: World, still: Clock) -> None:
    browser = Browser(world)
    for _ in range(5):
        browser.sign_in("zhanglan", "wrong")
    answer = browser.sign_in("zhanglan")
    assert answer.status_code == 429
    assert "10" in answer.text
    still.move(timedelta(seconds=10))
    assert browser.sign_in("zhanglan").status_code == 303
    assert browser.sign_in("zhanglan", "wrong").status_code in (403, 422)


def test_one_session_ends_or_all_of_them(world: World) -> None:
    first, second, third = (signed_in(world, "zhanglan") for _ in range(3))
    first.post("/sign-out")
    assert first.get("/me").status_code == 303
    assert second.get("/me").status_code == 200
    gone = second.post("/me/sign-out-everywhere")
    assert gone.headers["location"] == "/sign-in"
    assert third.get("/me").status_code == 303
    with Session(world.engine) as session:
        assert session.exec(select(SignIn)).all() == []


def test_changing_the_password(world: World) -> None:
    clerk = signed_in(world, "zhanglan")
    for current, new, again, said in (
        ("wrong", "another one", "another one", "原密码不对"),
        (demo.PASSWORD, "short", "short", "密码太短"),
        (demo.PASSWORD, "another one", "another", "两次输入的新密码不一样"),
    ):
        answer = clerk.post("/me/password", {"current": current, "new": new, "again": again})
        assert (answer.status_code, said in answer.text) == (422, True)
    assert (
        "密码已改好"
        in clerk.post("/me/password", {"current": demo.PASSWORD, "new": "another one", "again": "another one"}).text
    )
    assert Browser(world).sign_in("zhanglan").status_code == 422
    assert Browser(world).sign_in("zhanglan", "another one").status_code == 303


def test_a_deactivated_account_is_out_at_once(world: World) -> None:
    clerk, token = signed_in(world, "zhanglan"), world.token("zhanglan")
    with db.transaction(world.engine) as session:
        session.exec(select(Account).where(col(Account.login) == "zhanglan")).one().active = False
    assert clerk.get("/tasks").status_code == 303
    assert Browser(world).sign_in("zhanglan").status_code == 422
    assert world.client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_revoked_token_is_refused(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token('zhanglan')}"}
    assert world.client.get("/api/v1/tasks", headers=headers).status_code == 200
    with db.transaction(world.engine) as session:
        accounts.revoke_tokens(session, int(world.account_id("zhanglan")), clock.now())
    assert world.client.get("/api/v1/tasks", headers=headers).status_code == 401


def test_outside_a_demonstration_demo_accounts_do_not_exist(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, token = signed_in(world, "zhanglan"), world.token("zhanglan")
    monkeypatch.setenv("TONGXIN_DEMO", "0")
    config.settings.cache_clear()
    world.client.app.state.settings = config.settings()  # type: ignore[attr-defined]
    assert Browser(world).sign_in("zhanglan").status_code == 422
    assert clerk.get("/tasks").status_code == 303
    assert world.client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"}).status_code == 401


PLACES = (
    ("/tasks?scope=open", "/tasks?scope=open"),
    ("https://evil.example/", "/"),
    ("//evil.example", "/"),
    ("/\\evil.example", "/"),
    ("\\\\evil.example", "/"),
    ("javascript:alert(1)", "/"),
    ("/a\nSet-Cookie: x=y", "/"),
    ("/\t/evil.example", "/%09/evil.example"),
    ("", "/"),
)


def test_signing_in_leads_nowhere_else(world: World) -> None:
    for wanted, place in PLACES:
        browser = Browser(world)
        assert browser.sign_in("zhanglan", next=wanted).headers["location"] == place
        shown = browser.get("/sign-in?next=" + quote(wanted))
        assert shown.headers["location"] == place


def test_colleagues_behind_one_address_do_not_lock_each_other_out(world: World, still: Clock) -> None:
    browser = Browser(world)
    for login in ("lichs", "zhouyu", "qianwei", "sunjing", "wudi", "zhengjie"):
        assert browser.sign_in(login, "wrong").status_code == 422
    assert browser.sign_in("zhanglan").status_code == 303


def test_guessing_at_many_accounts_makes_an_address_wait_also_when_one_is_ones_own(world: World, still: Clock) -> None:
    browser = Browser(world)
    for number in range(99):
        browser.sign_in(f"nobody{number}", "wrong")
    assert browser.sign_in("zhanglan").status_code == 303
    assert Browser(world).sign_in("somebody", "wrong").status_code == 422
    assert Browser(world).sign_in("zhouyu").status_code == 429
