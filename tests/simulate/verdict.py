"""What must be true at the end of the year, and what it took."""

from collections import Counter
from collections.abc import Mapping
from statistics import median
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session, select

from tests.simulate.county import County, by_township
from tongxin import db, events
from tongxin.cases import queries
from tongxin.cases.models import Case
from tongxin.ledgers import reading
from tongxin.ledgers.reading import Filters
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition

CHAINS = 500  # histories that are verified, by chance
_OWN = text("""
    SELECT c.unit_id, c.status, count(*) FROM cases c JOIN definition d ON d.id = c.definition_id
    WHERE d.key = :key GROUP BY c.unit_id, c.status""")
_DAYS = text("""
    SELECT closed_by, (closed_at AT TIME ZONE 'Asia/Shanghai')::date, count(*) FROM task
    WHERE status = 'completed' AND closed_by IS NOT NULL GROUP BY 1, 2""")
_STEPS = text("""
    SELECT d.id, t.form, count(*) FROM task t JOIN cases c ON c.id = t.case_id JOIN definition d
    ON d.id = c.definition_id WHERE t.status = 'completed' GROUP BY d.id, t.form""")
_WRONG = {
    "incidents": "SELECT c.code, i.node, i.cause FROM incident i JOIN cases c ON c.id = i.case_id LIMIT 20",
    "open cases in which nobody can go on": """
        SELECT c.code, d.key FROM cases c JOIN definition d ON d.id = c.definition_id WHERE c.status = 'open'
        AND NOT EXISTS (SELECT FROM task t WHERE t.case_id = c.id AND t.status = 'open')
        AND NOT EXISTS (SELECT FROM subscription s WHERE s.case_id = c.id)
        AND NOT EXISTS (SELECT FROM timer w WHERE w.case_id = c.id) LIMIT 20""",
    "timers held": "SELECT case_id, node FROM timer WHERE held LIMIT 20",
    "schedules stopped": "SELECT procedure, problem FROM schedule WHERE problem IS NOT NULL",
    "done twice": "SELECT task_id FROM event WHERE kind = 'task_completed' GROUP BY 1 HAVING count(*) > 1 LIMIT 20",
}


def wrong(database: Engine, county: County, watcher: Person) -> list[str]:
    """Everything that is not as it must be; nothing is what we hope for."""
    with db.transaction(database) as session:
        found = [f"{what}: {tuple(row)}" for what, sql in _WRONG.items() for row in session.execute(text(sql)).all()]
        found += _sums(session, county, watcher)
        cases = session.exec(select(Case).order_by(text("md5(id::text)")).limit(CHAINS)).all()
        found += [
            f"the history of {case.code} does not verify"
            for case in cases
            if events.first_broken(queries.events_of(session, case.id), case.chain_head) is not None
        ]
    return found


def _sums(session: Session, county: County, watcher: Person) -> list[str]:
    """As the ledgers' pages say it: a township is the sum of its communities and its own, the county of townships."""
    found = []
    for definition in catalogue.all_current(session):

        def numbers(unit: Unit, definition: Definition = definition) -> Counter[str]:
            told = reading.sums(session, watcher, definition, Filters(unit=unit.code))
            return Counter({"open": told.open, "closed": told.closed, **{k: int(v) for k, v in told.totals.items()}})

        own: Counter[tuple[int, str]] = Counter()
        for unit_id, status, number in session.execute(_OWN, {"key": definition.key}):
            own[unit_id, status] += number
        for above, below in ((county.unit, county.townships), *by_township(county)):
            total = sum((numbers(one) for one in below), Counter[str]())
            total += Counter({status: own[above.id, status] for status in ("open", "closed")})
            if total != +numbers(above):
                found.append(f"{definition.key} of {above.name} is {numbers(above)}, below it is {total}")
    return found


def told(database: Engine, definitions: Mapping[str, Definition]) -> dict[str, Any]:
    """Sizes and loads."""
    with db.transaction(database) as session:
        days = [number for _who, _day, number in session.execute(_DAYS)]
        quick = steps = 0
        for definition_id, form, number in session.execute(_STEPS):
            steps += number
            shown = catalogue.by_id(session, definition_id).form_of(form)
            quick += number if shown is not None and shown.quick else 0
        size = session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        cases = session.execute(text("SELECT count(*) FROM cases")).scalar_one()
    return {
        "cases": cases,
        "steps": steps,
        "database_mb": round(size / 1e6),
        "kb_a_case": round(size / 1e3 / max(cases, 1), 1),
        "tasks_a_person_and_day": {"median": median(days) if days else 0, "most": max(days, default=0)},
        "share_of_one_tap": round(quick / steps, 3) if steps else 0,
        "procedures": sorted(definitions),
    }
