"""The command that saves what a new machine needs to go on: the database, the files, the secret."""

import io
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tongxin import clock, config, postgres
from tongxin.cli.database import url_of_database
from tongxin.cli.refusal import Refusal
from tongxin.words import _

commands = typer.Typer()
PRIVATE = 0o077  # what others may do with a backup: nothing


@commands.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="备份放在哪个文件夹。")],
    without_files: Annotated[bool, typer.Option("--without-files", help="只备份数据库，不备份附件和密钥。")] = False,
) -> None:
    """备份：数据库一个文件，附件和密钥一个文件，名字里有时间。"""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"tongxin-{clock.now():%Y%m%d-%H%M%S}"
    with url_of_database(role=postgres.OWNER) as url:
        _dump(url, folder / f"{name}.dump")
    if not without_files:  # after the database: whatever it names lies there by then
        _pack(config.settings(), folder / f"{name}.files.tar")


def _dump(url: str, target: Path) -> None:
    try:
        with psycopg.connect(url) as connection:
            program = _pg_dump(connection.info.server_version // 10_000)
    except psycopg.OperationalError as error:
        raise Refusal(_("连不上数据库：{reason}", reason=str(error).splitlines()[0])) from None
    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    password = given.pop("password", "")  # not on the command line, where everybody can read it
    secretly = {"PGPASSWORD": password} if password else {}
    fresh = target.with_suffix(".part")
    what = ["--format=custom", "--exclude-table-data=pass"]  # passes are of this server's transactions
    command = [str(program), *what, f"--file={fresh}", f"--dbname={make_conninfo('', **given)}"]
    done = subprocess.run(
        command, env={**os.environ, **secretly}, capture_output=True, text=True, check=False, umask=PRIVATE
    )
    if done.returncode:
        fresh.unlink(missing_ok=True)
        raise Refusal(_("数据库没有备份成：{reason}", reason=done.stderr.strip()))
    _finish(fresh, target)


def _pg_dump(major: int) -> Path:
    """The program of the server's own version, else the next newer one: an older one cannot read it."""
    fitting = [(version, path) for path in _programs() if (version := _version(path)) >= major]
    if not fitting:
        raise Refusal(_("没有找到适用于 PostgreSQL {major} 的 pg_dump。请在数据库那台机器上备份。", major=major))
    return min(fitting)[1]


def _programs() -> Iterator[Path]:
    if found := shutil.which("pg_dump"):
        yield Path(found)
    yield from Path("/usr").glob("lib/postgresql/*/bin/pg_dump")  # Debian
    yield from Path("/usr").glob("pgsql-*/bin/pg_dump")  # PostgreSQL's own packages
    yield postgres.programs() / "pg_dump"


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+", said)
    return int(found[0]) if found else 0


def _pack(settings: config.Settings, target: Path) -> None:
    fresh = target.with_suffix(".part")
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666 & ~PRIVATE)
    with open(opened, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:  # photos are compressed already
        for path in sorted((settings.home / "files").rglob("*")):
            if path.is_file() and not path.name.startswith("tmp"):  # those are just being written
                tar.add(path, path.relative_to(settings.home))
        secret = tarfile.TarInfo("secret")
        secret.size, secret.mode = len(settings.secret), 0o600
        tar.addfile(secret, io.BytesIO(settings.secret))
    _finish(fresh, target)


def _finish(fresh: Path, target: Path) -> None:
    fresh.replace(target)
    print(_("已备份 {path}（{size:.1f} MB）", path=target, size=target.stat().st_size / 1e6))
