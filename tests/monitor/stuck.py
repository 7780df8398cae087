"""Cases in tests that got stuck: a call that was given up, a form that could not be handed in, somebody who left."""

from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tests.callers import Api
from tests.fixtures import World
from tests.orders import Order, open_order
from tests.procedures.packages import CALLING, FRAGILE, publish
from tongxin import clock, config, db
from tongxin.cases.models import Incident
from tongxin.connectors import calls
from tongxin.people import accounts, directory
from tongxin.people.models import Account, Post
from tongxin.procedures.package import Package
from tongxin.worker.tasks import Tasks


def switch(world: World, twin: str | None, connector: str = "demo") -> None:
    """Break or mend a connector."""
    with db.transaction(world.engine) as session:
        calls.switch(session, connector, twin, int(world.account_id("admin")), clock.now())


def call(world: World, attempts: int = 0) -> int:
    """Make every call that waits, as a worker does: one that is done is deleted."""
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    context: Any = SimpleNamespace(job=SimpleNamespace(attempts=attempts))
    with db.transaction(world.engine) as session:
        taken = "DELETE FROM procrastinate_jobs WHERE task_name = 'call_connector' RETURNING args"
        waiting = list(session.connection().execute(text(taken)).scalars())
    for args in waiting:
        tasks.call_connector(context, **args)
    return len(waiting)


def open_case(world: World, procedure: str, what: str = "试一试") -> Order:
    """A case of a test's procedure, its first task open."""
    clerk = Api(world, world.token("zhanglan"))
    case = clerk.post("/cases", procedure=procedure, unit="YY102", values={"what": what})
    return Order(case["id"], case["code"], case["link"], case["tasks"][0]["id"], "办理")


def given_up(world: World, note: str = "请来看看", package: Package = CALLING) -> Order:
    """A case whose call was given up."""
    publish(world, package)
    order = open_case(world, "calling")
    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": note})
    switch(world, "failing")
    assert call(world) == 1
    return order


def not_handed_in(world: World, note: str = "写完了", package: Package = FRAGILE) -> Order:
    """A case whose task was completed in vain."""
    publish(world, package)
    order = open_case(world, "trial")
    assert Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": note})["incident"]
    return order


def never_dispatched(world: World) -> Order:
    """An order that could not be checked, since for a moment nobody was there to dispatch it."""
    order = open_order(world)
    end_posts(world, "zhaoqm")
    values = {"decision": "valid", "kind": "下水", "urgent": False}
    assert Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values=values)["incident"]
    give_post(world, "zhaoqm", "dispatcher", "YY")
    return order


def incident_of(world: World, order: Order) -> Incident:
    """The newest incident of a case."""
    with Session(world.engine) as session:
        mine = select(Incident).where(col(Incident.case_id) == int(order.id)).order_by(col(Incident.id).desc())
        return session.exec(mine).first() or Incident()


def page_of(world: World, order: Order) -> str:
    """The address of its page."""
    return f"/monitor/incidents/{incident_of(world, order).id}"


def end_posts(world: World, login: str) -> None:
    """Somebody holds no post any more."""
    with db.transaction(world.engine) as session:
        mine = col(Post.account_id) == int(world.account_id(login))
        session.execute(update(Post).where(mine).values(valid_to=date(2020, 1, 2)))


def give_post(world: World, login: str, role: str, unit: str) -> None:
    """Somebody gets a post."""
    with db.transaction(world.engine) as session:
        account = session.exec(select(Account).where(col(Account.login) == login)).one()
        accounts.give_post(session, account, directory.unit_by_code(session, unit), role, clock.now().date())
