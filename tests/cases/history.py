"""What tests look up behind the pages: a case's events, and its row."""

from sqlmodel import Session, col, select

from tests.fixtures import World
from tests.orders import Order
from tongxin.cases.models import Case, Incident, Task
from tongxin.events import Event


def kinds(world: World, order: Order) -> list[str]:
    """The kinds of a case's events, oldest first, without what decision tables answered on the way."""
    return [event.kind for event in events(world, order) if event.kind != "decided"]


def events(world: World, order: Order) -> list[Event]:
    """A case's events, oldest first."""
    with Session(world.engine) as session:
        return list(session.exec(select(Event).where(col(Event.case_id) == int(order.id)).order_by(col(Event.seq))))


def case_of(world: World, order: Order) -> Case:
    """A case's row."""
    with Session(world.engine) as session:
        return session.get_one(Case, int(order.id))


def open_tasks(world: World, order: Order) -> list[Task]:
    """What waits in a case."""
    with Session(world.engine) as session:
        mine = select(Task).where(col(Task.case_id) == int(order.id), col(Task.status) == "open")
        return list(session.exec(mine.order_by(col(Task.id))))


def incidents(world: World, order: Order, *, unresolved: bool = False) -> list[Incident]:
    """What got stuck in a case."""
    with Session(world.engine) as session:
        mine = select(Incident).where(col(Incident.case_id) == int(order.id))
        return [one for one in session.exec(mine) if not (unresolved and one.resolved_at)]
