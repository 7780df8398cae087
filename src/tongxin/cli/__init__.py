"""The operator's commands."""

import sys

import structlog
import typer
from sqlalchemy.exc import IntegrityError, OperationalError

from tongxin import demo, postgres
from tongxin.cli import areas, database, people, procedures, running
from tongxin.cli.refusal import Refusal
from tongxin.people import accounts, directory
from tongxin.procedures import catalogue, package
from tongxin.procedures.definition import Refused

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="同心：用流程图办基层的事。")
for _group in (running, database, people, areas, procedures):
    commands.add_typer(_group.commands)


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
    try:
        commands()
    except (
        accounts.AccountRefused,
        directory.NoSuchUnit,
        demo.RealPeopleHere,
        package.Unreadable,
        catalogue.MadeElsewhere,
        catalogue.NoSuchProcedure,
        postgres.Unavailable,
        Refusal,
    ) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Refused as refused:
        _print_findings(refused)
        return 1
    except IntegrityError:
        print("这个代码、登录名或手机号已被使用，请换一个。", file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"连不上数据库：{str(error.orig).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def _print_findings(refused: Refused) -> None:
    words = {"error": "错误", "warning": "提醒"}
    for finding in refused.findings:
        name = f"“{finding.name}”" if finding.name else ""
        place = f"{finding.element}{name}"
        print(f"{words[finding.severity]} {place}：{finding.message}{finding.advice}", file=sys.stderr)
