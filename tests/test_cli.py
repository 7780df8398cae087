"""The operator's commands: the first installation, accounts, tokens; refusals in one line."""

from dataclasses import replace

import pytest

from tests.callers import Api, Browser
from tests.commands import Command
from tests.conftest import FreshDatabase
from tests.fixtures import World
from tongxin import config, demo
from tongxin.cli import people


def test_the_first_installation(
    fresh_database: FreshDatabase, tongxin: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["init", "--login", "root", "--name", "管理员", "--unit", "滨河县", "--code", "BHX"]
    with fresh_database() as database:
        monkeypatch.setenv("TONGXIN_PASSWORD", "short")
        status, said = tongxin(database.owner_url, *words, "--level", "county")
        assert (status, "密码太短" in said) == (1, True)
        monkeypatch.setenv("TONGXIN_PASSWORD", "long enough")
        status, said = tongxin(database.owner_url, *words, "--level", "village")
        assert (status, "层级" in said) == (1, True)
        words += ["--level", "county"]
        assert tongxin(database.owner_url, *words) == (0, "好了。启动后用“root”登录。\n")
        status, said = tongxin(database.owner_url, *words)
        assert (status, "不用再初始化" in said) == (1, True)
        status, said = tongxin(database.owner_url, "demo")
        assert (status, said) == (1, f"{demo.RealPeopleHere.__doc__}\n")


def test_accounts_and_tokens(world: World, tongxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXIN_PASSWORD", "long enough")
    url = world.database.app_url
    words = ["account", "add", "lihong", "--name", "李红", "--phone", "13812345678", "--post", "community_clerk@YY"]
    assert tongxin(url, *words) == (0, "已加账号“lihong”。\n")
    status, said = tongxin(url, *words)
    assert (status, "已被使用" in said) == (1, True)
    status, said = tongxin(url, "account", "add", "other", "--name", "甲", "--post", "community_clerk@nowhere")
    assert (status, "没有这个地点" in said) == (1, True)
    assert Browser(world).sign_in("13812345678", "long enough").status_code == 303
    assert Browser(world).sign_in("other", "long enough").status_code == 422
    status, token = tongxin(url, "token", "lihong", "--name", "12345")
    assert status == 0
    Api(world, token.strip()).post("/cases", procedure="orders", unit="YY102", values={"what": "灯"})
    status, said = tongxin(url, "token", "nobody")
    assert (status, "没有“nobody”" in said) == (1, True)


def test_a_demonstration_is_asked_for(world: World, tongxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "zhanglan" in tongxin(world.database.app_url, "demo")[1]
    monkeypatch.setenv("TONGXIN_DEMO", "0")
    status, said = tongxin(world.database.app_url, "demo")
    assert (status, "TONGXIN_DEMO=1" in said) == (1, True)


def test_a_database_that_is_away(tongxin: Command) -> None:
    status, said = tongxin("postgresql://nobody@127.0.0.1:9/nothing", "token", "x")
    assert (status, said.startswith("连不上数据库")) == (1, True)


@pytest.mark.parametrize(("url", "said"), [(None, 1), ("postgresql://elsewhere", 0)])
@pytest.mark.parametrize("demonstration", [True, False])
def test_the_start_says_once_that_the_embedded_database_is_for_trying_out(
    url: str | None, said: int, demonstration: bool, settings: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    people.announce(replace(settings, database_url=url, demo=demonstration))
    assert capsys.readouterr().out.count("DATABASE_URL") == said
