"""Stages a resident sees while nobody has anything to do, and within what steps are gathered in."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from tests.callers import Browser, signed_in
from tests.fixtures import Clock, World
from tests.worker.test_between_cases import case_of, complete, line, open_case, package, publish
from tongxin import db
from tongxin.procedures.package import Package
from tongxin.worker import timers

INNER = (
    '<subProcess id="inner" name="化解" tx:publicName="正在化解">'
    + line(
        '<startEvent id="i"/>',
        '<userTask id="work" name="走访" tx:form="work"/>',
        '<userTask id="call" name="等鉴定" tx:form="work" tx:publicName="等鉴定"/>',
        '<endEvent id="o"/>',
    )
    + "</subProcess>"
)
LATER = (
    '<intermediateCatchEvent id="later" name="过几天回访" tx:publicName="回访中"><timerEventDefinition>'
    "<timeDuration>P15D</timeDuration></timerEventDefinition></intermediateCatchEvent>"
)
PUBLIC = '\n[public]\nstages = ["已收到", "正在修改", "正在化解", "回访中", "已办结"]\n'


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[Clock]:
    yield still


def quarrel() -> Package:
    body = line('<startEvent id="s"/>', INNER, LATER, '<endEvent id="e"/>')
    made = package("quarrel", body, start='by = ["reporter", "community_clerk"]')
    return {**made, "procedure.toml": made["procedure.toml"] + PUBLIC}


def shown(page: str) -> tuple[str, list[str], str]:
    """The sentence, the stages, and the one the case is at."""
    names = re.findall(r"<strong>(\w+)", page[page.index("进度") :])
    now = re.findall(r'aria-current="step".*?<strong>(\w+)', page, re.DOTALL)[0]
    return re.findall(r'class="sentence[^"]*">\s*([^<]+?)\s*<', page)[0], names, now


def test_what_is_around_a_step_says_where_it_is(world: World, still: Clock) -> None:
    publish(world, quarrel())
    case_id = open_case(world, "quarrel")
    link = re.findall(r"/r/([\w.]+)", signed_in(world, "zhanglan").get(f"/cases/{case_id}").text)[0]
    resident = Browser(world)
    whole = ["已收到", "正在化解", "回访中", "已办结"]  # never revised: that stage is not behind it
    assert shown(resident.get(f"/r/{link}").text) == ("正在化解。", whole, "正在化解")
    complete(world, case_id, {})
    assert shown(resident.get(f"/r/{link}").text) == ("等鉴定。", whole, "正在化解")
    complete(world, case_id, {})
    assert shown(resident.get(f"/r/{link}").text) == ("回访中。", whole, "回访中")
    assert "正在等“过几天回访”，" in signed_in(world, "zhanglan").get(f"/cases/{case_id}").text
    still.move(timedelta(days=15))
    assert timers.sweep(partial(db.transaction, world.engine)) == 1
    assert case_of(world, case_id).status == "closed"
