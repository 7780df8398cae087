"""`python -m tests.bench.town`: some minutes of a town at work, measured and verified; `make bench` has a short one."""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.town import verdict
from tests.bench.town.browser import Browser, Measures
from tests.bench.town.members import PASSWORD, Member, people
from tests.bench.town.memory import Memory
from tests.bench.town.processes import Services, services
from tests.bench.town.residents import Resident
from tests.conftest import OLDEST
from tongxin import clock, config, db, demo, migrate, postgres
from tongxin.people import accounts, directory
from tongxin.procedures import catalogue, package
from tongxin.procedures.models import Setting

RESULTS = Path("var") / "bench.jsonl"
SOON = {"accept_urgent": "PT25S", "accept": "PT25S", "rating_wait": "PT45S"}  # so that limits pass while we look
AWAY = 5  # seconds for which a killed process is gone


def main() -> None:
    """Found a town, let it live, look what became of it."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TONGXIN_HOME": folder, "TONGXIN_SECRET": "of the bench", "TONGXIN_POOL": "10"}
        os.environ.pop("DATABASE_URL", None)
        binaries = OLDEST if asked.postgres == "15" else None
        with postgres.ensure(Path(folder), binaries=binaries) as server:
            found(server.owner_url, asked.members)
            before = verdict.counts(server.owner_url)["database_mb"]
            running = services(Path(folder), server.app_url, _portal_url(server) if asked.portal else None)
            measures, remembered = Measures(), Memory()
            try:
                running.start()
                _live(asked, running, measures, remembered)
                print("settling …", flush=True)
                verdict.settle(server.owner_url)
                used = {service.name: service.used() for service in running.all}
            finally:
                running.stop()
            wrong = verdict.judge(server.owner_url, remembered)
            sizes = verdict.counts(server.owner_url)
            sizes["database_mb_more"] = round(sizes["database_mb"] - before, 1)
            files = [path.stat().st_size for path in Path(folder, "files").rglob("*") if path.is_file()]
            sizes["files_mb"] = round(sum(files) / 1e6, 1)
        _report(asked, measures, remembered, used, sizes, wrong)
        if wrong or measures.errors:
            raise SystemExit(1)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--residents", type=int, default=50)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--pace", type=float, default=1.0, help="1 is a person's; less is faster")
    parser.add_argument("--kill", action="store_true", help="kill an app process and a worker in the middle")
    parser.add_argument("--postgres", choices=("15", "18"), default="15" if OLDEST.exists() else "18")
    parser.add_argument("--portal", action=argparse.BooleanOptionalAction, default=True, help="residents' own process")
    return parser.parse_args()


def found(url: str, members: int) -> None:
    """The demo's units with people of our own, the procedures published, some limits short."""
    engine = db.connect(url, pool_size=1)
    migrate.upgrade(engine)
    with db.transaction(engine) as session:
        demo.load_units(session)
        for someone in people(members):
            account = accounts.add(session, login=someone.login, name=someone.name, password=PASSWORD, now=clock.now())
            for post in someone.posts:
                role, _, code = post.partition("@")
                accounts.give_post(session, account, directory.unit_by_code(session, code), role, date(2020, 1, 1))
        catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / "orders"))
        top = directory.unit_by_code(session, "YZ")
        for parameter, value in SOON.items():
            session.add(
                Setting(procedure="orders", parameter=parameter, unit_id=top.id, value=value, valid_from=clock.now())
            )
    engine.dispose()


def _portal_url(server: postgres.Server) -> str:
    return server.portal_url


def _live(asked: argparse.Namespace, running: Services, measures: Measures, remembered: Memory) -> None:
    stop = threading.Event()
    inside = [service.port for service in running.apps]
    outside = [service.port for service in running.portals] or inside
    lives: list[Callable[[], None]] = [
        Member(someone, lambda n=n: Browser(inside, f"10.0.1.{n}", measures, stop), remembered, asked.pace).live
        for n, someone in enumerate(people(asked.members), 1)
    ]
    lives += [
        Resident(lambda n=n: Browser(outside, f"10.2.0.{n}", measures, stop), remembered, asked.pace).live
        for n in range(1, asked.residents + 1)
    ]
    threads = [threading.Thread(target=live) for live in lives]
    print(f"{asked.residents} residents, {asked.members} members, {asked.minutes:g} minutes …", flush=True)
    for thread in threads:
        thread.start()
    half = asked.minutes * 30
    time.sleep(half)
    if asked.kill:
        _kill(running)
    time.sleep(half)
    stop.set()
    for thread in threads:
        thread.join()


def _kill(running: Services) -> None:
    """An app process and a worker, and start them again as systemd would."""
    victims = (running.apps[0], running.workers[0])
    for victim in victims:
        victim.kill()
        print(f"killed {victim.name}", flush=True)
    time.sleep(AWAY)
    for victim in victims:
        victim.start()


def _report(
    asked: argparse.Namespace,
    measures: Measures,
    remembered: Memory,
    used: dict[str, tuple[float, float]],
    sizes: dict[str, Any],
    wrong: list[str],
) -> None:
    everything = [one for some in measures.times.values() for one in some]
    rows = {kind: _percentiles(times) for kind, times in sorted(measures.times.items())}
    rows["all"] = _percentiles(everything)
    print(f"\n{'':32}{'requests':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for kind, row in rows.items():
        print(f"{kind:32}{row['requests']:10}{row['p50']:9.0f}{row['p95']:9.0f}{row['p99']:9.0f}{row['max']:9.0f}")
    for name, (seconds, memory_mb) in used.items():
        print(f"{name:32}{seconds:8.1f} s of processor time, {memory_mb:.0f} MB")
    deeds = {
        "reports answered": len(remembered.reports),
        "steps submitted": len(remembered.submissions),
        "overtaken by others or by a limit": remembered.overtaken,
        "withdrawn": remembered.withdrawn,
        "requests that broke off and were repeated": measures.broken,
        "errors": len(measures.errors),
        "findings": len(wrong),
    }
    for what, count in (*deeds.items(), *sizes.items()):
        print(f"{what:48}{count}")
    for line in (*measures.errors[:20], *wrong[:40]):
        print(f"  ✗ {line}")
    print("nothing lost, nothing doubled" if not wrong else "NOT as it should be")
    RESULTS.parent.mkdir(exist_ok=True)
    told = {"at": clock.now().isoformat(), "what": "town", **vars(asked), "requests": rows, **deeds, **sizes}
    told |= {"first_errors": measures.errors[:20], "first_findings": wrong[:20]}
    with RESULTS.open("a") as results:
        results.write(json.dumps(told, ensure_ascii=False) + "\n")


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times) or [0.0]
    found = {f"p{share}": round(ordered[int(len(ordered) * share / 100)] * 1000, 1) for share in (50, 95, 99)}
    return {"requests": len(times), **found, "max": round(ordered[-1] * 1000, 1)}


if __name__ == "__main__":
    main()
