"""Every scenario of every procedure runs, and the runner notices when something is not as written."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session
from typer.testing import CliRunner

from tests.conftest import FreshDatabase
from tests.fixtures import Clock, World
from tests.procedures.packages import PAUSING
from tongxin import cli, clock, config, db, engine, migrate, scenarios
from tongxin.cases import case_page, lifecycle, save, task_page
from tongxin.cases.held import Held
from tongxin.events import SYSTEM, Actor, Happening
from tongxin.ledgers import pages, reading
from tongxin.people import identity
from tongxin.portal import progress
from tongxin.procedures import package, shared
from tongxin.procedures.definition import compile_package
from tongxin.scenarios import Failure, Report

PROCEDURES = sorted(path.parent for path in (config.PROJECT / "processes").glob("*/procedure.toml"))
FILES = [path for procedure in PROCEDURES for path in sorted(procedure.glob("scenarios/*.yaml"))]
ORDERS = config.PROJECT / "processes" / "orders"
BEGINNING = """
title: 开头
clock: "2026-03-05 08:30"
people:
  王: reporter
  吴: reporter
  张: community_clerk@怡园社区
  孟: community_clerk@怡园社区
  赵: dispatcher@怡园社区
  李: party_member@怡园社区第一网格
steps:
- start: {by: 王, place: 怡园小区2号楼, form: {what: 下水道堵了}}
"""
CHECKED = "complete: {task: check, by: 张, form: {decision: valid, kind: 下水, urgent: 'yes'}}"
DISPATCHED = "complete: {task: dispatch, by: 赵, form: {member: 李, urgent: 'yes'}}"


@pytest.fixture(scope="module")
def database(fresh_database: FreshDatabase) -> Iterator[Engine]:
    """An installation where nothing has been published and nobody lives."""
    with fresh_database() as fresh:
        owner = db.connect(fresh.owner_url, pool_size=1)
        migrate.upgrade(owner)
        owner.dispose()
        engine = db.connect(fresh.app_url, pool_size=1)
        yield engine
        engine.dispose()


BESIDE = [package.read_folder(procedure) for procedure in PROCEDURES]
REPORTS: dict[Path, Report] = {}  # a trial leaves nothing behind, so once is enough


def run(path: Path, database: Engine) -> Report:
    """The scenario's report; whoever does a step looks at its page, the case and the ledger before."""
    if path not in REPORTS:
        here = package.read_folder(path.parent.parent)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(lifecycle, "complete_task", seen_before(lifecycle.complete_task))
            REPORTS[path] = scenarios.run(scenarios.read(path), here, database, BESIDE)
    return REPORTS[path]


def seen_before(complete: Callable[..., lifecycle.Outcome]) -> Callable[..., lifecycle.Outcome]:
    """The same, after what the pages around the step show has been put together."""

    def looked_at(session: Session, held: Held, values: Any, by: Actor, **more: Any) -> lifecycle.Outcome:
        person = identity.by_account(session, by.account_id, clock.now()) if by.account_id else None
        if person is None:
            assert progress.show(session, held.case, token="t")["stages"]
        elif held.task is not None:
            assert task_page.task(session, person, held)["facts"]
            assert case_page.show(session, person, held.case, "http://tongxin.test/")["timeline"]
            if reading.may_see(person, held.definition):
                pages.show(session, person, held.definition, reading.Filters())
        return complete(session, held, values, by, **more)

    return looked_at


def played(database: Engine, *steps: str) -> Report:
    """The beginning of an order and these steps."""
    written = BEGINNING + "".join(f"- {step}\n" for step in steps)
    return scenarios.run(scenarios.parse(written, "here"), package.read_folder(ORDERS), database)


def failure(database: Engine, *steps: str) -> Failure:
    """Where it stops: always at the last step."""
    report = played(database, *steps)
    assert report.failure is not None
    assert report.failure.step == len(steps) + 1 == report.steps + 1
    return report.failure


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_scenario_runs(path: Path, database: Engine) -> None:
    assert run(path, database).failure is None


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda path: path.name)
def test_the_scenarios_visit_the_whole_diagram(procedure: Path, database: Engine) -> None:
    reports = [run(path, database) for path in FILES if path.parent.parent == procedure]
    process = compile_package(package.read_folder(procedure)).process
    missed = scenarios.coverage(reports, process)
    assert {one for one in missed if not _is_shared(one, process)} == set()


SHARED = [one.name for one in shared.all_of_them()]


