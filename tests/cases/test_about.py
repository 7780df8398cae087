"""A case opened about another: from its page, tied to it, its code and title filled in."""

import re

from tests.callers import signed_in
from tests.fixtures import World
from tests.orders import open_order
from tests.worker.test_between_cases import case_of, cases_of
from tongxin import config, db
from tongxin.procedures import catalogue, package


def publish(world: World) -> None:
    with db.transaction(world.engine) as session:
        catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / "supervision"))


def test_a_leader_orders_supervision_of_a_case(world: World) -> None:
    publish(world)
    order = open_order(world, "接单")
    boss = signed_in(world, "chengyuan")
    form = boss.get(f"/cases/start/supervision?about={order.id}").text
    assert "一般 10 个、重点 5 个、挂牌 20 个工作日" in form
    assert order.code not in form  # who may not see the case is told nothing of it
    clerk_page = signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
    assert "/cases/start/supervision" not in clerk_page  # only who may open one


def test_tied_and_filled_in(world: World) -> None:
    publish(world)
    order = open_order(world, "派单")
    boss = signed_in(world, "qianwei")
    assert boss.get(f"/cases/start/supervision?about={order.id}").status_code == 404  # no leader
    with db.transaction(world.engine) as session:
        session.connection().exec_driver_sql(
            "INSERT INTO post (account_id, unit_id, role, valid_from) "
            "SELECT a.id, u.id, 'community_clerk', '2020-01-01' FROM account a, unit u "
            "WHERE a.login = 'linfang' AND u.code = 'YY'"
        )
    boss = signed_in(world, "linfang")
    title = case_of(world, int(order.id)).title
    page = boss.get(f"/cases/{order.id}").text
    assert f'href="/cases/start/supervision?about={order.id}"' in page
    form = boss.get(f"/cases/start/supervision?about={order.id}").text
    assert f"{order.code} {title}" in form
    given = {"about": order.id, "place": "YY102", "once": "a-token-of-its-own", "what": "抓紧派人", "grade": "key"}
    given |= {"duty": "dispatcher", "order_level": "community", "about_what": f"{order.code} {title}"}
    assert boss.post("/cases/start/supervision", given).status_code == 303
    (made,) = cases_of(world, "supervision")
    assert made.variables["about_what"].startswith(order.code)
    page = boss.get(f"/cases/{order.id}").text
    assert f'<a href="/cases/{made.id}">关于它的：抓紧派人' in page
    assert "关于：" in boss.get(f"/cases/{made.id}").text


def test_an_open_case_wears_its_colour_in_every_list(world: World) -> None:
    publish(world)
    boss = signed_in(world, "chengyuan")
    given = {"place": "YY", "once": "a-token-of-its-own", "what": "清走旧家具", "grade": "key"}
    given |= {"duty": "community_clerk", "order_level": "township"}
    assert boss.post("/cases/start/supervision", given).status_code == 303
    (made,) = cases_of(world, "supervision")
    assert made.colour == "蓝"
    chip = '<i class="swatch swatch-blue" aria-hidden="true"></i>蓝色'
    (path,) = set(re.findall(r"/tasks/\d+", boss.get(f"/cases/{made.id}").text))
    for page in ("/tasks", path, f"/cases/{made.id}", "/ledgers/supervision?mine=1"):
        assert chip in boss.get(page).text, page


def test_only_who_ordered_it_withdraws_it(world: World) -> None:
    publish(world)
    boss, other = signed_in(world, "chengyuan"), signed_in(world, "linfang")
    given = {"place": "YY", "once": "a-token-of-its-own", "what": "清走旧家具", "grade": "key"}
    given |= {"duty": "community_clerk", "order_level": "township"}
    assert boss.post("/cases/start/supervision", given).status_code == 303
    (made,) = cases_of(world, "supervision")
    ledger = boss.get("/ledgers/supervision?mine=1").text  # whoever orders them has theirs together, with the colour
    assert (f'href="/cases/{made.id}"' in ledger, '<td data-title="预警">蓝</td>' in ledger) == (True, True)
    assert boss.get("/ledgers/supervision/export").status_code == 404
    theirs = other.get("/ledgers/supervision")
    assert (theirs.status_code, "清走旧家具" in theirs.text) == (200, False)
    path, reason = f"/cases/{made.id}/withdrawal", {"withdrawal_reason": "已经清走"}
    assert other.get(f"/cases/{made.id}").status_code == 404
    assert other.post(path, reason).status_code == 404
    page = boss.get(f"/cases/{made.id}").text
    assert ("<summary>撤销督办</summary>" in page, "替居民" in page) == (True, False)
    assert boss.post(path).status_code == 422  # a reason has to be given
    assert case_of(world, made.id).status == "open"
    assert boss.post(path, reason).status_code == 303
    case = case_of(world, made.id)
    assert (case.status, case.outcome, case.ledger["撤销原因"]) == ("closed", "withdrawn", "已经清走")
