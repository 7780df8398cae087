"""A worker killed in the middle of a job: the job comes back to the queue."""

import asyncio
from functools import partial

from sqlalchemy import text

from tests.fixtures import World
from tongxin import config, db, jobs
from tongxin.worker import run
from tongxin.worker.tasks import Tasks


def _status(world: World) -> str:
    with db.transaction(world.engine) as session:
        return str(session.connection().execute(text("SELECT status FROM procrastinate_jobs")).scalar_one())


def _revive(world: World) -> int:
    async def once() -> int:
        app = run.make_app(Tasks(partial(db.transaction, world.engine), config.settings()), world.database.app_url)
        async with app.open_async():
            return await run.revive(app)

    return asyncio.run(once())


def _taken_by_worker(world: World, heard_of: str) -> None:
    """A job that a worker took, which was last heard of so long ago."""
    with db.transaction(world.engine) as session:
        jobs.defer(session, [jobs.Job("catch_up", {"case_id": 1, "with_id": 2})])
        worker = session.connection().execute(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - CAST(:ago AS interval)) RETURNING id"
            ),
            {"ago": heard_of},
        )
        session.connection().execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker"), {"worker": worker.scalar_one()}
        )


def test_a_dead_workers_job_goes_back_to_the_queue(world: World) -> None:
    _taken_by_worker(world, "1 minute")
    assert _revive(world) == 1
    assert _status(world) == "todo"


def test_a_living_workers_job_is_left_alone(world: World) -> None:
    _taken_by_worker(world, "5 seconds")
    assert _revive(world) == 0
    assert _status(world) == "doing"
