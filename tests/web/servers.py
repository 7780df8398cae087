"""Real processes of the platform, each with its own connections, on a test's database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2

from tests.fixtures import World
from tongxin import config

PROGRAM = [sys.executable, "-P", "-c", "import sys; from tongxin.cli import main; sys.exit(main())"]
PATIENCE = 60


@contextmanager
def process(world: World, log: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`tongxin WORDS`, ended with the block; what it says goes into `log`."""
    given = {
        **os.environ,
        "DATABASE_URL": world.database.app_url,
        "TONGXIN_POOL": "10",
        "PYTHONPATH": str(config.PROJECT / "src"),
        **environment,
    }
    with log.open("wb") as said, subprocess.Popen([*PROGRAM, *words], env=given, stdout=said, stderr=said) as running:
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()


@contextmanager
def portal(world: World, folder: Path, **environment: str) -> Iterator[str]:
    """The address of the residents' pages, run alone with their own role and secret."""
    (port,) = _free_ports(1)
    given = {"DATABASE_URL": world.database.portal_url, "TONGXIN_SECRET": "another", "HOST": "127.0.0.1"}
    log = folder / "portal"
    with process(world, log, "serve", "--portal", **(given | {"PORT": str(port)} | environment)) as running:
        _wait_until_up(f"http://127.0.0.1:{port}", running, log)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def servers(world: World, folder: Path, number: int = 1) -> Iterator[list[str]]:
    """The addresses of web servers, started side by side."""
    with ExitStack() as stack:
        started = []
        for port in _free_ports(number):
            log = folder / f"web {port}"
            running = stack.enter_context(process(world, log, "serve", HOST="127.0.0.1", PORT=str(port)))
            started.append((f"http://127.0.0.1:{port}", running, log))
        for one in started:
            _wait_until_up(*one)
        yield [address for address, _, _ in started]


def _wait_until_up(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and running.poll() is None:
        try:
            if httpx2.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up:\n{log.read_text()}")


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
