"""Real processes of the platform, each with its own connections, on a test's database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
def server(world: World, log: Path) -> Iterator[str]:
    """The address of a web server of its own."""
    port = _free_port()
    with process(world, log, "serve", HOST="127.0.0.1", PORT=str(port)) as running:
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(address, running, log)
        yield address


def _wait_until_up(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and running.poll() is None:
        try:
            if httpx2.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
