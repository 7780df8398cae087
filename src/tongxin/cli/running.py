"""Commands that run the platform."""

import os
import sys
from typing import Annotated

import typer
import uvicorn

from tongxin import config, supervisor
from tongxin.cli.database import migrate_to_newest, url_of_database
from tongxin.cli.people import announce, load_demo
from tongxin.cli.procedures import publish_all
from tongxin.worker import run as worker_run

commands = typer.Typer()


@commands.command()
def up() -> None:
    """启动全部：数据库、网页、后台任务。"""
    settings = config.settings()
    program = [sys.executable, "-P", "-c", "import sys; from tongxin.cli import main; sys.exit(main())"]
    steps = [
        supervisor.Step("更新数据库结构", lambda urls: migrate_to_newest(urls.owner)),
        supervisor.Step("发布流程", lambda urls: publish_all(urls.owner)),
    ]
    if settings.demo:
        steps.insert(1, supervisor.Step("装入演示机构", lambda urls: load_demo(urls.owner)))
    status = supervisor.run(
        {"网页服务": [*program, "serve"], "后台任务": [*program, "worker"]},
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
    with url_of_database() as url:
        worker_run.run(config.settings(), url)
