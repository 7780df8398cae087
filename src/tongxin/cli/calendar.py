"""Commands about the calendar of working days: passed on from one installation to another as a notice's lines."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tongxin import clock, workdays
from tongxin.calendar import notice
from tongxin.cases import recounting
from tongxin.cli.database import session_on, url_of_database
from tongxin.cli.refusal import Refusal
from tongxin.words import _

commands = typer.Typer()
calendar_commands = typer.Typer(no_args_is_help=True, help="节假日：看一年的安排，公布一年的安排。")
commands.add_typer(calendar_commands, name="calendar")


@calendar_commands.command("show")
def show_year(year: Annotated[int, typer.Argument(help="哪一年。")]) -> None:
    """按通知的写法写出一年的放假和调休，可以存成文件给别处用。"""
    with url_of_database() as url, session_on(url) as session:
        known = {one.year: one for one in workdays.years(session)}
    if year not in known:
        raise Refusal(_("{year} 年的节假日还没有公布。", year=year))
    print(notice.written(known[year]))


@calendar_commands.command("publish")
def publish_year(
    year: Annotated[int, typer.Argument(help="哪一年。")],
    file: Annotated[Path, typer.Argument(help="通知的文字，一行一个节日。", exists=True, dir_okay=False)],
) -> None:
    """公布或更正一年的节假日，在办的期限随后重算。"""
    try:
        read = notice.read(file.read_text("utf-8"), year)
    except UnicodeDecodeError:
        raise Refusal(_("{name}：不是 UTF-8 文本。请另存为 UTF-8 编码。", name=file.name)) from None
    if read.problems:
        told = (
            _("第 {line} 行：{problem}", line=line, problem=problem) if line else problem
            for line, problem in read.problems
        )
        raise Refusal("\n".join(told))
    with url_of_database() as url, session_on(url) as session:
        is_new = all(one.year != year for one in workdays.years(session))
        differing = workdays.publish(session, read.year, None, clock.now())
        if is_new:
            differing |= {date(year, 1, 1), date(year, 12, 31)}
        cases = recounting.begin(session, min(differing), max(differing)) if differing else 0
    print(_("已公布 {year} 年的节假日，{n} 件事的期限将重算。", year=year, n=cases))
