"""The worker process: the timer sweeper in a thread, procrastinate's jobs in the main loop."""

import asyncio
import signal
from functools import partial
from threading import Event as Stop
from threading import Thread

import procrastinate
import structlog
from procrastinate import PsycopgConnector
from sqlalchemy.exc import SQLAlchemyError

from tongxin import db, live, words
from tongxin.config import Settings
from tongxin.worker import timers
from tongxin.worker.tasks import Tasks

CONCURRENCY = 2
POLL_SECONDS = 1.0
REVIVE_SECONDS = 15
TIDY_SECONDS = 3600
SILENT_SECONDS = 30  # a worker that has not been heard of for so long is dead
log = structlog.get_logger()


def run(settings: Settings, url: str) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished first."""
    words.settle(words.CHINESE)  # whatever it writes is kept, and told again to those who read
    engine = db.connect(url, pool_size=CONCURRENCY + 2, patient=True)
    transactions = partial(db.transaction, engine)
    stop = Stop()
    sweeper = Thread(target=timers.run, args=(transactions, stop), name="timers", daemon=True)
    with live.announcing(engine, url):
        sweeper.start()
        log.info("worker_ready")
        try:
            asyncio.run(_jobs(Tasks(transactions, settings), url))
        finally:
            stop.set()
            sweeper.join(5)
    engine.dispose()


async def _jobs(tasks: Tasks, url: str) -> None:
    app = make_app(tasks, url)
    async with app.open_async():
        running = asyncio.gather(
            app.run_worker_async(
                concurrency=CONCURRENCY,
                listen_notify=False,
                fetch_job_polling_interval=POLL_SECONDS,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=3,
                stalled_worker_timeout=SILENT_SECONDS,
            ),
            _keep_reviving(app),
            _keep_tidy(tasks),
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.cancel)
        try:
            await running
        except asyncio.CancelledError:
            log.info("worker_stopped")


def make_app(tasks: Tasks, url: str) -> procrastinate.App:
    """The job queue on the database at `url`, knowing every job."""
    app = procrastinate.App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=3))
    tasks.register(app)
    return app


async def revive(app: procrastinate.App) -> int:
    """Give the jobs of workers that died in the middle back to the queue; how many there were."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS))
    for job in stalled:
        log.warning("job_revived", task=job.task_name, job=job.id)
        await app.job_manager.retry_job(job)
    return len(stalled)


async def _keep_reviving(app: procrastinate.App) -> None:
    while True:
        await revive(app)
        await asyncio.sleep(REVIVE_SECONDS)


async def _keep_tidy(tasks: Tasks) -> None:
    while True:
        try:
            await asyncio.to_thread(tasks.tidy)
        except SQLAlchemyError as error:
            log.warning("tidy_failed", error=str(error).splitlines()[0])
        await asyncio.sleep(TIDY_SECONDS)
