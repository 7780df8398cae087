"""Where our PostgreSQL keeps everything: data, socket, log and lock, all in the home folder."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tongxin.processes import Account, dying_with_parent, parent_of, working_in
from tongxin.words import _

SUPERUSER = "postgres"  # owns the server; nothing of ours runs as it
LOG_LIMIT = 10_000_000


class Unavailable(Exception):
    """The database server cannot run here; the message says what to do."""


class WrongMajor(Unavailable):
    """The data folder was made by another major version of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Program:
    """PostgreSQL as installed, and the account it runs as."""

    binaries: Path
    major: int
    account: Account
    durable: bool  # False: nothing is forced to disk, for tests


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The database's part of one home folder. The home's path is absolute and without links."""

    home: Path

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def socket(self) -> Path:
        """A socket's whole path has at most 107 bytes, and a comma would mean two hosts."""
        folder = self.home / "socket"
        if len(os.fsencode(folder)) <= 90 and "," not in str(folder):
            return folder
        return Path("/tmp") / f"tongxin-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"

    @contextlib.contextmanager
    def claim(self) -> Iterator[int | None]:
        """The right to run this folder's server, or None while another has it.

        A file lock that the server and all its processes inherit: it is held exactly as long as one of them lives. So
        neither a reused process number nor a container that sees other process numbers can mislead us.
        """
        lock = os.open(self.home / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            yield None
            return
        try:
            yield lock
        finally:
            os.close(lock)

    def prepare(self, program: Program) -> None:
        """Everything a server needs before it starts. We hold the claim."""
        if not self.data.exists():
            self._initialise(program)
        self._check(program)
        self._remove_stale_pid()
        _make_private(self.socket, program.account.owner)  # a killed server leaves its socket's lock there

    def _initialise(self, program: Program) -> None:
        """Make the data folder under another name first, so that a half-made one is never taken for data."""
        fresh = self.home / "postgres.new"
        _make_private(fresh, program.account.owner)
        builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with self.open_log() as log:
            done = subprocess.run(
                [
                    *(program.binaries / "initdb", "-D", fresh, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"),
                    *(builtin if program.major >= 17 else ["--locale=C.UTF-8"]),
                    *([] if program.durable else ["--no-sync"]),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                check=False,
                preexec_fn=dying_with_parent(signal.SIGKILL, program.account.become),
            )
        if done.returncode:
            raise Unavailable(self.with_log(_("无法建立数据文件夹")))
        fresh.rename(self.data)

    def _check(self, program: Program) -> None:
        version = self.data / "PG_VERSION"
        found = version.read_text().strip() if version.exists() else "?"
        if found != str(program.major):
            raise WrongMajor(
                _(
                    "数据文件夹 {data} 属于 PostgreSQL {found}，本程序带的是 PostgreSQL {major}，不能直接使用。"
                    "请用原来的版本启动并以 pg_dump 导出，把 {data} 改名保留，再启动本程序并导入。",
                    data=self.data,
                    found=found,
                    major=program.major,
                )
            )
        if self.data.stat().st_uid != program.account.owner:  # the folder itself last: then all of it is done
            for path in (*self.data.rglob("*"), self.data):
                os.chown(path, program.account.owner, -1, follow_symlinks=False)

    def recorded_pid(self) -> int | None:
        """The server's first process, as the server wrote it down."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _remove_stale_pid(self) -> None:
        """No server of ours lives, so this file is old, even if a stranger has the process number it names.

        PostgreSQL would trust the number and refuse to start.
        """
        pid = self.recorded_pid()
        if pid in set(working_in(self.data, "postgres")):
            raise Unavailable(
                _("{home} 的数据库已由别的程序启动（进程 {pid}）。请先停止它：kill -INT {pid}", home=self.home, pid=pid)
            )
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def end_orphans(self) -> None:
        """End the processes of a killed server that are still busy; a new server cannot start beside them."""
        processes = set(working_in(self.data, "postgres"))
        for pid in processes:
            with contextlib.suppress(OSError):
                child = Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"postgres: ")
                if child and parent_of(pid) not in processes:
                    os.kill(pid, signal.SIGKILL)

    @contextlib.contextmanager
    def open_log(self) -> Iterator[int]:
        """The log, to be handed to a child; an overlong one is put aside first."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.home / "postgres.log.1")
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            yield log
        finally:
            os.close(log)

    def with_log(self, trouble: str) -> str:
        """A message followed by what the server said last."""
        last = self.log.read_text(errors="replace").splitlines()[-5:]
        return _("{trouble}。{log} 的最后几行：{lines}", trouble=trouble, log=self.log, lines="\n" + "\n".join(last))


def environment() -> dict[str, str]:
    """Our variables without those that would change what PostgreSQL does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _make_private(folder: Path, owner: int) -> None:
    """A new folder only this account may enter; refused when a stranger's is in the way."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(0o700)
    except FileExistsError:
        raise Unavailable(_("{folder} 属于别人，数据库不能放在那里。请让管理员删除它。", folder=folder)) from None
    if owner != os.geteuid():
        os.chown(folder, owner, -1)
