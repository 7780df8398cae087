"""Which orders a duplicate may be merged into."""

import re

from tests.callers import Api, signed_in
from tests.fixtures import ORDERS, World
from tests.orders import Order, advance, open_order
from tongxin import db
from tongxin.procedures import catalogue
from tongxin.procedures.package import read_folder


def choices(world: World, order: Order) -> list[str]:
    """The ids of the orders the check's form offers."""
    clerk = signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    shown = clerk.get(order.page).text
    select = re.findall(r'<select[^>]*name="merged_into".*?</select>', shown, re.DOTALL)[0]
    return re.findall(r'<option value="(\d+)"', select)


def merge(world: World, order: Order, into: Order) -> None:
    values = {"decision": "duplicate", "kind": "下水", "merged_into": into.id}
    Api(world, world.token("zhanglan")).post(f"/tasks/{order.task}/completion", values=values)


def test_an_order_of_an_older_version_is_offered(world: World) -> None:
    older = open_order(world)
    changed = read_folder(ORDERS)
    changed = {**changed, "data.json": changed["data.json"].replace('"title": "单元和门牌"', '"title": "门牌"')}
    with db.transaction(world.engine) as session:
        catalogue.publish_folder_package(session, changed)
    newer = open_order(world)
    assert choices(world, newer) == [older.id]
    assert choices(world, older) == [newer.id]
    merge(world, newer, older)


def test_a_merged_one_is_offered_again_once_the_other_is_closed(world: World) -> None:
    original, duplicate, third = open_order(world), open_order(world), open_order(world)
    merge(world, duplicate, original)
    assert choices(world, third) == [original.id]
    advance(world, original, "")
    assert choices(world, third) == [duplicate.id]
