"""Commands about units and what they set for themselves, and about the history being genuine."""

import re
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from tongxin import clock, events
from tongxin.cases import incidents, queries
from tongxin.cases.models import Case, Timer
from tongxin.cli.database import session_on, url_of_database
from tongxin.cli.refusal import Refusal
from tongxin.people import directory
from tongxin.people.models import LEVELS
from tongxin.procedures import catalogue, settings
from tongxin.procedures.models import Setting
from tongxin.words import N_, _

commands = typer.Typer()
_PHONE = re.compile(r"[0-9+][0-9 ()+-]{2,29}")
unit_commands = typer.Typer(no_args_is_help=True, help="单位：区县、街道、社区、网格、楼栋和部门。")
commands.add_typer(unit_commands, name="unit")


@unit_commands.command("add")
def add_unit(
    code: Annotated[str, typer.Argument(help="代码，字母和数字，例如 YY102。")],
    name: Annotated[str, typer.Argument(help="名称，例如 怡园小区2号楼。")],
    level: Annotated[str, typer.Argument(help=N_("层级：{levels}。").format(levels=" ".join(reversed(LEVELS))))],
    under: Annotated[str, typer.Option(help="上级单位的代码。")],
    department: Annotated[bool, typer.Option("--department", help="是上级单位的一个部门。")] = False,
) -> None:
    """在一个单位下面加一个单位。"""
    if level not in LEVELS:
        raise Refusal(
            _("没有“{level}”这个层级。请从这些里选：{levels}。", level=level, levels=_("、").join(reversed(LEVELS)))
        )
    if not (code.isascii() and code.isalnum()):
        raise Refusal(_("代码只能用字母和数字。"))
    kind = "department" if department else "territory"
    with url_of_database() as url, session_on(url) as session:
        parent = directory.unit_by_code(session, under)
        directory.add_unit(session, code=code, name=name, level=level, parent=parent, kind=kind)
    print(_("已加{name}（{code}）。", name=name, code=code))


@commands.command("phone")
def set_phone(
    code: Annotated[str, typer.Argument(help="单位代码。")],
    phone: Annotated[str, typer.Argument(help="电话；写 - 就是去掉。")],
) -> None:
    """给单位记一个居民可以打的电话，印在它和下面各楼的门牌上。"""
    given = None if phone.strip() == "-" else phone.strip()
    if given is not None and not _PHONE.fullmatch(given):
        raise Refusal(_("“{phone}”不像电话号码。请写数字、空格和短横线，最多 30 个字符。", phone=phone))
    with url_of_database() as url, session_on(url) as session:
        unit = directory.unit_by_code(session, code)
        unit.phone = given
        session.add(unit)
        session.flush()
        print(_("{name}的电话：{phone}", name=unit.name, phone=given or _("没有")))


@commands.command("setting")
def change_setting(
    procedure: Annotated[str, typer.Argument(help="流程，例如 orders。")],
    parameter: Annotated[str, typer.Argument(help="参数，例如 accept_urgent。")],
    value: Annotated[str, typer.Argument(help="值：时长写 PT15M 这样，数字写数字。")],
    unit: Annotated[str, typer.Option(help="从哪个单位起往下都用它：单位代码。")],
    since: Annotated[datetime | None, typer.Option("--from", help="从什么时候起，不写就是现在。")] = None,
) -> None:
    """给一个单位和它下面的单位改一个参数；已经开始的步骤不变。"""
    start = since.replace(tzinfo=clock.LOCAL) if since else clock.now()
    with url_of_database() as url, session_on(url) as session:
        known = catalogue.current(session, procedure).file.parameters
        if parameter not in known:
            raise Refusal(
                _(
                    "“{procedure}”没有“{parameter}”这个参数。它有：{known}。",
                    procedure=procedure,
                    parameter=parameter,
                    known=_("、").join(sorted(known)),
                )
            )
        place = directory.unit_by_code(session, unit)
        kept = settings.read(known[parameter], value)
        row = Setting(procedure=procedure, parameter=parameter, unit_id=place.id, value=kept, valid_from=start)
        session.add(row)
        session.flush()
    print(
        _(
            "{unit}的“{title}”从 {start} 起是 {value}。",
            unit=place.name,
            title=known[parameter].title or parameter,
            start=f"{start:%Y-%m-%d %H:%M}",
            value=value,
        )
    )


@commands.command()
def verify(code: Annotated[str, typer.Argument(help="事项编号；不写就查全部。")] = "") -> None:
    """检查事项的经过有没有被改过、删过。"""
    broken = []
    with url_of_database() as url, session_on(url) as session:
        cases = _cases(session, code)
        for case in cases:
            seq = events.first_broken(queries.events_of(session, case.id), case.chain_head)
            if seq is not None:
                broken.append(_("{code}：第 {number} 条对不上。", code=case.code, number=seq))
    if broken:
        raise Refusal("\n".join(broken))
    print(_("查了 {n} 件，经过都完整。", n=len(cases)))


@commands.command()
def retry(code: Annotated[str, typer.Argument(help="事项编号。")]) -> None:
    """原因解决以后，让一件事里停住的计时重新执行。"""
    with url_of_database() as url, session_on(url) as session:
        case = session.get(Case, _cases(session, code)[0].id, with_for_update=True)
        assert case is not None  # it was found by its code
        held = session.exec(select(Timer).where(col(Timer.case_id) == case.id, col(Timer.held))).all()
        if not held:
            raise Refusal(_("{code} 没有停住的计时。", code=case.code))
        for timer in held:
            incidents.release_timer(session, case, timer, events.SYSTEM)
            session.refresh(case)
    print(_("{code}：{n} 个计时会马上重新执行。", code=case.code, n=len(held)))


def _cases(session: Session, code: str) -> list[Case]:
    if not code:
        return list(session.exec(select(Case).order_by(col(Case.id))))
    case = queries.case_by_code(session, code)
    if case is None:
        raise Refusal(_("没有编号是“{code}”的事项。", code=code))
    return [case]
