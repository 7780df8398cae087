"""`tongxin backup`: what it writes is enough to begin anew elsewhere."""

import os
import subprocess
import tarfile
from pathlib import Path

import psycopg
import pytest

from tests.browser.orders import picture
from tests.callers import Api
from tests.commands import Command
from tests.conftest import FreshDatabase, databases_on
from tests.fixtures import World
from tests.orders import open_order
from tongxin import config, files, postgres
from tongxin.cli import backup as backups


def restore(dump: Path, url: str) -> None:
    """As docs/operations.md says."""
    program = postgres.programs() / "pg_restore"
    options = ("--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={url}")
    subprocess.run([program, *options, dump], check=True)


def test_restored_elsewhere_everything_is_there(
    world: World, tongxin: Command, tmp_path: Path, fresh_database: FreshDatabase
) -> None:
    caller = Api(world, world.token("zhanglan"))
    photo = {"file": ("1.jpg", picture(), "image/jpeg")}
    kept = world.client.post("/api/v1/attachments", headers=caller.headers, files=photo).json()
    order = open_order(world, photos=[kept["id"]])
    status, said = tongxin(world.database.owner_url, "backup", str(tmp_path / "kept"))
    assert status == 0, said
    tar, dump = sorted((tmp_path / "kept").iterdir(), reverse=True)
    assert f"已备份 {dump}" in said and f"已备份 {tar}" in said
    assert dump.stat().st_mode & 0o77 == tar.stat().st_mode & 0o77 == 0
    with fresh_database() as elsewhere, tarfile.open(tar) as packed:
        restore(dump, elsewhere.owner_url)
        assert tongxin(elsewhere.owner_url, "migrate")[0] == 0  # gives the application its rights
        status, said = tongxin(elsewhere.app_url, "verify", order.code)
        assert (status, said) == (0, "查了 1 件，经过都完整。\n")
        packed.extractall(tmp_path / "home2", filter="data")
        assert (tmp_path / "home2/secret").read_bytes() == config.settings().secret
        with psycopg.connect(elsewhere.url) as connection:
            (sha256,) = connection.execute("SELECT sha256 FROM attachment").fetchone() or ()
        assert files.Store(tmp_path / "home2/files").path(sha256).read_bytes()[:2] == b"\xff\xd8"


def test_the_database_alone(world: World, tongxin: Command, tmp_path: Path) -> None:
    assert tongxin(world.database.owner_url, "backup", str(tmp_path / "kept"), "--without-files")[0] == 0
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".dump"]


def test_an_older_server_is_read_by_its_own_program(
    oldest_server: postgres.Server, tongxin: Command, tmp_path: Path
) -> None:
    assert backups._version(backups._pg_dump(15)) == 15
    with databases_on(oldest_server)() as database:
        assert tongxin(database.owner_url, "migrate")[0] == 0
        assert tongxin(database.owner_url, "backup", str(tmp_path / "kept"), "--without-files")[0] == 0
    (dump,) = (tmp_path / "kept").iterdir()
    listed = subprocess.run(
        [postgres.programs() / "pg_restore", "--list", dump], capture_output=True, text=True, check=True
    )
    assert "Dumped from database version: 15" in listed.stdout


def test_a_newer_server_than_any_program_is_told(tongxin: Command) -> None:
    with pytest.raises(Exception, match="没有找到适用于 PostgreSQL 99 的 pg_dump"):
        backups._pg_dump(99)


def test_a_database_that_is_away_is_told(tongxin: Command, tmp_path: Path) -> None:
    status, said = tongxin(f"postgresql://tongxin_owner@/tongxin?host={tmp_path}", "backup", str(tmp_path / "kept"))
    assert status == 1 and said.startswith("连不上数据库：")
    assert not os.listdir(tmp_path / "kept")


def test_the_password_is_not_on_the_command_line(
    world: World, tongxin: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    spy = tmp_path / "pg_dump"
    spy.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo 1 || echo "$PGPASSWORD / $*" > {seen}\nexit 1\n')
    spy.chmod(0o755)
    monkeypatch.setattr(backups, "_pg_dump", lambda major: spy)
    url = world.database.owner_url.replace("@", ":pass%40word@", 1)
    assert tongxin(url, "backup", str(tmp_path / "kept"))[0] == 1
    password, _, words = seen.read_text().partition(" / ")
    assert password == "pass@word" and "word=pass" not in words and "@word" not in words


def test_plan_names_what_migrate_would_do(
    tongxin: Command, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database() as database:
        status, said = tongxin(database.owner_url, "migrate", "--plan")
        assert status == 0 and said.startswith("数据库结构要做这些改动：0001、0002、")
        assert tongxin(database.owner_url, "migrate")[0] == 0
        assert tongxin(database.owner_url, "migrate", "--plan") == (0, "数据库结构不用改动。\n")
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9000'")
        assert tongxin(database.owner_url, "migrate") == (0, "数据库结构是更新的版本建的，本版本也能用，不作改动。\n")


def test_the_version_is_told(tongxin: Command) -> None:
    assert tongxin("postgresql://nowhere", "--version") == (0, f"{config.version()}\n")