@pytest.mark.parametrize("name", SHARED)
def test_the_scenarios_of_all_procedures_visit_the_whole_of_a_shared_process(name: str, database: Engine) -> None:
    inside, visited = set(), set()
    for procedure in PROCEDURES:
        process = compile_package(package.read_folder(procedure)).process
        calls = [f"{call}/" for call, node in process.nodes.items() if node.calls == name]
        reports = [run(path, database) for path in FILES if calls and path.parent.parent == procedure]
        missed = scenarios.coverage(reports, process)
        for call in calls:
            found = {one for one in (*process.nodes, *process.flows) if one.startswith(call)}
            inside |= {one.removeprefix(call) for one in found}
            visited |= {one.removeprefix(call) for one in found - missed}
    assert inside
    assert inside == visited


def _is_shared(element: str, process: engine.Process) -> bool:
    """Whether it lies in a shared process: all procedures together visit those."""
    parts = element.split("/")
    calls = (process.nodes.get("/".join(parts[:end])) for end in range(1, len(parts)))
    return any(call is not None and call.calls in SHARED for call in calls)


def test_what_no_scenario_came_to_is_told(database: Engine) -> None:
    report = run(ORDERS / "scenarios" / "story.yaml", database)
    process = compile_package(package.read_folder(ORDERS)).process
    missed = scenarios.coverage([report], process)
    assert {"merge", "decide", "accept_timeout", "supervise"} <= missed
    assert not missed & {"check", "handling", "visit", "closed", "check_to_checked"}
    visited = [node for _case, node in report.trail]
    assert visited.index("check") < visited.index("dispatch") < visited.index("closed")


@pytest.mark.parametrize(
    ("step", "what", "expected", "actual"),
    [
        ("expect: {status: closed}", "status", "closed", "open"),
        ("expect: {outcome: closed}", "outcome", "closed", "空"),
        ("expect: {open: [dispatch]}", "open", "dispatch", "check"),
        ("expect: {open: []}", "open", "空", "check"),
        ("expect: {not_open: [dispatch, check]}", "not_open", "空", "check"),
        ("expect: {due: {check: '2026-03-05 09:01'}}", "due 的 check", "2026-03-05 09:01", "2026-03-05 09:00"),
        ("expect: {due: {rate: ''}}", "due 的 rate", "空", "没有开着的这一步"),
        ("expect: {ledger: {什么事: 停电}}", "ledger 的 什么事", "停电", "下水道堵了"),
        (
            "expect: {ledger: {报修时间: '2026-03-05 08:31'}}",
            "ledger 的 报修时间",
            "2026-03-05 08:31",
            "2026-03-05 08:30",
        ),
        ("expect: {events: [task_completed]}", "events", "task_completed", "opened、decided"),
    ],
)
def test_a_wrong_expectation_fails(database: Engine, step: str, what: str, expected: str, actual: str) -> None:
    assert failure(database, step) == Failure(2, f"expect：{what}", expected, actual)


def test_events_must_come_in_their_order(database: Engine) -> None:
    steps = CHECKED, "wait: PT1H", "claim: {task: dispatch, by: 赵}"
    assert played(database, *steps, "expect: {events: [opened, task_completed, task_claimed]}").passed
    assert failure(database, *steps, "expect: {events: [task_claimed, task_completed]}").what == "expect：events"


def test_people_in_the_ledger_go_by_name(database: Engine) -> None:
    stopped = failure(database, CHECKED, DISPATCHED, "expect: {ledger: {派给: 赵}}")
    assert (stopped.expected, stopped.actual) == ("赵", "李")


@pytest.mark.parametrize(
    ("because", "deed", "actual"),
    [
        ("not_found", CHECKED, "办成了"),
        ("not_ready", "complete: {task: check, by: 李}", "not_found"),
        ("not_found", "complete: {task: check, by: 张}", "invalid"),
        ("invalid", "message: {name: withdrawn, by: 吴}", "not_found"),
        ("invalid", "message: {name: withdrawn, by: 王}", "办成了"),
        ("taken", "message: {name: given_back, by: 张}", "not_ready"),
        ("taken", "claim: {task: check, by: 王}", "not_found"),
        ("taken", "complete: {task: rate, by: 王}", "not_found"),
    ],
)
def test_what_should_be_refused_otherwise_fails(database: Engine, because: str, deed: str, actual: str) -> None:
    name, _, written = deed.partition(": ")
    stopped = failure(database, f"refused: {{{name}: {written}, because: {because}}}")
    assert stopped.expected == because
    assert stopped.actual.startswith(actual)


