"""Versions of the orders with another step, and an administrator's verbs, for tests."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, col, select

from tests.cases.history import open_tasks
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import orders
from tongxin import clock, db, engine
from tongxin.cases import held, migrating, moving
from tongxin.cases.held import Held
from tongxin.events import Actor
from tongxin.people import identity
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.procedures.models import DefinitionRow
from tongxin.procedures.package import Package


def with_step_renamed(was: str = "check", now: str = "verify", name: str = "核查", old_name: str = "核实") -> Package:
    """The orders with one step under another id and name."""
    changed = orders()
    drawn = changed["process.bpmn"]
    for form in ('id="{}"', ">{}<", 'sourceRef="{}"', 'targetRef="{}"', 'bpmnElement="{}"', 'attachedToRef="{}"'):
        drawn = drawn.replace(form.format(was), form.format(now))
    changed["process.bpmn"] = drawn.replace(f'name="{old_name}"', f'name="{name}"')
    return changed


def key_of(world: World, order: Order, name: str) -> int:
    """The engine's key of an open task."""
    return next(task.key for task in open_tasks(world, order) if task.name == name)


def do(world: World, order: Order, verb: Callable[[Session, Held, Actor], Any], login: str = "admin") -> Any:
    """A verb on a locked case, in a transaction of its own, by somebody."""
    with db.transaction(world.engine) as session:
        person = identity.by_account(session, int(world.account_id(login)), clock.now())
        found = held.by_case(session, int(order.id), clock.now())
        assert found is not None
        assert person is not None
        return verb(session, found, person.actor)


def move(world: World, order: Order, names: list[str], to: str, reason: str = "走错了", **more: Any) -> Any:
    """Move open tasks by name."""
    keys = [key_of(world, order, name) for name in names]
    return do(world, order, lambda session, one, by: moving.move_case(session, one, keys, to, reason, by, **more))


def version(session: Session, number: int, key: str = "orders") -> Definition:
    """A published version."""
    mine = (col(DefinitionRow.key) == key, col(DefinitionRow.version) == number)
    return catalogue.by_id(session, session.exec(select(DefinitionRow.id).where(*mine)).one())


def migrate(world: World, order: Order, number: int, mapping: dict[str, str] | None = None, key: str = "orders") -> Any:
    """Let a case go over to a version."""
    return do(
        world,
        order,
        lambda session, one, by: migrating.migrate_case(
            session, one, version(session, number, key), mapping or {}, "新版改了名", by
        ),
    )


def live(world: World, order: Order) -> list[str]:
    """The nodes at which a case stands or listens."""
    with Session(world.engine) as session:
        found = held.to_read(session, open_tasks(world, order)[0].id, clock.now())
        assert found is not None
        return sorted(engine.live_nodes(found.case.state).values())
