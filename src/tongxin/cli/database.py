"""The database a command works on, and commands about its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from tongxin import config, db, live, migrate, postgres
from tongxin.cli.refusal import Refusal
from tongxin.words import N_, _

commands = typer.Typer()

ON_TRIAL = N_("现在用的是自带的数据库，只供试用。正式使用请用 DATABASE_URL 指定单位的 PostgreSQL（15 或更新）。")


@commands.command("migrate")
def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="只检查模型和迁移是否一致，用一个临时数据库。")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="只说要做哪些改动，不动数据库。")] = False,
) -> None:
    """更新数据库结构。"""
    if check:
        _compare()
        return
    if plan and not config.settings().database_url:
        print(_("用的是自带的数据库，启动时自己更新结构。"))
        return
    with url_of_database(role=postgres.OWNER) as url:
        with engine_on(url) as engine:
            print(_planned(migrate.missing(engine)))
        if not plan:
            migrate_to_newest(url)


@contextmanager
def url_of_database(*, role: str = postgres.APPLICATION) -> Iterator[str]:
    """The database: DATABASE_URL, else the embedded server as `role`, started for as long as it is needed."""
    settings = config.settings()
    if settings.database_url:
        yield settings.database_url
        return
    with postgres.ensure(settings.home) as server:
        migrate_to_newest(server.owner_url)
        yield server.address(role, postgres.DATABASE)


@contextmanager
def session_on(url: str) -> Iterator[Session]:
    engine = db.connect(url, pool_size=1)
    try:
        with live.announcing(engine, url), db.transaction(engine) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def engine_on(url: str) -> Iterator[Engine]:
    engine = db.connect(url, pool_size=1)
    try:
        yield engine
    finally:
        engine.dispose()


def migrate_to_newest(url: str) -> None:
    with engine_on(url) as engine:
        migrate.upgrade(engine)


def _planned(missing: list[str] | None) -> str:
    if missing is None:
        return _("数据库结构是更新的版本建的，本版本也能用，不作改动。")
    if not missing:
        return _("数据库结构不用改动。")
    return _("数据库结构要做这些改动：{names}。", names=_("、").join(missing))


def _compare() -> None:

    with TemporaryDirectory() as folder, postgres.ensure(Path(folder), durable=False) as server:
        migrate_to_newest(server.owner_url)
        with engine_on(server.owner_url) as engine:
            difference = migrate.differences(engine)
    if difference:
        raise Refusal(_("模型和迁移不一致：{difference}", difference=difference))
    print(_("模型和迁移一致。"))
