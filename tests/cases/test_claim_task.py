"""Claiming and releasing: one wins, the other is told; what was given by name stays."""

from concurrent.futures import ThreadPoolExecutor

from tests.callers import HTMX, Api, Browser, signed_in
from tests.cases.history import kinds
from tests.fixtures import World
from tests.orders import open_order
from tongxin import clock, db
from tongxin.people import accounts, directory


def colleague(world: World, login: str = "zhangsan", role: str = "community_clerk", unit: str = "YY") -> str:
    """Another holder of the same post."""
    with db.transaction(world.engine) as session:
        account = accounts.add(session, login=login, name="张三", password="long enough", now=clock.now())
        accounts.give_post(session, account, directory.unit_by_code(session, unit), role, clock.now().date())
    return login


def test_claiming_gives_the_form(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    assert f"{order.page}/completion" not in clerk.get(order.page).text
    assert clerk.post(f"{order.page}/claim").headers["location"] == order.page
    assert f"{order.page}/completion" in clerk.get(order.page).text
    assert kinds(world, order) == ["opened", "task_claimed"]
    assert order.page in clerk.get("/tasks").text


def test_from_the_inbox_htmx_gets_the_line_back(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    answer = clerk.post(f"{order.page}/claim", headers={**HTMX, "HX-Target": f"li#row-{order.task}"})
    assert answer.status_code == 200
    assert "已领取" in answer.text
    assert "<html" not in answer.text


def test_of_two_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    order = open_order(world)
    both = [Api(world, world.token(login)) for login in ("zhanglan", colleague(world))]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.send("POST", f"{order.page}/claim"), both))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.json()["title"] == "已被别人领取"
    assert kinds(world, order) == ["opened", "task_claimed"]


def test_in_the_browser_the_loser_gets_a_page_that_says_so(world: World) -> None:
    order, first, second = open_order(world), signed_in(world, "zhanglan"), Browser(world)
    colleague(world)
    second.sign_in("zhangsan", "long enough")
    first.post(f"{order.page}/claim")
    answer = second.post(f"{order.page}/claim")
    assert answer.status_code == 409
    assert "已被别人领取" in answer.text


def test_claiming_twice_changes_nothing(world: World) -> None:
    order, clerk = open_order(world), Api(world, world.token("zhanglan"))
    assert clerk.post(f"{order.page}/claim") == clerk.post(f"{order.page}/claim")
    assert kinds(world, order) == ["opened", "task_claimed"]


def test_what_was_claimed_can_be_put_back(world: World) -> None:
    order, clerk = open_order(world), Api(world, world.token("zhanglan"))
    clerk.post(f"{order.page}/claim")
    assert clerk.post(f"{order.page}/release")["assignee"] is None
    assert clerk.send("POST", f"{order.page}/release").status_code == 409
    assert kinds(world, order) == ["opened", "task_claimed", "task_released"]


def test_what_was_given_by_name_cannot_be_put_back(world: World) -> None:
    order = open_order(world, "接单")
    answer = Api(world, world.token("lichs")).send("POST", f"{order.page}/release")
    assert answer.status_code == 409
    assert "指定给您" in answer.json()["detail"]


def test_a_stranger_finds_nothing(world: World) -> None:
    order = open_order(world)
    for login in ("wudi", "zhaoqm", "lichs"):
        for verb in ("claim", "release"):
            assert Api(world, world.token(login)).send("POST", f"{order.page}/{verb}").status_code == 404
    assert kinds(world, order) == ["opened"]
