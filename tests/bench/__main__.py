"""`make bench`: a table, and JSON lines in var/bench.jsonl."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.bench import floor
from tests.bench.load import Measured, complete_over_http, together
from tests.bench.procedure import PACKAGE
from tongxin import clock, db, demo, migrate, postgres
from tongxin.cases import opening
from tongxin.events import Actor
from tongxin.people import accounts, directory, identity
from tongxin.people.models import Account
from tongxin.procedures import catalogue

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
RESULTS = Path("var") / "bench.jsonl"


def main() -> None:
    """Measure everything in one run, on a database of its own with fsync on."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TONGXIN_HOME": folder, "TONGXIN_DEMO": "1"}
        with postgres.ensure(Path(folder)) as server:
            token, cases = _prepare(server.owner_url, 4)
            rows = _floors(server.app_url, token, cases)
            for workers in (1, 2):
                rows |= _served(server, token, workers)
    _report(rows)


def _prepare(url: str, number: int) -> tuple[str, list[tuple[int, int]]]:
    """A token, and the (case, task) of so many fresh cases."""
    engine = db.connect(url, pool_size=1)
    migrate.upgrade(engine)
    with db.transaction(engine) as session:
        demo.load(session)
        catalogue.publish(session, PACKAGE, by=1, note="bench")
        account = session.get_one(Account, 1)
        token = accounts.issue_token(session, account, "bench", clock.now())
    cases = _open_cases(url, number)
    engine.dispose()
    return token, cases


def _open_cases(url: str, number: int) -> list[tuple[int, int]]:
    engine = db.connect(url, pool_size=1)
    cases = []
    for _ in range(number):
        with db.transaction(engine) as session:
            place = directory.unit_by_code(session, "YY102")
            definition = catalogue.current(session, "bench")
            asked = opening.at(session, definition, place, {"what": "测量"})
            outcome = opening.open_case(session, asked, Actor("person", 1))
            cases.append((outcome.case_id, outcome.opened[0][0]))
    engine.dispose()
    return cases


def _floors(url: str, token: str, cases: list[tuple[int, int]]) -> dict[str, Measured]:
    token_hash = identity.fingerprint(token)
    found = {}
    for clients in (1, 4):
        jobs = [(url, token_hash, *_open_cases(url, 1)[0], SECONDS) for _ in range(clients)]
        times = [one for some in together(floor.complete, jobs) for one in some]
        found[f"floor, {clients} client(s)"] = Measured.of(times, SECONDS)
    return found


def _served(server: postgres.Server, token: str, workers: int) -> dict[str, Measured]:
    found = {}
    with _serving(server.app_url, workers) as port:
        for clients in (1, 4):
            jobs = [(port, token, str(task), SECONDS) for _case, task in _open_cases(server.owner_url, clients)]
            parts = together(complete_over_http, jobs)
            times = [one for some, _errors in parts for one in some]
            errors = sum(errors for _times, errors in parts)
            found[f"HTTP, {workers} worker(s), {clients} client(s)"] = Measured.of(times, SECONDS, errors)
    return found


@contextmanager
def _serving(url: str, workers: int) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "tongxin"), "serve", "--workers", str(workers)]
    environment = {**os.environ, "DATABASE_URL": url, "PORT": str(port)}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        _wait_for(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            time.sleep(1)  # the other workers
            return
    raise SystemExit("the server did not start")


def _report(rows: dict[str, Measured]) -> None:
    print(f"\nThe floor is {len(floor.STATEMENTS)} statements and a commit, by plain psycopg. {SECONDS:g} s each.\n")
    print(f"{'':32}{'per second':>12}{'median ms':>12}{'p95 ms':>10}{'of floor':>10}{'errors':>8}")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as results:
        for name, one in rows.items():
            base = rows[f"floor, {name.rpartition(', ')[2]}"].per_second
            share = one.per_second / base
            print(f"{name:32}{one.per_second:12.0f}{one.median_ms:12.2f}{one.p95_ms:10.2f}{share:10.0%}{one.errors:8}")
            line = {"at": clock.now().isoformat(), "what": name, "of_floor": round(share, 3), **asdict(one)}
            results.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
