"""What a diagram asks about people and ledgers around its case, whom it tells, and cases handed to another level."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from tests.callers import Api, signed_in
from tests.fixtures import Clock, World
from tests.worker.test_between_cases import END, START, WORK, case_of, complete, kinds, open_case, publish
from tests.worker.test_family import relative, service, settle
from tongxin import clock, db
from tongxin.cases import held, lifecycle
from tongxin.cases.models import Incident, Task
from tongxin.events import REPORTER
from tongxin.people import accounts, directory
from tongxin.people.models import Account
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package

FOUND = '{"type": "object", "title": "查到的"}'
LEDGER = '[[ledger]]\nname = "什么事"\nvalue = "what"\n[[ledger]]\nname = "层级"\nvalue = "case.level"\n'


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[Clock]:
    yield still


def asking(key: str, *nodes: str) -> Package:
    """A procedure with a ledger, variables for lists, and a lane at the level the case is at."""
    made = dict(relative(key, *nodes))
    data = json.loads(made["data.json"])
    data["properties"] |= {"found": json.loads(FOUND), "people": {"type": "array", "items": {"type": "object"}}}
    data["properties"]["people"]["title"] = "谁"
    toml = f"{made['procedure.toml']}\n{LEDGER}"
    return {**made, "data.json": json.dumps(data), "procedure.toml": toml}


def at_its_level(made: Package, role: str) -> Package:
    """The lane asks whoever has the role at the level the case is at."""
    drawn = made["process.bpmn"].replace(
        'tx:role="community_clerk"\n      tx:level="community"', f'tx:role="{role}" tx:level="= case.level"'
    )
    assert drawn != made["process.bpmn"]
    return {**made, "process.bpmn": drawn}


def notices(world: World) -> list[tuple[str, str]]:
    """(login, text), oldest first."""
    with Session(world.engine) as session:
        rows = session.connection().execute(
            text("SELECT a.login, n.text FROM notice n JOIN account a ON a.id = n.account_id ORDER BY n.id")
        )
        return [(login, said) for login, said in rows]


def incident(world: World, case_id: int) -> str:
    with Session(world.engine) as session:
        return session.exec(select(Incident.cause).where(col(Incident.case_id) == case_id)).one()


def test_who_holds_a_role_around_here(world: World) -> None:
    members = service("ask", "people", "people", role='"party_member"')
    above = service("ask", "people", "people", role='"party_member"', level='"township"')
    publish(world, asking("near", START, members, END), asking("wide", START, above, END))
    near = case_of(world, open_case(world, "near")).variables["people"]
    wide = case_of(world, open_case(world, "wide")).variables["people"]
    assert [(one["name"], one["unit"], one["unit_name"]) for one in near] == [
        ("李春生", "YY1", "怡园社区第一网格"),
        ("周雨", "YY2", "怡园社区第二网格"),
    ]
    assert near[0]["person"] == world.account_id("lichs")
    assert {one["name"] for one in wide} == {"李春生", "周雨", "郑洁"}


def test_a_ledger_is_counted_and_listed(world: World, _still: Clock) -> None:
    publish(world, asking("things", START, WORK, END))
    for what in ("灯", "水", "灯"):
        last = open_case(world, "things", what)
        _still.move(timedelta(days=1))
    complete(world, last, {})
    since = "date(&quot;2026-03-05&quot;)"
    look = service("look", "ledger", "found", procedure='"things"', group='"什么事"', most="2", since=since)
    publish(world, asking("weekly", START, look, END))
    found = case_of(world, open_case(world, "weekly")).variables["found"]
    assert (found["count"], found["open"], found["closed"]) == (3, 2, 1)
    assert found["groups"] == [
        {"value": "灯", "count": 2, "open": 1, "closed": 1},
        {"value": "水", "count": 1, "open": 1, "closed": 0},
    ]
    assert [(row["title"], row["status"], row["ledger"]["什么事"]) for row in found["rows"]] == [
        ("灯", "closed", "灯"),
        ("水", "open", "水"),
    ]
    assert found["rows"][1]["opened_at"] == "2026-03-06T08:30:00+08:00"


@pytest.mark.parametrize(
    ("inputs", "count"),
    [
        ({"since": '"2026-03-06"'}, 2),
        ({"until": '"2026-03-06"'}, 2),
        ({"since": '"2026-03-06"', "until": '"2026-03-06"'}, 1),
        ({"status": '"closed"'}, 1),
        ({"moment": '"closed_at"', "since": '"2026-03-07"'}, 1),
        ({"moment": '"closed_at"', "until": '"2026-03-06"'}, 0),
        ({"unit": '"YY"'}, 3),
        ({"procedure": '"others"'}, 0),
    ],
)
def test_which_cases_of_a_ledger_count(world: World, _still: Clock, inputs: dict[str, str], count: int) -> None:
    publish(world, asking("things", START, WORK, END))
    for what in ("灯", "水", "灯"):
        last = open_case(world, "things", what)
        _still.move(timedelta(days=1))
    complete(world, last, {})
    dated = {name: f"date({value})" if name in ("since", "until") else value for name, value in inputs.items()}
    look = service("look", "ledger", "found", **{"procedure": '"things"', **dated})
    publish(world, asking("weekly", START, look, END))
    assert case_of(world, open_case(world, "weekly")).variables["found"]["count"] == count


@pytest.mark.parametrize(
    ("action", "inputs", "said"),
    [
        ("ledger", {"procedure": '"things"', "unit": '"NY"'}, "“NY”不是怡园社区或它下面的单位"),
        ("ledger", {"procedure": '"things"', "since": "5"}, "“5”不是日期或时间"),
        ("ledger", {"procedure": '"things"', "most": '"viel"'}, "“viel”不是整数"),
        ("ledger", {"procedure": '"things"', "moment": '"then"'}, "moment 只能写 opened_at、closed_at"),
        ("people", {"role": '"mediator"', "level": '"province"'}, "怡园社区的上级里没有“province”这一级"),
        ("hand_over", {"level": '"moon"'}, "怡园社区的上级里没有“moon”这一级"),
    ],
)
def test_what_cannot_be_answered_is_an_incident(world: World, action: str, inputs: dict[str, str], said: str) -> None:
    publish(world, asking("asks", START, WORK, service("ask", action, "found", **inputs), END))
    asker = open_case(world, "asks")
    complete(world, asker, {})
    assert said in incident(world, asker)
    assert case_of(world, asker).status == "open"


def test_people_are_told(world: World) -> None:
    officer = service("tell", "notify", "found", role='"leader"', level='"township"', text='what + "，请看"')
    pair = service("pair", "notify", to="people.person", text='"开会了"')
    members = service("ask", "people", "people", role='"council_member"')
    publish(world, asking("asks", START, officer, members, pair, END))
    open_case(world, "asks", "漏水")
    assert notices(world)[0] == ("chengyuan", "漏水，请看")
    assert sorted(notices(world)[1:]) == sorted(
        (login, "开会了") for login in ("qingf", "luping", "tangxy", "fengjg", "dengxh")
    )
    with Session(world.engine) as session:
        posted = session.connection().execute(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'post_notice'")
        )
        assert posted.scalar() == 6
    assert "漏水，请看" in signed_in(world, "chengyuan").get("/notices").text


def test_the_news_leads_to_a_case_that_is_theirs_to_see(world: World) -> None:
    tell = service("tell", "notify", role='"leader"', level='"township"', text='"请看"')
    publish(world, asking("asks", START, tell, WORK, END))
    case_id = open_case(world, "asks")
    assert signed_in(world, "chengyuan").get(f"/cases/{case_id}").status_code == 200
    assert signed_in(world, "shenli").get(f"/cases/{case_id}").status_code == 404  # who was not told


def test_nobody_to_tell_hinders_no_case(world: World) -> None:
    publish(world, asking("asks", START, service("tell", "notify", "got", role='"astronomer"', text='"看"'), END))
    case = case_of(world, open_case(world, "asks"))
    assert (case.status, case.variables["got"], notices(world)) == ("closed", 0, [])


def test_a_case_is_handed_up_and_back(world: World) -> None:
    up = service("up", "hand_over", "found", reason="got")
    down = service("down", "hand_over", level='"community"', reason='"就地办"')
    again = WORK.replace('id="work"', 'id="call"')
    made = at_its_level(asking("asks", START, WORK, up, again, down, END), "mediator")
    publish(world, made)
    case_id = open_case(world, "asks", "吵架")
    (first,) = tasks(world, case_id)
    complete_as(world, first, "fangzm", {"got": "村里办不了"})
    (second,) = [task for task in tasks(world, case_id) if task.status == "open"]
    assert second.unit_id == unit(world, "BHZZ")
    case = case_of(world, case_id)
    assert (case.level, case.ledger["层级"], case.unit_id) == ("township", "township", unit(world, "YY"))
    assert case.variables["found"] == {"level": "township", "unit": "BH", "unit_name": "滨河街道"}
    assert notices(world) == []  # who hands it over knows
    page = signed_in(world, "fangzm").get(f"/cases/{case_id}").text  # the earlier mediator keeps sight of it
    assert "交滨河街道办理" in page
    assert "村里办不了" in page
    complete_as(world, second, "yeqing", {})
    assert (case_of(world, case_id).level, case_of(world, case_id).ledger["层级"]) == ("community", "community")
    assert kinds(world, case_id).count("case_handed_over") == 2
    assert notices(world) == [("fangzm", "吵架：已交怡园社区办理")]


def test_above_somebody_of_another_township_can_be_named(world: World) -> None:
    with db.transaction(world.engine) as session:
        above = directory.unit_by_code(session, "LJ")
        far = directory.add_unit(session, code="DH", name="东湖街道", level="township", parent=above)
        near = directory.add_unit(session, code="DH1", name="东湖社区", level="community", parent=far)
        other = session.exec(select(Account).where(col(Account.login) == "heping")).one()
        accounts.give_post(session, other, near, "community_clerk", date(2020, 1, 1))
        named, there = str(other.id), near.id
    ups = [service("up", "hand_over", "found"), service("on", "hand_over", "found")]
    last = WORK.replace('id="work"', 'id="call" tx:assignee="got"')
    publish(world, at_its_level(asking("asks", START, WORK, *ups, last, END), "community_clerk"))
    case_id = open_case(world, "asks")
    complete(world, case_id, {"got": named})
    (task,) = [task for task in tasks(world, case_id) if task.status == "open"]
    assert (case_of(world, case_id).level, task.assignee_id, task.unit_id) == ("county", int(named), there)
    assert signed_in(world, "heping").get(f"/cases/{case_id}").status_code == 200
    publish(world, at_its_level(asking("stays", START, WORK, last, END), "community_clerk"))
    below = open_case(world, "stays")
    complete(world, below, {"got": named})
    assert "指定的人在怡园社区没有" in incident(world, below)  # not as long as it is the community's
    beside = open_case(world, "stays")
    complete(world, beside, {"got": world.account_id("wudi")})  # of the community next to it
    assert "指定的人在怡园社区没有" in incident(world, beside)


def test_there_is_nothing_above_the_top(world: World) -> None:
    up = service("up", "hand_over", "found")
    ups = [up.replace('id="up"', f'id="up{number}"') for number in range(3)]
    publish(world, asking("asks", START, WORK, *ups, service("top", "hand_over"), END))
    case_id = open_case(world, "asks")
    complete(world, case_id, {})
    assert "怡园社区再往上没有单位了" in incident(world, case_id)
    assert case_of(world, case_id).level == "community"  # nothing of the step was kept


def test_a_resident_s_step_leaves_asking_to_the_workers(world: World) -> None:
    members = service("ask", "people", "people", role='"party_member"')
    publish(world, asking("asks", START, WORK, members, service("up", "hand_over", "found"), END))
    case_id = open_case(world, "asks")
    with db.transaction(world.engine) as session:
        task = session.exec(select(Task.id).where(col(Task.case_id) == case_id)).one()
        found = held.by_task(session, task, clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, {}, REPORTER)
    assert "people" not in case_of(world, case_id).variables
    settle(world)
    case = case_of(world, case_id)
    assert (case.status, case.level, len(case.variables["people"])) == ("closed", "township", 2)


def tasks(world: World, case_id: int) -> list[Task]:
    with Session(world.engine) as session:
        return list(session.exec(select(Task).where(col(Task.case_id) == case_id).order_by(col(Task.id))).all())


def unit(world: World, code: str) -> int:
    with Session(world.engine) as session:
        return int(
            session.connection().execute(text("SELECT id FROM unit WHERE code = :code"), {"code": code}).scalar()
        )


def complete_as(world: World, task: Task, login: str, form: dict[str, Any]) -> None:
    assert Api(world, world.token(login)).post(f"/tasks/{task.id}/completion", values=form)["incident"] is None


NOTICE = service("out", "publish", text="got", sure="what = &quot;看过&quot;")
BOARD = '[public]\nboard = ["kind"]\n'


def on_board(made: Package) -> Package:
    data = json.loads(made["data.json"])
    data["properties"]["kind"] = {"type": "string", "title": "类别", "enum": ["下水", "其他"], "default": "下水"}
    form = json.loads(made["forms/start.json"])
    form["properties"]["kind"] = {"$ref": "../data.json#/properties/kind"}
    toml = f"{made['procedure.toml']}\n{BOARD}"
    return {**made, "data.json": json.dumps(data), "forms/start.json": json.dumps(form), "procedure.toml": toml}


def published(world: World, case_id: int) -> list[tuple[str, str, bool]]:
    with Session(world.engine) as session:
        rows = session.connection().execute(
            text(
                "SELECT p.text, a.login, p.public FROM publication p JOIN account a ON a.id = p.changed_by "
                "WHERE case_id = :case"
            ),
            {"case": case_id},
        )
        return [(said, login, public) for said, login, public in rows]


def test_a_person_s_step_puts_a_text_on_the_board(world: World) -> None:
    publish(world, on_board(asking("notices", START, WORK, NOTICE, END)))
    case_id = open_case(world, "notices", "修路")
    (task,) = tasks(world, case_id)
    api = Api(world, world.token("zhanglan"))
    given = {"got": "请打 13812345678", "what": "修路"}
    refused = api.send("POST", f"/tasks/{task.id}/completion", {"values": given})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/values/got"
    assert "13812345678" in refused.json()["errors"][0]["message"]
    assert (published(world, case_id), case_of(world, case_id).status) == ([], "open")
    complete_as(world, task, "zhanglan", {"got": "路修好了", "what": "修路"})
    assert published(world, case_id) == [("路修好了", "zhanglan", True)]
    assert kinds(world, case_id) == ["opened", "task_completed", "result_published", "closed"]
    assert "路修好了" in world.client.get("/board/YY").text


def test_what_was_checked_may_stand_there(world: World) -> None:
    publish(world, on_board(asking("notices", START, WORK, NOTICE, END)))
    case_id = open_case(world, "notices", "修路")
    complete_as(world, tasks(world, case_id)[0], "zhanglan", {"got": "请打 13812345678", "what": "看过"})
    assert published(world, case_id) == [("请打 13812345678", "zhanglan", True)]


def test_nothing_becomes_public_by_itself(world: World) -> None:
    publish(world, on_board(asking("notices", START, WORK, NOTICE, END)))
    case_id = open_case(world, "notices")
    with db.transaction(world.engine) as session:
        found = held.by_task(session, tasks(world, case_id)[0].id, clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, {"got": "好了"}, REPORTER)
    settle(world)
    assert "公示要由工作人员办" in incident(world, case_id)
    assert published(world, case_id) == []


def test_a_procedure_that_publishes_has_a_board() -> None:
    with pytest.raises(Refused, match="这个流程却不上公示栏"):
        compile_package(asking("notices", START, WORK, NOTICE, END))
