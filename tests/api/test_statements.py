"""How much a request asks of the database: counted on the server, sign-in included."""

import pytest

from tests.bench.procedure import PACKAGE as ONE_TIMER
from tests.callers import Api, signed_in
from tests.fixtures import World
from tests.orders import STORY, advance, open_order
from tests.procedures.packages import publish
from tests.statements import Statements, watched

MOST, MOST_WITH_ONE_TIMER = 14, 10


def told(name: str, seen: Statements) -> str:
    return f"{name}: {len(seen)} statements, {seen.commits} commits\n" + "\n".join(
        f"  {number}. {text[:150]}" for number, text in enumerate(seen.texts, 1)
    )


def test_a_step_with_one_timer_and_no_message(world: World) -> None:
    publish(world, ONE_TIMER)
    clerk = Api(world, world.token("zhanglan"))
    task = clerk.post("/cases", procedure="bench", unit="YY102", values={"what": "x"})["tasks"][0]["id"]
    for warm in (False, True):
        with watched(world) as seen:
            task = clerk.post(f"/tasks/{task}/completion", values={"again": True})["tasks"][0]["id"]
        if warm:
            print(told("one timer set, one cleared", seen))
            assert len(seen) <= MOST_WITH_ONE_TIMER
            assert seen.commits == 1


def test_no_step_of_an_order_asks_too_much(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    advance(world, open_order(world), "评单")  # procedures are compiled, plans are made
    order = open_order(world)
    for name, login, values in STORY:
        given = {**values, "member": world.account_id("lichs")} if name == "派单" else values
        caller = Api(world, world.token(login) if login else order.link)
        with watched(world) as seen:
            opened = caller.post(f"/tasks/{order.task}/completion", values=given)["tasks"]
        print(told(name, seen))
        assert (len(seen) <= MOST, seen.commits) == (True, 1), told(name, seen)
        order.task = opened[0]["id"] if opened else ""


@pytest.mark.parametrize("until", ["核实", "接单", "评单"])
def test_nor_do_the_pages(world: World, until: str) -> None:
    order = open_order(world, until)
    who = {"核实": "zhanglan", "接单": "lichs", "评单": "zhanglan"}[until]
    browser = signed_in(world, who)
    fields = {
        "核实": {"decision": "valid", "kind": "下水", "urgent": "yes"},
        "接单": {"answer": "accept"},
        "评单": {"rating": "5"},
    }[until]
    with watched(world) as seen:
        assert browser.post(f"{order.page}/completion", fields).status_code == 303
    print(told(f"{until}, in the browser", seen))
    assert (len(seen) <= MOST, seen.commits) == (True, 1), told(until, seen)


def test_opening_a_case(world: World) -> None:
    open_order(world)
    clerk = Api(world, world.token("zhanglan"))
    with watched(world) as seen:
        clerk.post("/cases", procedure="orders", unit="YY102", values={"what": "灯"})
    print(told("open", seen))
    assert (len(seen) <= MOST, seen.commits) == (True, 1)


def test_a_key_costs_three_statements_and_none_is_free(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    counts = []
    for headers in ({}, {}, {"Idempotency_Key": "k"}):
        task = open_order(world).task
        with watched(world) as seen:
            clerk.send("POST", f"/tasks/{task}/completion", {"values": {"decision": "not_ours"}}, **headers)
        counts.append(len(seen))
    assert counts[2] == counts[1] + 3
