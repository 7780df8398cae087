"""The processes of `tongxin up`: the database, the web server and the worker, started, watched and stopped as one."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tongxin import postgres
from tongxin.processes import dying_with_parent, parent_of
from tongxin.words import N_, _

TICK = 0.2
GRACE = 5  # seconds a child may take to finish what it does
STEADY = 10  # seconds after which a child counts as started well
ATTEMPTS = 5  # a child that ends by itself so often, never steady, will not get better
LONGEST_PAUSE = 8


@dataclass(frozen=True, slots=True)
class Urls:
    """How to reach the database: as its schema's owner, and as the application."""

    owner: str
    app: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do between the start of the database and the start of the children."""

    title: str
    do: Callable[[Urls], None]


class GaveUp(Exception):
    """A process ends again and again; the message says which."""


class _Stop(BaseException):
    """Somebody asked us to stop."""


@dataclass(slots=True)
class _Child:
    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    failures: int = 0  # in a row
    due: float = 0  # when to start it next

    def keep(self) -> None:
        """Start it when it is due; notice when it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self._start(now)
            return
        status = self.process.poll()
        if status is None:
            return
        self._end_group()
        self.process = None
        self.failures = 1 if now - self.started > STEADY else self.failures + 1
        if status >= 0 and self.failures >= ATTEMPTS:
            raise GaveUp(
                _(
                    "{name}连续 {failures} 次启动后随即退出（退出码 {status}），原因见上面的输出。",
                    name=self.name,
                    failures=self.failures,
                    status=status,
                )
            )
        pause = min(LONGEST_PAUSE, 0.25 * 2**self.failures)
        self.due = now + pause
        reason = _("信号 {status}", status=-status) if status < 0 else _("退出码 {status}", status=status)
        _say(
            _(
                "{name}意外结束（{reason}），{seconds} 秒后重新启动。",
                name=self.name,
                reason=reason,
                seconds=f"{pause:g}",
            )
        )

    def _start(self, now: float) -> None:
        self.started = now
        self.process = subprocess.Popen(
            self.argv,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; and one signal reaches the child's own children
            preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - we have no threads
        )

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        if not self.process:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0, deadline - time.monotonic()))
        self._end_group()
        self.process.wait()

    def _end_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


@dataclass(slots=True)
class _Supervisor:
    home: Path
    database_url: str | None
    server: postgres.Server | None = None
    children: list[_Child] = field(default_factory=list)

    def start_database(self) -> Urls:
        if self.database_url:
            return Urls(self.database_url, self.database_url)
        self.server = postgres.ensure(self.home)
        return Urls(self.server.owner_url, self.server.app_url)

    def keep(self) -> None:
        """Whatever died is started again."""
        if self.server and not self.server.alive():
            _say(_("数据库意外结束，正在重新启动。"))
            self.server = postgres.ensure(self.home)
        for child in self.children:
            child.keep()

    def stop(self) -> None:
        """The children first, then the database they use."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE
        for child in self.children:
            child.stop(deadline)
        if self.server:
            self.server.stop(patience=3)


def run(
    children: Mapping[str, Sequence[str]],
    *,
    home: Path,
    host: str,
    port: int,
    steps: Sequence[Step] = (),
    ready: Callable[[], None] = lambda: None,
    database_url: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start everything, keep it running until asked to stop, stop it; the exit code.

    `children`: name for people -> command line. They find the database in DATABASE_URL. `ready` is called once the
    port answers. Call it in the main thread.
    """
    starters = _starters()
    supervisor = _Supervisor(home, database_url)
    _heed_signals()
    try:
        _require_free(host, port)
        urls = _prepare(supervisor, steps, _("、").join(children))
        given = os.environ if environment is None else environment
        supervisor.children = [
            _Child(name, argv, {**given, "DATABASE_URL": urls.app}) for name, argv in children.items()
        ]
        _watch(supervisor, starters, lambda: _is_open(host, port), ready)
    except _Stop:
        return 0
    except (postgres.Unavailable, GaveUp) as trouble:
        _say(str(trouble))
        return 1
    finally:
        _ignore_signals()
        if supervisor.server or supervisor.children:
            _say(_("正在停止 …"))
            supervisor.stop()
            _say(_("已停止。数据都在 {home}", home=home) if supervisor.server else _("已停止。"))
    return 0


def _prepare(supervisor: _Supervisor, steps: Sequence[Step], names: str) -> Urls:
    number = iter("①②③④⑤⑥⑦⑧⑨⑩")
    _say(
        _(N_("{number} 连接数据库 …") if supervisor.database_url else N_("{number} 启动数据库 …"), number=next(number))
    )
    urls = supervisor.start_database()
    for step in steps:
        _say(f"{next(number)} {step.title} …")
        step.do(urls)
    _say(_("{number} 启动{names} …", number=next(number), names=names))
    return urls


def _watch(
    supervisor: _Supervisor, starters: tuple[int, ...], is_open: Callable[[], bool], ready: Callable[[], None]
) -> None:
    announced = False
    while _starters() == starters:
        supervisor.keep()
        if not announced and is_open():
            announced = True
            ready()
        time.sleep(TICK)
    _say(_("启动本程序的进程已经结束，本程序随之停止。要让它在后台一直运行，请用 nohup make run &"))


def _starters() -> tuple[int, ...]:
    """The processes whose end is our end: the one that started us, and when that is `make`, the one that ran it.

    Who starts us by nohup or in a session of its own wants us to outlive the starter, but `make` in between not.
    """
    ours = os.getpid()
    parent = os.getppid()
    with contextlib.suppress(OSError):
        if Path(f"/proc/{parent}/comm").read_text().strip() in ("make", "gmake"):
            return (parent, parent_of(parent) or 0) if not _detached(parent) else (parent,)
    return () if _detached(ours) else (parent,)


def _detached(first: int) -> bool:
    with contextlib.suppress(OSError):
        return signal.getsignal(signal.SIGHUP) is signal.SIG_IGN or os.getsid(first) == first
    return False


def _heed_signals() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        _ignore_signals()
        raise _Stop

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, stop)


def _ignore_signals() -> None:
    """Stopping takes seconds at most and is not to be interrupted."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _require_free(host: str, port: int) -> None:
    """Before anything starts. Waits a moment for the processes of a run that was just killed."""
    deadline = time.monotonic() + 2
    while trouble := _bind_error(host, port):
        if time.monotonic() > deadline:
            raise GaveUp(
                _(
                    "不能使用 {host}:{port}（{trouble}）。请停止占用它的程序，或换一个端口：PORT=8001 make run",
                    host=host,
                    port=port,
                    trouble=trouble,
                )
            )
        time.sleep(TICK)


def _bind_error(host: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does
            probe.bind(address)
            probe.listen()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _is_open(host: str, port: int) -> bool:
    nearby = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        socket.create_connection((nearby, port), timeout=1).close()
    except OSError:
        return False
    return True


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads any more; stopping must go on
        print(line, flush=True)
