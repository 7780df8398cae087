"""The bundle installs, upgrades, goes back by itself and by hand on a machine without a network."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import FreshDatabase
from tests.deploy import office as offices
from tests.deploy.office import Office
from tongxin import config, postgres

SMOKE = Path(__file__).with_name("smoke.py")
PARTS = ("src", "web/templates", "web/static", "web/locale", "processes", "bpmn", "docs", "deploy")
MIGRATION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "9000", "{head}", None, None
def upgrade():
    op.execute("CREATE TABLE of_the_next_release (id bigint)")
    op.execute("{statement}")
"""

Build = Callable[..., Path]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """`build("1.0.0", migration="…", asgi="…")`: the archive of this tree as another release, for this machine."""

    def make(version: str, *, migration: str = "", asgi: str = "") -> Path:
        folder = tmp_path_factory.mktemp("bundle")
        tree = _copy(folder / "tree", version)
        if migration:
            text = MIGRATION.format(head=_head(), statement=migration)
            (tree / "src/tongxin/migrations/versions/9000_next.py").write_text(text)
        with (tree / "src/tongxin/asgi.py").open("a") as file:
            file.write(asgi)
        command = [sys.executable, config.PROJECT / "deploy/bundle.py", "--tree", tree, "--into", folder]
        command += ["--machine", platform.machine(), "--python", f"3.{sys.version_info.minor}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
        return folder / f"tongxin-{version}.tar.gz"

    return make


def _copy(tree: Path, version: str) -> Path:
    for part in PARTS:
        if (config.PROJECT / part).is_dir():
            shutil.copytree(config.PROJECT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in config.PROJECT.iterdir():
        if file.is_file():
            shutil.copyfile(file, tree / file.name)
    project = (tree / "pyproject.toml").read_text()
    (tree / "pyproject.toml").write_text(project.replace(f'version = "{config.version()}"', f'version = "{version}"'))
    return tree


def _head() -> str:
    folder = config.PROJECT / "src/tongxin/migrations/versions"
    return max(path.name[:4] for path in folder.glob("0*.py"))


@pytest.fixture(scope="module")
def first(build: Build) -> Path:
    return build("1.0.0")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.opened(tmp_path) as empty:
        yield empty


def install(office: Office, bundle: Path, *, status: int = 0) -> str:
    folders = ("--prefix", office.prefix, "--config", office.config, "--data", office.folder / "var")
    units = office.folder / "units"
    units.mkdir(exist_ok=True)
    account = ("--account", "root") if os.geteuid() == 0 else ()
    return office.run("sh", bundle / "install.sh", *folders, *account, "--units", units, status=status)


def upgrade(office: Office, archive: Path, *, status: int = 0) -> str:
    return office.run("sh", office.unpack(archive) / "upgrade.sh", "--prefix", office.prefix, status=status)


def test_the_same_tree_gives_the_same_archive(first: Path, build: Build) -> None:
    assert build("1.0.0").read_bytes() == first.read_bytes()


def test_a_damaged_archive_is_refused(office: Office, first: Path) -> None:
    bundle = office.unpack(first)
    (bundle / "src/tongxin/clock.py").write_text("# changed on the way\n")
    said = install(office, bundle, status=1)
    assert "安装包已损坏或被改动" in said and "src/tongxin/clock.py: FAILED" in said
    assert not office.prefix.exists()


def test_an_archive_with_more_in_it_is_refused(office: Office, first: Path) -> None:
    bundle = office.unpack(first)
    (bundle / "src/sitecustomize.py").write_text("print('I was not packed')\n")
    assert "不属于它的文件" in install(office, bundle, status=1)
    assert not office.prefix.exists()


def test_a_half_copied_archive_does_not_unpack(office: Office, first: Path) -> None:
    half = office.folder / "tongxin-1.0.0.tar.gz"
    half.write_bytes(first.read_bytes()[: first.stat().st_size // 2])
    office.run("tar", "-xzf", half, "-C", office.folder, status=2)
    assert "安装包已损坏" in install(office, office.folder / "tongxin-1.0.0", status=1)


def test_another_python_is_told_what_is_needed(office: Office, first: Path) -> None:
    bundle = office.unpack(first)
    (bundle / "wheels/TARGETS").write_text("3.4 x86_64\n")
    said = office.run(office.folder / "bin/python3", bundle / "deploy/fits.py", bundle / "wheels/TARGETS", status=1)
    assert f"CPython {platform.python_version()}，安装包里没有给它的组件" in said


def test_from_one_release_to_the_next_and_back(
    office: Office, first: Path, build: Build, fresh_database: FreshDatabase
) -> None:
    with fresh_database() as database:
        install(office, office.unpack(first))
        office.set_up(
            f"DATABASE_URL={database.app_url}\nPORT={office.port}\nTONGXIN_DEMO=1\n", owner_url=database.owner_url
        )
        assert office.run(office.tongxin, "--version") == "1.0.0\n"
        office.run(office.tongxin, "migrate")
        office.run(office.tongxin, "demo")
        office.run(office.tongxin, "publish", office.prefix / "current/processes")
        token = office.run(office.tongxin, "token", "zhanglan").strip()
        office.run(office.config / "services", "start")
        wait_for(office)
        code = smoke(office, token)
        assert "/releases/1.0.0/" in runs_from(office)

        # A migration that fails half-way leaves all as it was.
        said = upgrade(office, build("1.1.0", migration="SELECT 1/0"), status=1)
        assert "没有升级成，重新启动 1.0.0" in said
        assert not has_table(database.url, "of_the_next_release")
        wait_for(office)
        code = smoke(office, token, code)

        # A good one: the database was saved before.
        assert "已升级到 1.2.0" in upgrade(office, build("1.2.0", migration="SELECT 1"))
        assert office.current == "1.2.0" and "/releases/1.2.0/" in runs_from(office)
        assert has_table(database.url, "of_the_next_release")
        code = smoke(office, token, code)
        assert "已经是 1.2.0" in office.run(
            "sh", office.folder / "tongxin-1.2.0/upgrade.sh", "--prefix", office.prefix, status=1
        )
        assert "现在是 1.2.0，比安装包里的 1.0.0 新" in upgrade(office, first, status=1)

        # One that does not start goes back by itself.
        said = upgrade(office, build("1.3.0", asgi='\nraise SystemExit("broken")\n'), status=1)
        assert "退回 1.2.0" in said and "已退回 1.2.0，照常运行" in said
        assert office.current == "1.2.0" and "/releases/1.2.0/" in runs_from(office)
        code = smoke(office, token, code)
        assert sorted(path.name for path in (office.prefix / "releases").iterdir()) == ["1.0.0", "1.2.0"]

        # Back by hand: the release before runs on the newer schema, also when asked to migrate.
        assert "已退回 1.0.0" in office.run("sh", office.prefix / "current/rollback.sh")
        assert office.current == "1.0.0" and "/releases/1.0.0/" in runs_from(office)
        code = smoke(office, token, code)
        assert "本版本也能用，不作改动" in office.run(office.tongxin, "migrate")
        assert has_table(database.url, "of_the_next_release")

        # As a last way, the data of before the upgrade.
        office.run(office.config / "services", "stop")
        with fresh_database() as restored:
            (office.config / "owner.env").write_text(f"DATABASE_URL={restored.owner_url}\n")
            restore(office, restored.owner_url)
            assert not has_table(restored.url, "of_the_next_release")
            office.set_up(f"DATABASE_URL={restored.app_url}\n", owner_url=restored.owner_url)
            assert "数据库结构不用改动" in office.run(office.tongxin, "migrate")  # and gives the roles their rights
            assert "经过都完整" in office.run(office.tongxin, "verify")


def restore(office: Office, owner_url: str) -> None:
    """As docs/operations.md says."""
    before = sorted((office.prefix / "backups").glob("*.dump"))[1]  # of three: the last try was in vain
    pg_restore = postgres.programs() / "pg_restore"
    office.run(pg_restore, "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={owner_url}", before)


def wait_for(office: Office) -> None:
    python = office.prefix / "current/.venv/bin/python"
    office.run(python, office.prefix / "current/deploy/answers.py", office.config / "tongxin.env", "8000")


def smoke(office: Office, token: str, code: str = "") -> str:
    """Sign in, look at an earlier case, open one; the new one's code."""
    return office.run(office.folder / "bin/python3", SMOKE, str(office.port), token, code).strip()


def runs_from(office: Office) -> str:
    """Where the code of the web process lies: it was started through a link that has moved since."""
    pid = (office.config / "serve.pid").read_text().strip()
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().partition("\0")[0]


def has_table(url: str, name: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass(%s)", (name,)).fetchone() != (None,)
