"""Variables corrected by hand: typed as declared, the old kept in the history, and what waits for them goes on."""

import pytest

from tests.callers import Api, signed_in
from tests.cases.by_hand import do
from tests.cases.history import case_of, events, kinds, open_tasks
from tests.fixtures import World
from tests.monitor.stuck import open_case
from tests.orders import Order, open_order
from tests.procedures.packages import flow, package, publish
from tongxin import events as chain
from tongxin.cases import by_hand, correcting, lifecycle

PHONE, OTHER = "13912345678", "13800138000"
WAITING = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/>'
    '<boundaryEvent id="many" attachedToRef="work"><conditionalEventDefinition><condition>several &gt; 3</condition>'
    '</conditionalEventDefinition></boundaryEvent><userTask id="look" name="查看"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "done")
    + flow("many", "look")
    + flow("look", "done"),
    {"community_clerk": ["begin", "work", "many", "look", "done"]},
    key="waiting",
    forms={"work": ["note", "several"]},
)


def correct(world: World, order: Order, reason: str = "居民来电更正", **values: object) -> None:
    do(world, order, lambda session, one, by: correcting.correct_case(session, one, values, reason, by))


def test_what_it_was_and_why_stand_in_the_history(world: World) -> None:
    order = open_order(world, "派单", phone=PHONE)
    correct(world, order, phone=OTHER, what="上水管漏水")
    case = case_of(world, order)
    assert (case.variables["phone"], case.variables["what"]) == (OTHER, "上水管漏水")
    assert case.ledger["什么事"] == "上水管漏水"
    event = events(world, order)[-1]
    assert event.kind == "data_corrected"
    assert event.details == {
        "values": {"phone": OTHER, "what": "上水管漏水"},
        "before": {"phone": PHONE, "what": "下水道堵塞"},
        "text": "居民来电更正",
    }
    page = signed_in(world, "zhaoqm").get(f"/cases/{order.id}").text
    assert "什么事：下水道堵塞 → 上水管漏水" in page
    assert f"电话：{PHONE} → {OTHER}" in page
    assert [task.name for task in open_tasks(world, order)] == ["派单"]
    assert chain.first_broken(events(world, order), case.chain_head) is None


def test_who_only_mends_reads_neither_the_old_nor_the_new_telephone(world: World) -> None:
    order = open_order(world, "派单", phone=PHONE)
    correct(world, order, phone=OTHER)
    page = signed_in(world, "admin").get(f"/cases/{order.id}").text
    assert "139****5678 → 138****8000" in page
    assert PHONE not in page
    assert OTHER not in page
    told = str(Api(world, world.token("admin")).get(f"/cases/{order.id}/events"))
    assert PHONE not in told
    assert OTHER not in told


def test_what_waits_for_a_condition_goes_on(world: World) -> None:
    publish(world, WAITING)
    order = open_case(world, "waiting")
    correct(world, order, several=3)
    assert [task.name for task in open_tasks(world, order)] == ["办理"]
    correct(world, order, several=4)
    assert [task.name for task in open_tasks(world, order)] == ["查看"]
    assert case_of(world, order).variables["several"] == 4


@pytest.mark.parametrize(
    ("values", "reason", "refusal"),
    [
        ({"what": "x" * 501}, "x", lifecycle.InvalidValues),
        ({"kind": "没有这一类"}, "x", lifecycle.InvalidValues),
        ({"nothing": "x"}, "x", lifecycle.InvalidValues),
        ({"photos": ["1"]}, "x", lifecycle.InvalidValues),
        ({"member": "999"}, "x", lifecycle.InvalidValues),
        ({"what": "别的"}, " ", by_hand.ReasonMissing),
        ({"what": "下水道堵塞"}, "x", by_hand.Refused),
    ],
)
def test_what_does_not_fit_is_refused(
    world: World, values: dict[str, object], reason: str, refusal: type[Exception]
) -> None:
    order = open_order(world)
    before = case_of(world, order)
    with pytest.raises(refusal):
        correct(world, order, reason, **values)
    after = case_of(world, order)
    assert (after.variables, after.chain_length) == (before.variables, before.chain_length)


def test_a_closed_case_stays_as_it_is(world: World) -> None:
    order = open_order(world)
    Api(world, order.link).post(f"/cases/{order.id}/withdrawal")
    with pytest.raises(lifecycle.NotReady):
        correct(world, order, what="别的")
    assert kinds(world, order)[-1] == "closed"
