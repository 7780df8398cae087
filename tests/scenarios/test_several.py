"""Scenarios of several procedures: cases that begin and answer one another, and those that begin by themselves."""

from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.fixtures import World
from tests.worker.test_between_cases import END, START, WEEKLY, WORK, line, package, publish
from tests.worker.test_family import AWAIT, BEGIN, HELPS, relative
from tongxin import scenarios
from tongxin.cases.models import Case
from tongxin.procedures.package import Package
from tongxin.scenarios import Report

ASKS = relative("asks", START, BEGIN, AWAIT, WORK, END)
HEAD = """
title: 几件事
clock: "2026-03-05 08:30"
people:
  张: community_clerk@怡园社区
  吴: community_clerk@南苑社区
steps:
"""
BEGUN = "start: {by: 张, place: 怡园小区2号楼, form: {what: 漏水}}"
LEDGER = '[[ledger]]\nname = "结果"\nvalue = "ended.got"\n'
RHYTHM = package("rhythm", line(WEEKLY, WORK, END), start='by = []\neach = "community_clerk"')


def played(world: World, told: Package, *steps: str, beside: tuple[Package, ...] = (HELPS,)) -> Report:
    written = HEAD + "".join(f"- {step}\n" for step in steps)
    return scenarios.run(scenarios.parse(written, "here"), told, world.engine, beside)


def with_ledger(made: Package) -> Package:
    return {**made, "procedure.toml": f"{made['procedure.toml']}\n{LEDGER}"}


def count(database: Engine) -> int:
    with Session(database) as session:
        return len(session.exec(select(Case.id)).all())


def test_a_case_begins_another_which_is_found_and_answers(world: World) -> None:
    report = played(
        world,
        with_ledger(ASKS),
        BEGUN,
        "expect: {open: []}",
        "find: {as: 帮忙, procedure: helps}",
        "expect: {case: 帮忙, open: [work]}",
        "complete: {case: 帮忙, task: work, by: 张, form: {got: 修好了}}",
        "expect: {case: 帮忙, status: closed}",
        "expect: {open: [work], ledger: {结果: 修好了}}",
    )
    assert report.failure is None
    assert {case for case, _node in report.trail} == {""}  # only the procedure told of
    assert count(world.engine) == 0


def test_another_procedure_s_case_is_opened_by_a_step(world: World) -> None:
    report = played(
        world,
        ASKS,
        "start: {by: 张, place: 怡园小区2号楼, form: {what: 水}, as: 别的, procedure: helps}",
        "expect: {case: 别的, open: [work]}",
        "find: {as: 没有, procedure: helps}",
    )
    assert report.failure is not None
    assert (report.steps, report.failure.actual, report.failure.expected) == (2, "1", "还没有这样的事项")


def test_what_is_not_there_is_told(world: World) -> None:
    failure = played(world, ASKS, BEGUN, "find: {as: 谁, procedure: nobody}").failure
    assert failure is not None
    assert (failure.what, failure.expected) == ("find 谁：procedure", "asks、helps")
    failure = played(world, ASKS, BEGUN, beside=()).failure
    assert failure is not None
    assert "没有“helps”这个流程" in failure.actual


def test_what_begins_by_the_clock_begins_while_time_passes(world: World) -> None:
    report = played(
        world,
        RHYTHM,
        "wait: P12D",  # Mondays 9 and 16 March, in both communities
        "find: {as: 第一周, procedure: rhythm, unit: 怡园社区}",
        "find: {as: 第二周, procedure: rhythm, unit: 怡园社区, number: '2'}",
        "find: {as: 南苑, procedure: rhythm, unit: 南苑社区, number: '2'}",
        "complete: {case: 第一周, task: work, by: 张}",
        "complete: {case: 南苑, task: work, by: 吴}",
        "expect: {case: 第一周, status: closed}",
        "expect: {case: 第二周, open: [work]}",
        "find: {as: 第三周, procedure: rhythm, unit: 怡园社区, number: '3'}",
    )
    assert report.failure is not None
    assert (report.steps, report.failure.expected) == (8, "1 到 2 之间")
    assert count(world.engine) == 0


def test_a_trial_is_not_disturbed_by_versions_already_published(world: World) -> None:
    publish(world, relative("helps", START, END), ASKS)  # here helping ends at once
    report = played(world, ASKS, BEGUN, "find: {as: 帮忙, procedure: helps}", "expect: {case: 帮忙, open: [work]}")
    assert report.failure is None
