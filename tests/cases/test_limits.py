"""Every limit says from when it runs, how long, and which setting says so."""

from tests.browser.orders import make_orders
from tests.callers import signed_in
from tests.fixtures import Clock, World

SAID = {
    "check": ("zhanglan", "从 3月5日 08:30 起算 30 分钟，只数每天 08:00–20:00，到 3月5日 09:00。依据“核实时限"),
    "contact": ("lichs", "从 3月5日 08:30 起算 15 分钟，到 3月5日 08:45。依据“接单后联系时限：紧急单”。"),
    "repair": ("lichs", "从到场时间 3月5日 08:30 起算 1 小时，到 3月5日 09:30。依据“到场后办好时限：紧急单”。"),
    "rate": ("zhanglan", "从 3月5日 08:30 起算 7 天，到 3月12日 08:30。依据“等居民评价多久”。"),
}


def test_how_limits_came_about(world: World, still: Clock) -> None:
    orders = make_orders(world)
    for name, (login, text) in SAID.items():
        assert text in signed_in(world, login).get(f"/tasks/{orders.task[name]}").text
