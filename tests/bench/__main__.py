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
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.bench import engine, floor
from tests.bench.load import Measured, complete_over_http, together
from tests.bench.procedure import PACKAGE
from tongxin import clock, db, demo, migrate, postgres
from tongxin.cases import opening
from tongxin.events import Actor
from tongxin.people import accounts, directory, identity
from tongxin.people.models import Account
from tongxin.procedures import catalogue

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))  # in all, for each row
ROUNDS = 5
RESULTS = Path("var") / "bench.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: completions over HTTP, and the floor measured between them."""

    name: str
    http: Measured
    floor: Measured


def main() -> None:
    """The engine alone, then everything in one run, on a database of its own with fsync on."""
    engine.main()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TONGXIN_HOME": folder, "TONGXIN_DEMO": "1"}
        with postgres.ensure(Path(folder)) as server:
            token = _prepare(server.owner_url)
            for workers in (1, 2):
                with _serving(server.app_url, workers) as port:
                    rows += [_in_turn(server, token, port, workers, clients) for clients in (1, 4)]
    _report(rows)


def _prepare(url: str) -> str:
    """A migrated installation with the procedure; a token."""
    database = db.connect(url, pool_size=1)
    migrate.upgrade(database)
    with db.transaction(database) as session:
        demo.load(session)
        catalogue.publish(session, PACKAGE, by=1, note="bench")
        account = session.get_one(Account, 1)
        token = accounts.issue_token(session, account, "bench", clock.now())
    database.dispose()
    return token


def _open_cases(url: str, number: int) -> list[tuple[int, int]]:
    database = db.connect(url, pool_size=1)
    cases = []
    for _ in range(number):
        with db.transaction(database) as session:
            place = directory.unit_by_code(session, "YY102")
            definition = catalogue.current(session, "bench")
            asked = opening.at(session, definition, place, {"what": "测量"})
            outcome = opening.open_case(session, asked, Actor("person", 1))
            cases.append((outcome.case_id, outcome.opened[0][0]))
    database.dispose()
    return cases


def _in_turn(server: postgres.Server, token: str, port: int, workers: int, clients: int) -> Row:
    """Floor and server by turns, so that a machine whose speed drifts slows both alike."""
    token_hash, slice_of = identity.fingerprint(token), SECONDS / ROUNDS
    floors: list[float] = []
    times: list[float] = []
    errors = 0
    for _round in range(ROUNDS):
        cases = _open_cases(server.owner_url, 2 * clients)
        jobs = [(server.app_url, token_hash, case, task, slice_of) for case, task in cases[:clients]]
        floors += [one for some in together(floor.complete, jobs) for one in some]
        parts = together(complete_over_http, [(port, token, str(task), slice_of) for _case, task in cases[clients:]])
        times += [one for some, _errors in parts for one in some]
        errors += sum(failed for _times, failed in parts)
    name = f"{workers} process(es), {clients} client(s)"
    return Row(name, Measured.of(times, SECONDS, errors), Measured.of(floors, SECONDS))


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


def _report(rows: list[Row]) -> None:
    print(f"\nThe floor is {len(floor.STATEMENTS)} statements and a commit, by plain psycopg.")
    print(f"{SECONDS:g} s each, by turns.\n")
    print(f"{'':26}{'floor/s':>10}{'HTTP/s':>10}{'of floor':>10}{'median ms':>12}{'p95 ms':>10}{'errors':>8}")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as results:
        for row in rows:
            one, base = row.http, row.floor
            share = one.per_second / base.per_second
            speeds = f"{base.per_second:10.0f}{one.per_second:10.0f}{share:10.0%}"
            print(f"{row.name:26}{speeds}{one.median_ms:12.2f}{one.p95_ms:10.2f}{one.errors:8}")
            line = {"at": clock.now().isoformat(), "what": row.name, "of_floor": round(share, 3), **asdict(one)}
            results.write(json.dumps({**line, "floor": asdict(base)}) + "\n")


if __name__ == "__main__":
    main()
