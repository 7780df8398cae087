"""Areas set limits otherwise: the nearest unit's setting in force when the step begins, kept with its derivation."""

from datetime import timedelta

from sqlmodel import col, select

from tests.cases.history import open_tasks
from tests.fixtures import Clock, World
from tests.orders import advance, open_order
from tongxin import db
from tongxin.cases.models import Task
from tongxin.people.models import Unit
from tongxin.procedures.models import Setting


def deviate(world: World, unit: str, value: str, still: Clock, *, since: timedelta = timedelta()) -> None:
    """From now (or `since` from now) on, this unit has its own limit for accepting an urgent order."""
    with db.transaction(world.engine) as session:
        unit_id = session.exec(select(Unit.id).where(col(Unit.code) == unit)).one()
        session.add(
            Setting(
                procedure="orders",
                parameter="accept_urgent",
                unit_id=unit_id,
                value=value,
                valid_from=still() + since,
            )
        )


def minutes_to_accept(world: World, still: Clock) -> float:
    """How long the member has to accept a new urgent order."""
    order = open_order(world, "接单")
    with db.transaction(world.engine) as session:
        due = session.exec(select(Task.due_at).where(col(Task.id) == int(order.task))).one()
    assert due is not None
    return (due - still()).total_seconds() / 60


def test_nobody_deviates(world: World, still: Clock) -> None:
    assert minutes_to_accept(world, still) == 15


def test_the_nearest_unit_wins(world: World, still: Clock) -> None:
    deviate(world, "BH", "PT20M", still)
    assert minutes_to_accept(world, still) == 20
    deviate(world, "YY", "PT5M", still)
    assert minutes_to_accept(world, still) == 5


def test_another_communitys_setting_is_not_ours(world: World, still: Clock) -> None:
    deviate(world, "NY", "PT5M", still)
    assert minutes_to_accept(world, still) == 15


def test_a_later_setting_replaces_an_earlier_one_from_its_day(world: World, still: Clock) -> None:
    deviate(world, "YY", "PT5M", still)
    deviate(world, "YY", "PT8M", still, since=timedelta(days=1))
    assert minutes_to_accept(world, still) == 5
    still.move(timedelta(days=1))
    assert minutes_to_accept(world, still) == 8


def test_a_running_step_keeps_its_limit(world: World, still: Clock) -> None:
    order = open_order(world, "接单")
    before = [task.due_at for task in open_tasks(world, order)]
    deviate(world, "YY", "PT5M", still)
    assert [task.due_at for task in open_tasks(world, order)] == before
    advance(world, order, "联系")
