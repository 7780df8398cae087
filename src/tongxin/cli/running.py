"""Commands that run the platform."""

import os
import sys
from typing import Annotated

import structlog
import typer
import uvicorn

from tongxin import config, supervisor
from tongxin.cli.database import ON_TRIAL, migrate_to_newest, url_of_database
from tongxin.cli.people import announce, load_demo
from tongxin.cli.procedures import publish_all
from tongxin.words import _
from tongxin.worker import run as worker_run

commands = typer.Typer()
log = structlog.get_logger()


@commands.command()
def up() -> None:
    """启动全部：数据库、网页、后台任务。"""
    settings = config.settings()
    program = [sys.executable, "-P", "-c", "import sys; from tongxin.cli import main; sys.exit(main())"]
    steps = [
        supervisor.Step(_("更新数据库结构"), lambda urls: migrate_to_newest(urls.owner)),
        supervisor.Step(_("发布流程"), lambda urls: publish_all(urls.owner)),
    ]
    if settings.demo:
        steps.insert(1, supervisor.Step(_("装入演示机构"), lambda urls: load_demo(urls.owner)))
    status = supervisor.run(
        {_("网页服务"): [*program, "serve"], _("后台任务"): [*program, "worker"]},
        home=settings.home,
        host=settings.host,
        port=settings.port,
        steps=steps,
        ready=lambda: announce(settings),
        database_url=settings.database_url,
    )
    raise typer.Exit(status)


@commands.command()
def serve(
    workers: Annotated[int, typer.Option(help="几个网页进程。")] = 1,
) -> None:
    """只启动网页服务。"""
    settings = config.settings()
    _warn_of_trial(settings)
    with url_of_database() as url:
        os.environ["DATABASE_URL"] = url
        uvicorn.run(
            "tongxin.asgi:create",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )


@commands.command()
def worker() -> None:
    """只启动后台任务：到时的计时和排队的工作。"""
    _warn_of_trial(config.settings())
    with url_of_database() as url:
        worker_run.run(config.settings(), url)


def _warn_of_trial(settings: config.Settings) -> None:
    if not settings.database_url:
        log.warning("embedded_database", advice=_(ON_TRIAL))
