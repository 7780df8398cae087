"""Commands that run the platform."""

import os
import sys
from pathlib import Path
from typing import Annotated

import psycopg
import structlog
import typer
import uvicorn

from tongxin import config, supervisor
from tongxin.cli.database import ON_TRIAL, migrate_to_newest, url_of_database
from tongxin.cli.people import announce, load_demo
from tongxin.cli.procedures import publish_all
from tongxin.cli.refusal import Refusal
from tongxin.postgres import APPLICATION, PORTAL
from tongxin.words import _
from tongxin.worker import run as worker_run

commands = typer.Typer()
log = structlog.get_logger()
_REACHES = """
    SELECT current_user <> %s OR has_table_privilege('account', 'SELECT') OR EXISTS (SELECT FROM cases)
"""


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
    portal: Annotated[bool, typer.Option("--portal", help="只开居民端，用居民端自己的数据库账号。")] = False,
) -> None:
    """只启动网页服务。"""
    if portal:
        _use_own_secret()
    settings = config.settings()
    _warn_of_trial(settings)
    with url_of_database(role=PORTAL if portal else APPLICATION) as url:
        if portal:
            _require_little(url)
        os.environ["DATABASE_URL"] = url
        uvicorn.run(
            "tongxin.asgi:create_portal" if portal else "tongxin.asgi:create",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.proxies,
            timeout_graceful_shutdown=3,
        )


def _use_own_secret() -> None:
    """For the cookies of its board: the residents' pages must not know the secret that personal links are made of."""
    home = Path(os.environ.get("TONGXIN_HOME", "./var")).resolve()
    try:
        os.environ["TONGXIN_SECRET"] = (
            os.environ.get("TONGXIN_SECRET") or config.secret_in(home, "portal-secret").decode()
        )
    except OSError as error:
        raise Refusal(
            _(
                "居民端没有自己的密钥（{error}）。请在 portal.env 里填写 TONGXIN_SECRET，不要和 tongxin.env 里的一样。",
                error=error,
            )
        ) from error


def _require_little(url: str) -> None:
    """The residents' pages start only with a role that reaches nothing else."""
    with psycopg.connect(url) as connection:
        try:
            reads_all = connection.execute(_REACHES, [PORTAL]).fetchone() != (False,)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable) as error:
            raise Refusal(
                _(
                    "数据库账号 tongxin_portal 还没有权限。请先以库的所有者运行 tongxin migrate。（{error}）",
                    error=str(error).splitlines()[0],
                )
            ) from error
    if reads_all:
        raise Refusal(
            _(
                "居民端的数据库账号能看到居民不该看到的东西，没有启动。"
                "请把 portal.env 里的 DATABASE_URL 改成账号 tongxin_portal，不要用 tongxin_app 或库的所有者。"
            )
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
