"""The operator's commands."""

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
import typer
import uvicorn
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from tongxin import clock, config, db, demo, migrate, postgres, supervisor
from tongxin.people import accounts, directory
from tongxin.people.models import Account
from tongxin.procedures import catalogue, package
from tongxin.procedures.definition import Refused, compile_package
from tongxin.worker import run as worker_run

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="同心：用流程图办基层的事。")
account_commands = typer.Typer(no_args_is_help=True, help="账号和岗位。")
commands.add_typer(account_commands, name="account")

PROCEDURES = config.PROJECT / "processes"
Folder = Annotated[Path, typer.Argument(help="流程文件夹，或装着多个流程文件夹的文件夹。")]


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
        postgres.Unavailable,
        _Stop,
    ) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Refused as refused:
        _print_findings(refused)
        return 1
    except OperationalError as error:
        print(f"连不上数据库：{str(error.orig).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


class _Stop(Exception):
    """An operator's command that cannot be done; the message says why."""


@commands.command()
def up() -> None:
    """启动全部：数据库、网页、后台任务。"""
    settings = config.settings()
    program = [sys.executable, "-P", "-c", "import sys; from tongxin.cli import main; sys.exit(main())"]
    steps = [
        supervisor.Step("更新数据库结构", lambda urls: _migrate(urls.owner)),
        supervisor.Step("发布流程", lambda urls: _publish_all(urls.owner)),
    ]
    if settings.demo:
        steps.insert(1, supervisor.Step("装入演示机构", lambda urls: _load_demo(urls.owner)))
    status = supervisor.run(
        {"网页服务": [*program, "serve"], "后台任务": [*program, "worker"]},
        home=settings.home,
        host=settings.host,
        port=settings.port,
        steps=steps,
        ready=lambda: _announce(settings),
        database_url=settings.database_url,
    )
    raise typer.Exit(status)


@commands.command()
def serve(
    workers: Annotated[int, typer.Option(help="几个网页进程。")] = 1,
) -> None:
    """只启动网页服务。"""
    settings = config.settings()
    with _url() as url:
        os.environ["DATABASE_URL"] = url
        uvicorn.run(
            "tongxin.asgi:create",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )


@commands.command()
def worker() -> None:
    """只启动后台任务：到时的计时和排队的工作。"""
    with _url() as url:
        worker_run.run(config.settings(), url)


@commands.command("migrate")
def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="只检查模型和迁移是否一致，用一个临时数据库。")] = False,
) -> None:
    """更新数据库结构。"""
    if check:
        _check_migrations()
        return
    with _url(owner=True) as url:
        _migrate(url)


@commands.command()
def init(
    login: Annotated[str, typer.Option(prompt="管理员登录名")],
    name: Annotated[str, typer.Option(prompt="管理员姓名")],
    unit: Annotated[str, typer.Option(prompt="最上级单位的名称")],
    code: Annotated[str, typer.Option(prompt="最上级单位的代码（字母和数字）")],
    level: Annotated[str, typer.Option(prompt="最上级单位的层级（county、city …）")] = "county",
) -> None:
    """第一次安装：建表、最上级单位和第一个管理员。"""
    with _url(owner=True) as url:
        _migrate(url)
        with _session(url) as session:
            if session.exec(select(Account)).first() is not None:
                raise _Stop("已经有账号了，不用再初始化。加账号请用 tongxin account add。")
            root = directory.add_unit(session, code=code, name=name_of(unit), level=level, parent=None)
            account = accounts.add(session, login=login, name=name, password=_password(), now=clock.now())
            accounts.give_post(session, account, root, "administrator", clock.now().date())
    print(f"好了。启动后用“{login}”登录。")


@account_commands.command("add")
def add_account(
    login: str,
    name: Annotated[str, typer.Option(help="姓名。")],
    post: Annotated[list[str], typer.Option(help="岗位@单位代码，可以多次。")],
    phone: Annotated[str | None, typer.Option(help="手机号，也可用来登录。")] = None,
) -> None:
    """加一个账号和它的岗位。密码从终端或 TONGXIN_PASSWORD 读。"""
    with _url() as url, _session(url) as session:
        account = accounts.add(session, login=login, name=name, phone=phone, password=_password(), now=clock.now())
        for one in post:
            role, _, code = one.partition("@")
            accounts.give_post(session, account, directory.unit_by_code(session, code), role, clock.now().date())
    print(f"已加账号“{login}”。")


