"""`make simulate`: a year of a county on a moved clock; not in CI."""

import argparse
import json
import os
import random
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests.simulate import county, verdict
from tests.simulate.life import Moved, Year
from tongxin import clock, config, db, migrate, postgres
from tongxin.people import identity
from tongxin.procedures import catalogue, package


def main() -> None:
    """Found the county, let the year go by, say what became of it; status 1 when something is wrong."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TONGXIN_HOME": folder, "TONGXIN_SECRET": "of the simulation"}
        os.environ.pop("DATABASE_URL", None)
        with postgres.ensure(Path(folder)) as server:
            owner = db.connect(server.owner_url, pool_size=1)
            migrate.upgrade(owner)
            with owner.connect() as connection:  # a year's commits need not survive a power cut
                name = connection.execute(text("SELECT current_database()")).scalar_one()
                connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
                connection.commit()
            owner.dispose()
            wrong = _run(asked, server.owner_url)
    raise SystemExit(1 if wrong else 0)


def _run(asked: argparse.Namespace, url: str) -> list[str]:
    choose = random.Random(asked.seed)
    moved = Moved(datetime(2026, 1, 1, 7, tzinfo=clock.LOCAL))
    clock.use(moved)
    database = db.connect(url, pool_size=2)
    began = time.perf_counter()
    with db.transaction(database) as session:
        for folder in sorted((config.PROJECT / "processes").glob("*/procedure.toml")):
            catalogue.publish_folder_package(session, package.read_folder(folder.parent))
        definitions = catalogue.all_current(session)
        place = county.found(session, choose, asked.townships, asked.communities)
        county.staff(session, place, definitions, choose)
        watcher = county.watcher(session, place, choose)
    print(f"{len(place.communities)} communities, {len(place.people)} people", flush=True)
    year = Year(database, place, definitions, moved, choose)
    for day in range(0, asked.days, 7):
        span = min(7, asked.days - day)
        year.live(moved.at + timedelta(days=span), round(asked.cases * span / asked.days))
        minutes = (time.perf_counter() - began) / 60
        print(f"{moved.at:%Y-%m-%d} {sum(year.opened.values())} opened, {minutes:.1f} min", flush=True)
    with db.transaction(database) as session:
        person = identity.by_account(session, watcher, clock.now())
    assert person is not None  # just founded
    found = verdict.wrong(database, place, person) + [f"{number} x {one}" for one, number in year.stumps.items()]
    report = verdict.told(database, {one.key: one for one in definitions})
    report |= {"minutes": round((time.perf_counter() - began) / 60, 1), "opened": dict(year.opened)}
    print(json.dumps(report, ensure_ascii=False, indent=2))
    for one, number in year.refused.most_common(20):
        print(f"refused {number} x {one}")
    for line in found:
        print(line)
    database.dispose()
    return found


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--townships", type=int, default=10)
    parser.add_argument("--communities", type=int, default=20, help="of each township")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