def test_a_refusal_nobody_wrote_fails(database: Engine) -> None:
    stopped = failure(database, "complete: {task: check, by: 张, form: {decision: valid}}")
    assert stopped.what == "complete check（张）：结果"
    assert stopped.actual.startswith("invalid（请选择")


def test_a_claimed_task_is_taken_until_it_is_released(database: Engine) -> None:
    report = played(
        database,
        "claim: {task: check, by: 孟}",
        "refused: {complete: {task: check, by: 张, form: {decision: not_ours}}, because: taken}",
        "refused: {claim: {task: check, by: 张}, because: taken}",
        "release: {task: check, by: 孟}",
        "refused: {release: {task: check, by: 孟}, because: not_ready}",
        CHECKED,
    )
    assert report.failure is None


def test_staff_may_speak_for_the_resident_and_strangers_may_not(database: Engine) -> None:
    withdraw = "message: {name: withdrawn, by: %s}"
    assert played(database, withdraw % "张", "expect: {status: closed, outcome: order_withdrawn}").passed
    assert failure(database, withdraw % "赵").actual.startswith("not_found")
    assert failure(database, withdraw % "吴").actual.startswith("not_found")


def test_a_rating_by_phone_counts_as_such(database: Engine) -> None:
    until_rated = (
        CHECKED,
        DISPATCHED,
        "complete: {task: accept, by: 李, form: {answer: accept}}",
        "complete: {task: contact, by: 李, form: {outside_help: 'no'}}",
        "complete: {task: arrive, by: 李}",
        "complete: {task: repair, by: 李, form: {result: 通了}}",
    )
    by_phone = "complete: {task: rate, by: 张, form: {rating: '5'}, by_phone: '%s'}"
    assert played(database, *until_rated, by_phone % "yes", "expect: {status: closed, ledger: {评价: '5'}}").passed
    assert failure(database, *until_rated, by_phone % "no").what == "complete rate（张）：by_phone"


def test_a_step_nobody_can_take_fails(database: Engine) -> None:
    written = BEGINNING.replace("  赵: dispatcher@怡园社区\n", "") + f"- {CHECKED}\n"
    report = scenarios.run(scenarios.parse(written, "here"), package.read_folder(ORDERS), database)
    assert report.failure is not None
    assert (report.failure.step, report.failure.expected) == (2, "没有故障")
    assert "党支部派单人" in report.failure.actual


