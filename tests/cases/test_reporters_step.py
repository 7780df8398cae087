"""A resident's own step cannot be taken from them."""

from tests.callers import Api, signed_in
from tests.cases.history import kinds
from tests.fixtures import World
from tests.orders import open_order


def test_nobody_claims_it_and_the_resident_goes_on(world: World) -> None:
    order = open_order(world, "评单")
    clerk = signed_in(world, "zhanglan")
    assert clerk.post(f"{order.page}/claim").status_code == 409
    refused = Api(world, world.token("zhanglan")).send("POST", f"/tasks/{order.task}/claim")
    assert (refused.status_code, "代录" in refused.text) == (409, True)
    assert "task_claimed" not in kinds(world, order)
    done = Api(world, order.link).post(f"/tasks/{order.task}/completion", values={"rating": 4})
    assert done["case"]["status"] == "closed"
