"""`tongxin up` as a process: it stops everything, restarts what dies, and leaves nothing behind."""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# A child serves the port and, when asked to stop, shows that its database is still there.
UP = """
import sys
from pathlib import Path
from tongxin import supervisor

mark, port, children, database_url, home = sys.argv[1:]
SERVE = '''
import os, signal, socket, sys, psycopg
def stop(*_):
    if sys.argv[3] == "stubborn":
        return
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        print("stopping as", connection.info.user, flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, stop)
with socket.create_server(("127.0.0.1", int(sys.argv[2]))) as server:
    while True:
        server.accept()[0].close()
'''
known = {
    "serve": [sys.executable, "-c", SERVE, mark, port, "kind"],
    "stubborn": [sys.executable, "-c", SERVE, mark, port, "stubborn"],
    "worker": [sys.executable, "-c", "import time; time.sleep(60)", mark],
    "broken": [sys.executable, "-c", "raise SystemExit(3)", mark],
}
supervisor.GRACE = 1.5
supervisor.ATTEMPTS = 3
sys.exit(
    supervisor.run(
        {name: known[name] for name in children.split()},
        home=Path(home),
        host="127.0.0.1",
        port=int(port),
        steps=[supervisor.Step("准备", lambda urls: print("prepared", urls.owner[:27], flush=True))],
        ready=lambda: print("ready", flush=True),
        database_url=database_url or None,
    )
)
"""


@pytest.fixture(autouse=True)
def hanging_up_ends_us() -> Iterator[None]:
    """As in a terminal, also when these tests themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


class Up:
    """One supervisor and all its processes, which carry a mark of their own in their command lines."""

    def __init__(self, folder: Path) -> None:
        self.mark = f"{folder}/mark"
        self.home = folder / "var"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log"
        self.started: list[subprocess.Popen[bytes]] = []

    def command(self, children: str, database_url: str) -> list[str]:
        return [sys.executable, "-c", UP, self.mark, str(self.port), children, database_url, str(self.home)]

    def start(self, children: str, *, database_url: str = "") -> subprocess.Popen[bytes]:
        return self.start_command(self.command(children, database_url))

    def start_command(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            self.started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
        return self.started[-1]

    def running(self, word: str = "") -> dict[int, str]:
        """Our processes whose command line has this word; the supervisor's is the one with the home."""
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().decode(errors="replace") if entry.name.isdigit() else ""
                if (self.mark in line or f"{self.home}/postgres" in line) and word in line:
                    found[int(entry.name)] = line
        return found

    def only(self, word: str) -> int:
        (pid,) = (pid for pid, line in self.running(word).items() if "supervisor" not in line)
        return pid

    def wait_for(self, text: str, times: int = 1) -> None:
        wait_until(lambda: self.log.read_text().count(text) >= times, lambda: f"no {text!r} in: {self.log.read_text()}")

    def wait_until_gone(self) -> None:
        wait_until(lambda: not self.running(), lambda: f"still running: {self.running()}")


def wait_until(happened: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    supervised = Up(tmp_path)
    yield supervised
    for pid in supervised.running():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for process in supervised.started:
        process.wait(20)
    shutil.rmtree(supervised.home, ignore_errors=True)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops_in_order(up: Up, sign: signal.Signals) -> None:
    process = up.start("serve worker")
    up.wait_for("ready")
    process.send_signal(sign)
    assert process.wait(10) == 0
    assert not up.running()
    lines = up.log.read_text().splitlines()
    assert lines == [
        "① 启动数据库 …",
        "② 准备 …",
        "prepared postgresql://tongxin_owner@",
        "③ 启动serve、worker …",
        "ready",
        "正在停止 …",
        "stopping as tongxin_app",
        f"已停止。数据都在 {up.home}",
    ]


def test_stops_a_child_that_does_not_want_to(up: Up) -> None:
    process = up.start("stubborn", database_url="postgresql://elsewhere")
    up.wait_for("ready")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert not up.running()


def test_ctrl_c_while_the_database_starts(up: Up) -> None:
    process = up.start("serve")
    up.wait_for("启动数据库")
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    up.wait_until_gone()


def test_restarts_whatever_is_killed(up: Up) -> None:
    process = up.start("serve worker")
    up.wait_for("ready")
    for victim in ("kind", "time.sleep", "listen_addresses"):
        old = up.only(victim)
        os.kill(old, signal.SIGKILL)
        wait_until(
            lambda old=old, victim=victim: bool(up.running(victim).keys() - {old, process.pid}), up.log.read_text
        )  # type: ignore[misc]
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert not up.running()
    assert up.log.read_text().count("意外结束（信号 9）") == 2
    assert "数据库意外结束" in up.log.read_text()


def test_gives_up_on_a_child_that_always_fails(up: Up) -> None:
    process = up.start("worker broken", database_url="postgresql://elsewhere")
    assert process.wait(30) == 1
    assert "broken连续 3 次启动后随即退出（退出码 3）" in up.log.read_text()
    assert not up.running()


def test_taken_port_is_said_before_anything_starts(up: Up) -> None:
    with socket.create_server(("127.0.0.1", up.port)):
        assert up.start("serve worker").wait(10) == 1
    text = up.log.read_text()
    assert text.startswith(f"不能使用 127.0.0.1:{up.port}")
    assert "PORT=" in text
    assert "启动数据库" not in text
    assert not up.home.exists()


def test_killed_supervisor_leaves_nothing(up: Up) -> None:
    process = up.start("stubborn worker")
    up.wait_for("ready")
    assert len(up.running()) >= 4
    process.kill()
    process.wait()
    up.wait_until_gone()
    again = up.start("serve worker")
    up.wait_for("ready")
    again.send_signal(signal.SIGINT)
    assert again.wait(10) == 0


@pytest.fixture
def makefile(up: Up) -> Path:
    """A folder in which `make run` runs the supervisor as ours does."""
    words = shlex.join([sys.executable, "up.py", *up.command("serve worker", "")[3:]])
    folder = Path(up.mark).parent
    (folder / "up.py").write_text(UP)
    (folder / "Makefile").write_text(f"run:\n\t@exec {words}\n")
    return folder


@pytest.mark.parametrize("victim", ["make", "starter of make"])
def test_killed_make_leaves_nothing(up: Up, makefile: Path, victim: str) -> None:
    make = ["make", "-C", str(makefile), "run"]
    starter = [sys.executable, "-c", f"import subprocess; subprocess.run({make!r})"]
    process = up.start_command(make if victim == "make" else starter)
    up.wait_for("ready")
    process.kill()
    process.wait()
    up.wait_until_gone()
    assert "随之停止" in up.log.read_text()


def test_nohup_outlives_its_starter(up: Up, makefile: Path) -> None:
    starter = up.start_command(["sh", "-c", f"nohup make -C {makefile} run & sleep 60"])
    up.wait_for("ready")
    starter.kill()
    starter.wait()
    time.sleep(1)
    os.kill(up.only("kind"), 0)
    (pid,) = up.running("up.py")
    os.kill(pid, signal.SIGTERM)
    up.wait_until_gone()


def test_adopted_database_is_replaced_when_its_owner_stops(up: Up) -> None:
    code = (
        "import sys; from pathlib import Path; from tongxin import postgres\n"
        "with postgres.ensure(Path(sys.argv[1])): print('up', flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, up.home], stdin=pipe, stdout=pipe) as owner:
        assert owner.stdout
        owner.stdout.readline()
        process = up.start("serve")
        up.wait_for("ready")
    up.wait_for("数据库意外结束")
    wait_until(lambda: bool(up.running("listen_addresses")), up.log.read_text)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert not up.running()