def test_a_refusal_that_writes_fails(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def note_and_refuse(session: Session, found: Held, _account_id: int) -> None:
        save.record(session, found.case, [Happening("noted", {})], SYSTEM, clock.now())
        raise lifecycle.NotReady

    monkeypatch.setattr(lifecycle, "claim_task", note_and_refuse)
    stopped = failure(database, "refused: {claim: {task: check, by: 张}, because: not_ready}")
    assert (stopped.expected, stopped.actual) == ("不许以后还是 2 条", "3 条")


def test_timers_fire_at_their_own_time(database: Engine) -> None:
    report = played(
        database,
        CHECKED,
        DISPATCHED,
        "wait: P2D",
        "expect: {open: [dispatch], due: {dispatch: '2026-03-05 08:55'}, ledger: {没派成次数: '1'}}",
    )
    assert report.failure is None


@pytest.mark.parametrize(
    ("step", "actual", "known"),
    [
        ("complete: {task: chek, by: 张}", "chek", "check"),
        ("complete: {task: check, by: 章}", "没有“章”", "张"),
        ("complete: {task: check, by: 张, form: {desicion: valid}}", "desicion", "decision"),
        ("complete: {task: check, by: 张, form: {what: 停电}}", "what", "decision"),
        ("complete: {case: 另一件, task: check, by: 张}", "没有“另一件”", "还没有"),
        ("message: {name: withdraw, by: 王}", "withdraw", "withdrawn"),
        ("expect: {open: [chek]}", "chek", "check"),
        ("expect: {ledger: {事: 停电}}", "事", "什么事"),
        ("start: {by: 王, place: 怡园小区2号楼, form: {what: 停电}}", "第二件没有名字的", "名字"),
        ("start: {by: 王, place: 怡园小区99号楼, as: 后报的}", "怡园小区99号楼", "怡园小区2号楼"),
        ("wait: 15 分钟", "15 分钟", "PT15M"),
        ("wait: P1M", "P1M", "PT15M"),
    ],
)
def test_what_does_not_exist_is_named(database: Engine, step: str, actual: str, known: str) -> None:
    stopped = played(database, step).failure
    assert stopped is not None
    assert actual in stopped.actual
    assert known in stopped.expected


def test_nothing_remains(world: World, still: Clock) -> None:
    still.move(timedelta(days=1000))
    before = _content(world.engine)
    passed = run(ORDERS / "scenarios" / "third_refusal.yaml", world.engine)
    failed = played(world.engine, CHECKED, DISPATCHED, "wait: P1D", "expect: {open: []}")
    assert (passed.passed, failed.passed) == (True, False)
    assert _content(world.engine) == before
    assert clock.now() == still.at


def test_a_changed_package_is_tried_without_being_published(world: World) -> None:
    changed = dict(package.read_folder(ORDERS))
    changed["procedure.toml"] = changed["procedure.toml"].replace('value = "PT30M"', 'value = "PT40M"')
    scenario = scenarios.parse(BEGINNING + "- expect: {due: {check: '2026-03-05 09:10'}}\n", "here")
    assert scenarios.run(scenario, changed, world.engine).passed
    assert not scenarios.run(scenario, package.read_folder(ORDERS), world.engine).passed


def test_the_command_tells_each_scenario(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "orders"
    shutil.copytree(ORDERS, folder, ignore=shutil.ignore_patterns("*.yaml"))
    monkeypatch.setenv("DATABASE_URL", world.database.app_url)
    config.settings.cache_clear()
    command = ["scenario", str(folder)]
    (folder / "scenarios" / "a_good.yaml").write_text(f"{BEGINNING}- expect: {{open: [check]}}\n")
    told = CliRunner().invoke(cli.commands, command)
    assert told.exit_code == 0
    assert told.stdout.startswith("✓ a_good.yaml 开头（2 步，")
    (folder / "scenarios" / "b_wrong.yaml").write_text(f"{BEGINNING}- expect: {{open: [dispatch]}}\n")
    (folder / "scenarios" / "c_odd.yaml").write_text(f"{BEGINNING}- finish: now\n")
    told = CliRunner().invoke(cli.commands, command)
    assert told.exit_code == 1
    lines = told.stdout.splitlines()
    assert [line[0] for line in lines if not line.startswith(" ")] == ["✓", "✗", "✗"]
    assert lines[2].endswith("b_wrong.yaml 第 2 步 expect：open")
    assert [line.strip() for line in lines[3:5]] == ["应为 dispatch", "实为 check"]
    assert "不认识“finish”" in lines[6]


def _content(engine: Engine) -> dict[str, str]:
    """A fingerprint of what is in each table."""
    with engine.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = "SELECT md5(coalesce(string_agg(row::text, '' ORDER BY row::text), '')) FROM {} AS row"
        return {
            table: str(connection.scalar(text(rows.format(table)))) for table in tables if table != "alembic_version"
        }


PAUSED = """
title: 补正的时间不算
clock: "2026-02-13 10:00"
people:
  王: reporter
  张: community_clerk@怡园社区
steps:
- start: {by: 王, place: 怡园小区2号楼, form: {what: 开小吃店}}
- expect: {open: [handle, check], due: {handle: "2026-03-05 23:59"}}
- wait: P17D
- complete: {task: check, by: 张, form: {note: 缺租约}}
- expect: {due: {handle: ""}, events: [opened, clock_paused]}
- wait: P3D
- complete: {task: supplement, by: 王, form: {note: 补了租约}}
- expect: {due: {handle: "2026-03-10 23:59"}, events: [clock_paused, clock_resumed]}
- wait: P5DT13H
- expect: {open: [handle]}
- wait: PT1H
- expect: {open: [handle], events: [clock_resumed, timer_fired]}
- complete: {task: handle, by: 张, form: {note: 同意}}
- expect: {status: closed, outcome: done}
"""


def test_a_scenario_moves_the_clock_over_a_pause(database: Engine) -> None:
    report = scenarios.run(scenarios.parse(PAUSED, "here"), PAUSING, database)
    assert report.failure is None, report.failure
    early = scenarios.run(scenarios.parse(PAUSED.replace("2026-03-10", "2026-03-05"), "here"), PAUSING, database)
    assert early.failure is not None
    assert "2026-03-10 23:59" in str(early.failure)