@commands.command()
def publish(
    folder: Folder,
    replace: Annotated[bool, typer.Option("--replace", help="替换后来在网页上发布的版本。")] = False,
) -> None:
    """发布流程文件夹：有改动才出新版本。"""
    with _url() as url, _session(url) as session:
        for one in _folders(folder):
            row = catalogue.publish_folder_package(session, package.read_folder(one), replace=replace)
            print(f"{one.name}：已发布第 {row.version} 版。" if row else f"{one.name}：没有改动。")


@commands.command()
def check(folder: Folder) -> None:
    """检查流程文件夹，不发布。"""
    for one in _folders(folder):
        compile_package(package.read_folder(one))
        print(f"{one.name}：没有问题。")


@commands.command()
def token(login: str, name: Annotated[str, typer.Option(help="给谁用的，便于以后辨认。")] = "") -> None:
    """给其他系统发一个接口令牌，只显示一次。"""
    with _url() as url, _session(url) as session:
        account = session.exec(select(Account).where(col(Account.login) == login)).first()
        if account is None:
            raise _Stop(f"没有“{login}”这个账号。")
        print(accounts.issue_token(session, account, name, clock.now()))


@commands.command("demo")
def demo_command() -> None:
    """在空的数据库里装入演示机构和演示账号。只在 TONGXIN_DEMO=1 时可用。"""
    if not config.settings().demo:
        raise _Stop("这不是演示环境。要装演示数据，请设 TONGXIN_DEMO=1 并用一个空的数据库。")
    with _url() as url:
        _load_demo(url)
    _announce(config.settings())


def name_of(text: str) -> str:
    """A unit's name as typed, without stray spaces."""
    return text.strip()


@contextmanager
def _url(*, owner: bool = False) -> Iterator[str]:
    """The database: DATABASE_URL, else the embedded server, started for as long as it is needed."""
    settings = config.settings()
    if settings.database_url:
        yield settings.database_url
        return
    with postgres.ensure(settings.home) as server:
        _migrate(server.owner_url)
        yield server.owner_url if owner else server.app_url


@contextmanager
def _session(url: str) -> Iterator[Session]:
    engine = db.connect(url, pool_size=1)
    try:
        with db.transaction(engine) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = db.connect(url, pool_size=1)
    try:
        yield engine
    finally:
        engine.dispose()


def _migrate(url: str) -> None:
    with _engine(url) as engine:
        migrate.upgrade(engine)


def _check_migrations() -> None:

    with TemporaryDirectory() as folder, postgres.ensure(Path(folder), durable=False) as server:
        _migrate(server.owner_url)
        with _engine(server.owner_url) as engine:
            difference = migrate.differences(engine)
    if difference:
        raise _Stop(f"模型和迁移不一致：{difference}")
    print("模型和迁移一致。")


def _publish_all(url: str) -> None:
    with _session(url) as session:
        for one in _folders(PROCEDURES):
            try:
                catalogue.publish_folder_package(session, package.read_folder(one))
            except catalogue.MadeElsewhere as kept:
                print(kept)


def _load_demo(url: str) -> None:
    with _session(url) as session:
        demo.load(session)


def _announce(settings: config.Settings) -> None:
    print(f"\n同心已启动：http://{settings.host}:{settings.port}", flush=True)
    if not settings.demo:
        return
    print(f"\n演示账号（密码都是 {demo.PASSWORD}）：")
    for someone in demo.PEOPLE:
        print(f"  {someone.login:<10} {someone.name}  {someone.about}")
    print(f"\n居民报事：http://{settings.host}:{settings.port}/report  楼门码示例：/q/YY102", flush=True)
    if not settings.database_url:
        print("现在用的是自带的数据库，供试用。正式使用请用 DATABASE_URL 指定单位的 PostgreSQL。", flush=True)


def _folders(folder: Path) -> list[Path]:
    if (folder / "procedure.toml").is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob("*/procedure.toml"))
    if not found:
        raise _Stop(f"{folder} 里没有流程：流程文件夹里要有 procedure.toml。")
    return found


def _password() -> str:
    given = os.environ.get("TONGXIN_PASSWORD")
    return given if given is not None else getpass.getpass("密码（至少 8 个字符）：")


def _print_findings(refused: Refused) -> None:
    words = {"error": "错误", "warning": "提醒"}
    for finding in refused.findings:
        name = f"“{finding.name}”" if finding.name else ""
        place = f"{finding.element}{name}"
        print(f"{words[finding.severity]} {place}:{finding.message} {finding.advice}", file=sys.stderr)
