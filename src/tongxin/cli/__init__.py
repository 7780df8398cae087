"""The operator's commands."""

import sys
from typing import Annotated

import structlog
import typer
from sqlalchemy.exc import IntegrityError, OperationalError

from tongxin import config, demo, postgres, words
from tongxin.cli import areas, backup, calendar, cases, database, people, procedures, running, speech
from tongxin.cli.findings import print_findings
from tongxin.cli.refusal import Refusal
from tongxin.people import accounts, directory
from tongxin.procedures import catalogue, package, settings
from tongxin.procedures.definition import Refused
from tongxin.words import _

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="同心：用流程图办基层的事。")
for _group in (running, database, backup, people, areas, calendar, procedures, cases):
    commands.add_typer(_group.commands)


def _tell_version(asked: bool) -> None:
    if asked:
        print(config.version())
        raise typer.Exit


@commands.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="说出版本号。")
    ] = False,
) -> None: ...


def main() -> int:
    """Run a command; what an operator can mend is said in one line, without a traceback."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    words.settle(config.language())
    command = typer.main.get_command(commands)
    if words.language() != words.CHINESE:
        speech.translate(command)
    try:
        command()
    except (
        accounts.AccountRefused,
        directory.NoSuchUnit,
        demo.RealPeopleHere,
        package.Unreadable,
        catalogue.MadeElsewhere,
        catalogue.NoSuchProcedure,
        postgres.Unavailable,
        settings.UnfitValue,
        Refusal,
    ) as refusal:
        print(_(str(refusal)), file=sys.stderr)
        return 1
    except Refused as refused:
        print_findings(refused.findings)
        return 1
    except IntegrityError:
        print(_("这个代码、登录名或手机号已被使用，请换一个。"), file=sys.stderr)
        return 1
    except OperationalError as error:
        print(_("连不上数据库：{reason}", reason=str(error.orig).splitlines()[0]), file=sys.stderr)
        return 1
    return 0
