"""Orders in tests: opened, and brought to the step a test is about."""

from dataclasses import dataclass
from typing import Any

from tests.callers import Api
from tests.fixtures import World

STORY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # name of the step, who does it, with what
    ("核实", "zhanglan", {"decision": "valid", "kind": "下水", "urgent": True}),
    ("派单", "zhaoqm", {"urgent": True}),
    ("接单", "lichs", {"answer": "accept"}),
    ("联系", "lichs", {"outside_help": True, "helper": "畅达疏通"}),
    ("到场", "lichs", {}),
    ("处置", "lichs", {"result": "已疏通"}),
    ("评单", "", {"rating": 5}),  # the resident
)


@dataclass(slots=True)
class Order:
    """A case of the story: its id and code, its resident's token, and the task that is open."""

    id: str
    code: str
    link: str
    task: str
    task_name: str

    @property
    def page(self) -> str:
        """The address of the open task."""
        return f"/tasks/{self.task}"


def open_order(world: World, until: str = "核实", **values: Any) -> Order:
    """An order from the chat group, brought to the step of that name."""
    given = {"what": "下水道堵塞", **values}
    case = Api(world, world.token("zhanglan")).post("/cases", procedure="orders", unit="YY102", values=given)
    order = Order(case["id"], case["code"], case["link"], case["tasks"][0]["id"], "核实")
    return advance(world, order, until)


def advance(world: World, order: Order, until: str, member: str = "lichs") -> Order:
    """Go on with the story until the step of that name is open; `member` gets the order."""
    for name, login, values in STORY:
        if order.task_name == until:
            return order
        if name != order.task_name:
            continue
        who = {"lichs": member}.get(login, login)
        given = {**values, "member": world.account_id(member)} if name == "派单" else values
        token = world.token(who) if who else order.link
        opened = Api(world, token).post(f"/tasks/{order.task}/completion", values=given)["tasks"]
        order.task, order.task_name = (opened[0]["id"], opened[0]["name"]) if opened else ("", "")
    assert order.task_name == until, f"the story does not come to {until}"
    return order
