"""Commands about the organisation: first administrator, accounts, tokens, the demo's people."""

import getpass
import os
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from tongxin import clock, config, demo, postgres
from tongxin.cases import held, lifecycle, queries
from tongxin.cli.database import ON_TRIAL, migrate_to_newest, session_on, url_of_database
from tongxin.cli.refusal import Refusal
from tongxin.events import SYSTEM
from tongxin.people import accounts, directory
from tongxin.people.models import LEVELS, Account, Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER
from tongxin.words import N_, _, role_title, titled_roles

commands = typer.Typer()
account_commands = typer.Typer(no_args_is_help=True, help="账号和岗位。")
commands.add_typer(account_commands, name="account")


@commands.command()
def init(
    login: Annotated[str, typer.Option(prompt="管理员登录名")],
    name: Annotated[str, typer.Option(prompt="管理员姓名")],
    unit: Annotated[str, typer.Option(prompt="最上级单位的名称")],
    code: Annotated[str, typer.Option(prompt="最上级单位的代码（字母和数字）")],
    level: Annotated[str, typer.Option(prompt="最上级单位的层级（county、city …）")] = "county",
) -> None:
    """第一次安装：建表、最上级单位和第一个管理员。"""
    if level not in LEVELS:
        raise Refusal(
            _("没有“{level}”这个层级。请从这些里选：{levels}。", level=level, levels=_("、").join(reversed(LEVELS)))
        )
    with url_of_database(role=postgres.OWNER) as url:
        migrate_to_newest(url)
        with session_on(url) as session:
            if session.exec(select(Account)).first() is not None:
                raise Refusal(_("已经有账号了，不用再初始化。加账号请用 tongxin account add。"))
            root = directory.add_unit(session, code=code, name=unit.strip(), level=level, parent=None)
            account = accounts.add(session, login=login, name=name, password=_password(), now=clock.now())
            accounts.give_post(session, account, root, "administrator", clock.now().date())
    print(_("好了。启动后用“{login}”登录。", login=login))


@account_commands.command("add")
def add_account(
    login: str,
    name: Annotated[str, typer.Option(help="姓名。")],
    post: Annotated[list[str], typer.Option(help="岗位@单位代码，可以多次。")],
    phone: Annotated[str | None, typer.Option(help="手机号，也可用来登录。")] = None,
) -> None:
    """加一个账号和它的岗位。密码从终端或 TONGXIN_PASSWORD 读。"""
    with url_of_database() as url, session_on(url) as session:
        account = accounts.add(session, login=login, name=name, phone=phone, password=_password(), now=clock.now())
        for one in post:
            role, unit = _post(session, one)
            accounts.give_post(session, account, unit, role, clock.now().date())
    print(_("已加账号“{login}”。", login=login))


@account_commands.command("password")
def reset_password(login: str) -> None:
    """给忘了密码的人重设密码，并让他在各台设备上重新登录。密码从终端或 TONGXIN_PASSWORD 读。"""
    with url_of_database() as url, session_on(url) as session:
        accounts.reset_password(session, _account(session, login), _password())
    print(_("“{login}”的密码已重设。", login=login))


@account_commands.command("post")
def change_post(
    login: str,
    post: Annotated[str, typer.Argument(help="岗位@单位代码。")],
    end: Annotated[bool, typer.Option("--end", help="结束这个岗位，今天是最后一天。")] = False,
) -> None:
    """给账号加一个岗位，或结束一个岗位。"""
    today = clock.now().date()
    with url_of_database() as url, session_on(url) as session:
        account = _account(session, login)
        role, unit = _post(session, post, ends=end)
        if not end:
            accounts.give_post(session, account, unit, role, today)
        elif not accounts.end_post(session, account, unit, role, today):
            raise Refusal(_("“{login}”在{unit}没有“{role}”这个岗位。", login=login, unit=unit.name, role=role))
        else:
            _release_claims(session, account.id, unit.id, role)
    said = N_("“{login}”的岗位已结束：{post}。") if end else N_("“{login}”的岗位已加上：{post}。")
    print(_(said, login=login, post=post))


@commands.command()
def token(
    login: str,
    name: Annotated[str, typer.Option(help="给谁用的，便于以后辨认。")] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="不发新的，作废这个账号的全部令牌。")] = False,
) -> None:
    """给其他系统发一个接口令牌，只显示一次。"""
    with url_of_database() as url, session_on(url) as session:
        account = _account(session, login)
        if revoke:
            accounts.revoke_tokens(session, account.id, clock.now())
            print(_("“{login}”的令牌已全部作废。", login=login))
        else:
            print(accounts.issue_token(session, account, name, clock.now()))


@commands.command("demo")
def demo_command() -> None:
    """在空的数据库里装入演示机构和演示账号。只在 TONGXIN_DEMO=1 时可用。"""
    if not config.settings().demo:
        raise Refusal(_("这不是演示环境。要装演示数据，请设 TONGXIN_DEMO=1 并用一个空的数据库。"))
    with url_of_database() as url:
        load_demo(url)
    announce(config.settings())


def _release_claims(session: Session, account_id: int, unit_id: int, role: str) -> None:
    """What somebody claimed for a post that ends goes back to the others of the post."""
    for task_id in queries.claimed_by(session, account_id, unit_id, role):
        found = held.by_task(session, task_id, clock.now())
        if found is not None:
            lifecycle.release_task(session, found, account_id, SYSTEM)


def _post(session: Session, written: str, *, ends: bool = False) -> tuple[str, Unit]:
    """Role and unit of 岗位@单位代码; a role nobody knows can only be ended."""
    role, at, code = written.partition("@")
    known = titled_roles() - {REPORTER} | catalogue.roles(session)
    if not at or not code or (role not in known and not ends):
        listed = "\n".join(f"  {one}  {role_title(one)}" for one in sorted(known))
        raise Refusal(_("“{written}”不行，请写 岗位@单位代码。岗位有：\n{listed}", written=written, listed=listed))
    return role, directory.unit_by_code(session, code)


def _account(session: Session, login: str) -> Account:
    account = session.exec(select(Account).where(col(Account.login) == login)).first()
    if account is None:
        raise Refusal(_("没有“{login}”这个账号。", login=login))
    return account


def _password() -> str:
    given = os.environ.get("TONGXIN_PASSWORD")
    return given if given is not None else getpass.getpass(_("密码（至少 8 个字符）："))


def load_demo(url: str) -> None:
    with session_on(url) as session:
        demo.load(session)


def announce(settings: config.Settings) -> None:
    print("\n" + _("同心已启动：http://{host}:{port}", host=settings.host, port=settings.port), flush=True)
    if settings.demo:
        print("\n" + _("演示账号（密码都是 {password}）：", password=demo.PASSWORD))
        for someone in demo.PEOPLE:
            print(f"  {someone.login:<10} {someone.name}  {someone.about}")
        print(
            "\n" + _("居民报事：{url}  楼门码示例：/q/YY102", url=f"http://{settings.host}:{settings.port}/report"),
            flush=True,
        )
    if not settings.database_url:
        print(f"\n{_(ON_TRIAL)}", flush=True)
