"""The database a command works on, and commands about its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from tongxin import config, db, migrate, postgres
from tongxin.cli.refusal import Refusal

commands = typer.Typer()


@commands.command("migrate")
def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="只检查模型和迁移是否一致，用一个临时数据库。")] = False,
) -> None:
    """更新数据库结构。"""
    if check:
        _compare()
        return
    with url_of_database(owner=True) as url:
        migrate_to_newest(url)


@contextmanager
def url_of_database(*, owner: bool = False) -> Iterator[str]:
    """The database: DATABASE_URL, else the embedded server, started for as long as it is needed."""
    settings = config.settings()
    if settings.database_url:
        yield settings.database_url
        return
    with postgres.ensure(settings.home) as server:
        migrate_to_newest(server.owner_url)
        yield server.owner_url if owner else server.app_url


@contextmanager
def session_on(url: str) -> Iterator[Session]:
    engine = db.connect(url, pool_size=1)
    try:
        with db.transaction(engine) as session:
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


def _compare() -> None:

    with TemporaryDirectory() as folder, postgres.ensure(Path(folder), durable=False) as server:
        migrate_to_newest(server.owner_url)
        with engine_on(server.owner_url) as engine:
            difference = migrate.differences(engine)
    if difference:
        raise Refusal(f"模型和迁移不一致：{difference}")
    print("模型和迁移一致。")
