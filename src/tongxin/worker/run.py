"""The worker process: the timer sweeper in a thread, procrastinate's jobs in the main loop."""

import asyncio
import signal
from functools import partial
from threading import Event as Stop
from threading import Thread

import procrastinate
import structlog
from procrastinate import PsycopgConnector

from tongxin import db
from tongxin.config import Settings
from tongxin.worker import timers
from tongxin.worker.tasks import Tasks

CONCURRENCY = 2
POLL_SECONDS = 1.0
log = structlog.get_logger()


def run(settings: Settings, url: str) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished first."""
    engine = db.connect(url, pool_size=CONCURRENCY + 2, patient=True)
    transactions = partial(db.transaction, engine)
    stop = Stop()
    sweeper = Thread(target=timers.run, args=(transactions, stop), name="timers", daemon=True)
    sweeper.start()
    log.info("worker_ready")
    try:
        asyncio.run(_jobs(Tasks(transactions, settings), url))
    finally:
        stop.set()
        sweeper.join(5)
        engine.dispose()


async def _jobs(tasks: Tasks, url: str) -> None:
    app = procrastinate.App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=3))
    tasks.register(app)
    async with app.open_async():
        running = asyncio.create_task(
            app.run_worker_async(
                concurrency=CONCURRENCY,
                listen_notify=False,
                fetch_job_polling_interval=POLL_SECONDS,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=5,
            )
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.cancel)
        try:
            await running
        except asyncio.CancelledError:
            log.info("worker_stopped")
