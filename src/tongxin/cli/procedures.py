"""Commands about procedure folders: check, try their scenarios, publish."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from tongxin import config, scenarios
from tongxin.cli.database import engine_on, session_on, url_of_database
from tongxin.cli.findings import print_findings
from tongxin.cli.refusal import Refusal
from tongxin.procedures import catalogue, package
from tongxin.procedures.definition import compile_package
from tongxin.words import _

commands = typer.Typer()

PROCEDURES = config.PROJECT / "processes"
Folder = Annotated[Path, typer.Argument(help="流程文件夹，或装着多个流程文件夹的文件夹。")]


@commands.command()
def publish(
    folder: Folder,
    replace: Annotated[bool, typer.Option("--replace", help="替换后来在网页上发布的版本。")] = False,
) -> None:
    """发布流程文件夹：有改动才出新版本。"""
    with url_of_database() as url, session_on(url) as session:
        for one in _folders(folder):
            row = catalogue.publish_folder_package(session, package.read_folder(one), replace=replace)
            print(
                _("{name}：已发布第 {version} 版。", name=one.name, version=row.version)
                if row
                else _("{name}：没有改动。", name=one.name)
            )


@commands.command()
def check(folder: Folder) -> None:
    """检查流程文件夹，不发布。"""
    for one in _folders(folder):
        warnings = compile_package(package.read_folder(one)).warnings
        print_findings(warnings)
        if warnings:
            print(_("{name}：可以发布，有 {n} 条提醒。", name=one.name, n=len(warnings)))
        else:
            print(_("{name}：没有问题。", name=one.name))


@commands.command()
def scenario(folder: Folder) -> None:
    """试办流程文件夹里的场景：在数据库里走一遍再撤回，什么也不留下。"""
    with url_of_database() as url, engine_on(url) as database:
        folders = _folders(folder)
        beside = _beside(folders[0])
        passed = [
            _try_out(path, package.read_folder(one), database, beside)
            for one in folders
            for path in sorted(one.glob("scenarios/*.yaml"))
        ]
    if not passed:
        raise Refusal(_("{folder} 里没有场景：场景是 scenarios 文件夹里的 .yaml 文件。", folder=folder))
    if not all(passed):
        raise typer.Exit(1)


def publish_all(url: str) -> None:
    with session_on(url) as session:
        for one in _folders(PROCEDURES):
            try:
                catalogue.publish_folder_package(session, package.read_folder(one))
            except catalogue.MadeElsewhere as kept:
                print(kept)


def _beside(folder: Path) -> list[package.Package]:
    """The procedures in the same folder: what cases of this one may begin or send to."""
    found = []
    for path in sorted(folder.resolve().parent.glob("*/procedure.toml")):
        with suppress(package.Unreadable):
            found.append(package.read_folder(path.parent))
    return found


def _try_out(path: Path, tried: package.Package, database: Engine, beside: list[package.Package]) -> bool:
    try:
        report = scenarios.run(scenarios.read(path), tried, database, beside)
    except scenarios.Malformed as malformed:
        print(f"✗ {path.name}\n  {path} {malformed}", flush=True)
        return False
    print(scenarios.told(path, report), flush=True)
    return report.passed


def _folders(folder: Path) -> list[Path]:
    if (folder / "procedure.toml").is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob("*/procedure.toml"))
    if not found:
        raise Refusal(_("{folder} 里没有流程：流程文件夹里要有 procedure.toml。", folder=folder))
    return found
