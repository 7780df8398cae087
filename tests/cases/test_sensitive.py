"""Who reads a resident's telephone whole: those who have the case in hand, answer for it, or opened it."""

import pytest

from tests.callers import Api, signed_in
from tests.fixtures import World
from tests.orders import open_order

PHONE = "13912345678"


@pytest.mark.parametrize(
    ("login", "until", "reads"),
    [
        ("zhanglan", "到场", True),  # answers for the community, and opened it
        ("zhaoqm", "到场", True),  # a role of the procedure there
        ("lichs", "到场", True),  # has it in hand
        ("lichs", "评单", False),  # had it
        ("admin", "到场", False),  # may see it to mend it
    ],
)
def test_who_reads_the_telephone(world: World, login: str, until: str, reads: bool) -> None:
    order = open_order(world, until, phone=PHONE)
    page = signed_in(world, login).get(f"/cases/{order.id}")
    assert page.status_code == 200
    assert (PHONE in page.text) is reads
    events = Api(world, world.token(login)).get(f"/cases/{order.id}/events")["items"]
    assert (events[0]["details"]["values"].get("phone") == PHONE) is reads
    assert events[0]["details"]["values"]["what"] == "下水道堵塞"
    assert (PHONE in str(events)) is reads
