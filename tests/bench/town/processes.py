"""The town's processes: app and worker processes, the residents' pages; how they are killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tongxin import config

TONGXIN = [
    sys.executable,
    "-P",
    "-c",
    "import sys; from tongxin.cli import main; sys.argv[0] = 'tongxin'; sys.exit(main())",
]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Service:
    """One process, which can die and come back."""

    name: str
    words: Sequence[str]
    environment: dict[str, str]
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    seconds: float = 0  # of processor time, of those that died

    def start(self) -> None:
        given = {**os.environ, **self.environment, "PYTHONPATH": str(config.PROJECT / "src")}
        if self.port:
            given |= {"HOST": "127.0.0.1", "PORT": str(self.port)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*TONGXIN, *self.words], env=given, stdout=log, stderr=log)

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process
        self.seconds += self.used()[0]
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def used(self) -> tuple[float, float]:
        """Seconds of processor time; the most memory it held, in MB."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return self.seconds + (int(fields[11]) + int(fields[12])) / TICKS, int(peak) / 1024

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except (URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()}")


@dataclass(slots=True)
class Services:
    """All of them."""

    apps: list[Service] = field(default_factory=list)
    workers: list[Service] = field(default_factory=list)
    portals: list[Service] = field(default_factory=list)

    @property
    def all(self) -> list[Service]:
        return [*self.apps, *self.workers, *self.portals]

    def start(self) -> None:
        for service in self.all:
            service.start()
        for service in (*self.apps, *self.portals):
            service.wait_until_up()

    def stop(self) -> None:
        for service in self.all:
            service.stop()


def services(folder: Path, app_url: str, portal_url: str | None) -> Services:
    """Two app processes, two workers, and the residents' pages where `portal_url` says how they reach the database."""
    ports = _free_ports(3)
    app, portal = (
        {"DATABASE_URL": app_url},
        {"DATABASE_URL": portal_url or "", "TONGXIN_SECRET": "of the residents' pages"},
    )
    made = Services()
    for number in (1, 2):
        made.apps.append(Service(f"app {number}", ["serve"], app, folder / f"app{number}.log", ports.pop()))
        made.workers.append(Service(f"worker {number}", ["worker"], app, folder / f"worker{number}.log"))
    if portal_url:
        made.portals.append(Service("portal", ["serve", "--portal"], portal, folder / "portal.log", ports.pop()))
    return made


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
