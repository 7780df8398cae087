"""The embedded server: starts, keeps its data, and comes back from every kind of accident."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tongxin import postgres, processes
from tongxin.datafolder import DataFolder
from tongxin.processes import working_in

OLDEST = Path("/usr/lib/postgresql/15/bin")
ELSEWHERE = """
import sys
from pathlib import Path
from tongxin import postgres
server = postgres.ensure(Path(sys.argv[1]), binaries=Path(sys.argv[2]) if sys.argv[2] else None)
print(server.pid, server.process is not None, flush=True)
sys.stdin.read()
server.stop()
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
with_oldest = pytest.mark.skipif(not OLDEST.exists(), reason=f"PostgreSQL 15 is not installed ({OLDEST} is missing)")


@pytest.fixture(scope="module", params=["embedded", pytest.param("oldest", marks=with_oldest)])
def binaries(request: pytest.FixtureRequest) -> Path | None:
    return OLDEST if request.param == "oldest" else None


@pytest.fixture(scope="module")
def used_home(binaries: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose server ran once, wrote a row and was stopped."""
    home = tmp_path_factory.mktemp("used") / "var"
    with postgres.ensure(home, binaries=binaries, durable=False) as server:
        note(server, "first")
    return home


@pytest.fixture
def home(used_home: Path, tmp_path: Path) -> Iterator[Path]:
    """Our own copy of the used home."""
    subprocess.run(["cp", "-a", used_home, tmp_path / "var"], check=True)
    yield tmp_path / "var"
    shutil.rmtree(tmp_path / "var")  # 40 MB


@pytest.fixture
def elsewhere(binaries: Path | None) -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Runs the server of a home from another process; its first line tells the server's number and who started it."""
    with ExitStack() as started:

        def start(home: Path) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", ELSEWHERE, str(home), str(binaries or "")]
            pipe = subprocess.PIPE
            process = started.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
            started.callback(process.kill)
            return process

        yield start


def note(server: postgres.Server, text: str) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def notes(server: postgres.Server) -> list[str]:
    with psycopg.connect(server.owner_url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note")]


def said_by(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    return process.stdout.readline().split()


def wait_until_gone(home: Path) -> None:
    deadline = time.monotonic() + 10
    while left := set(working_in(home / "postgres", "postgres")):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.02)


def test_first_start_makes_server_roles_and_database(binaries: Path | None, tmp_path: Path) -> None:
    home = tmp_path / "同心 试点" / "var"
    with postgres.ensure(home, binaries=binaries) as server:
        with psycopg.connect(server.owner_url) as owner:
            settings = ("server_encoding", "fsync", "listen_addresses")
            assert [owner.info.parameter_status("server_encoding"), owner.info.dbname] == ["UTF8", "tongxin"]
            found = [row[0] for name in settings for row in owner.execute(f"SHOW {name}")]
            assert found == ["UTF8", "on", ""]
            locale = "SELECT datlocprovider::text, datcollate FROM pg_database WHERE datname = 'tongxin'"
            assert owner.execute(locale).fetchone() == (("c", "C.UTF-8") if binaries else ("b", "C"))
            assert owner.execute("SELECT upper('é同心')").fetchone() == ("É同心",)
            owner.execute("CREATE TABLE shown (id int)")
        assert stat.S_IMODE(DataFolder(home).socket.stat().st_mode) == 0o700
    assert not server.alive()
    assert not set(working_in(home / "postgres", "postgres"))


@pytest.mark.parametrize("ddl", ["CREATE TABLE t (id int)", "CREATE TEMPORARY TABLE t (id int)", "CREATE SCHEMA s"])
def test_application_may_not_change_the_schema(server: postgres.Server, ddl: str) -> None:
    with psycopg.connect(server.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(ddl)


def test_second_start_keeps_data(home: Path, binaries: Path | None) -> None:
    with postgres.ensure(home, binaries=binaries) as server:
        assert notes(server) == ["first"]


def test_running_server_is_adopted_and_left_running(home: Path, binaries: Path | None) -> None:
    with postgres.ensure(home, binaries=binaries) as server:
        with postgres.ensure(home, binaries=binaries) as same:
            assert (same.pid, same.process) == (server.pid, None)
        assert same.alive()
        assert notes(server) == ["first"]
    assert not same.alive()


def test_killed_server_loses_nothing_committed(home: Path, binaries: Path | None) -> None:
    server = postgres.ensure(home, binaries=binaries)
    note(server, "committed")
    busy = psycopg.connect(server.owner_url)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1e12)")  # does not see that its server is gone
    assert server.process
    server.process.kill()
    server.process.wait()
    with postgres.ensure(home, binaries=binaries) as again:
        assert notes(again) == ["first", "committed"]
    busy.close()


def test_killed_server_process_is_survived(home: Path, binaries: Path | None) -> None:
    with postgres.ensure(home, binaries=binaries) as server:
        with psycopg.connect(server.owner_url) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        with postgres.ensure(home, binaries=binaries) as same:
            assert same.pid == server.pid
            assert notes(same) == ["first"]


def test_server_dies_with_its_killed_parent(
    home: Path, binaries: Path | None, elsewhere: Callable[[Path], subprocess.Popen[str]]
) -> None:
    parent = elsewhere(home)
    assert said_by(parent)[1] == "True"
    busy = psycopg.connect(postgres.Server(DataFolder(home)).owner_url)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1e12)")
    parent.kill()
    wait_until_gone(home)
    busy.close()
    with postgres.ensure(home, binaries=binaries) as server:
        assert notes(server) == ["first"]


def test_start_while_the_old_server_is_still_ending(
    home: Path, binaries: Path | None, elsewhere: Callable[[Path], subprocess.Popen[str]]
) -> None:
    parent = elsewhere(home)
    said_by(parent)
    parent.kill()
    parent.wait()
    with postgres.ensure(home, binaries=binaries) as server:
        assert notes(server) == ["first"]


def test_stranger_with_the_old_number(home: Path, binaries: Path | None) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (home / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{home}/postgres\n1\n5432\n\n\n\n")
        (home / "socket" / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n{home}/postgres\n1\n5432\n\n")
        with postgres.ensure(home, binaries=binaries) as server:
            assert notes(server) == ["first"]
        assert stranger.poll() is None
        stranger.kill()


def test_two_starts_at_once_share_one_server(
    tmp_path: Path, elsewhere: Callable[[Path], subprocess.Popen[str]]
) -> None:
    (one, started_one), (two, started_two) = [said_by(process) for process in [elsewhere(tmp_path) for _ in range(2)]]
    assert one == two
    assert {started_one, started_two} == {"True", "False"}


def test_folder_of_another_major_is_refused(home: Path, binaries: Path | None) -> None:
    (home / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(postgres.WrongMajor, match="pg_dump"):
        postgres.ensure(home, binaries=binaries)


def test_half_made_folder_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with postgres.ensure(tmp_path, durable=False) as server:
        note(server, "works")


def test_server_started_by_hand_is_not_fought(home: Path, binaries: Path | None) -> None:
    with postgres.ensure(home, binaries=binaries), DataFolder(home).claim() as claim:
        assert claim is None
        (home / "postgres.lock").unlink()  # as if it had been started without our lock
        with pytest.raises(postgres.Unavailable, match="kill -INT"):
            postgres.ensure(home, binaries=binaries)


def test_failed_start_shows_the_log(home: Path, binaries: Path | None) -> None:
    (home / "postgres" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(postgres.Unavailable, match="nonsense"):
        postgres.ensure(home, binaries=binaries)


def test_deep_folder(used_home: Path, binaries: Path | None, tmp_path: Path) -> None:
    deep = tmp_path / ("深" * 60) / "var"
    deep.parent.mkdir()
    subprocess.run(["cp", "-a", used_home, deep], check=True)
    socket = DataFolder(deep).socket
    try:
        with postgres.ensure(deep, binaries=binaries) as server:
            assert notes(server) == ["first"]
            assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        shutil.rmtree(socket)
        socket.symlink_to(tmp_path)
        with pytest.raises(postgres.Unavailable, match="属于别人"):
            postgres.ensure(deep, binaries=binaries)
    finally:
        socket.unlink(missing_ok=True)


@as_root
def test_root_below_a_closed_folder(home: Path, binaries: Path | None) -> None:
    home.parent.chmod(0o700)
    with postgres.ensure(home, binaries=binaries) as server:
        assert notes(server) == ["first"]
        status = Path(f"/proc/{server.pid}/status").read_text()
        assert "CapEff:\t0000000000000000" in status


@as_root
@with_oldest
def test_root_without_user_namespaces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes, "_CLONE_NEWUSER", -1)
    with pytest.raises(postgres.Unavailable, match="chmod o\\+x"):
        postgres.ensure(tmp_path / "var", binaries=OLDEST)
    with tempfile.TemporaryDirectory() as open_folder:
        Path(open_folder).chmod(0o755)
        home = Path(open_folder) / "var"
        with postgres.ensure(home, binaries=OLDEST) as server:
            note(server, "as nobody")
        assert (home / "postgres").stat().st_uid != 0
        monkeypatch.undo()
        with postgres.ensure(home, binaries=OLDEST) as server:  # stays with the account it was made by
            assert notes(server) == ["as nobody"]
        assert (home / "postgres").stat().st_uid != 0


@as_root
def test_root_takes_over_a_folder_its_owner_cannot_reach(home: Path, binaries: Path | None) -> None:
    subprocess.run(["chown", "-R", "nobody", home / "postgres"], check=True)
    with postgres.ensure(home, binaries=binaries) as server:
        assert notes(server) == ["first"]
    assert {path.stat().st_uid for path in (home / "postgres").rglob("*")} == {0}


def test_only_the_main_thread_may_start_it(tmp_path: Path) -> None:
    code = "import sys, threading; from pathlib import Path; from tongxin import postgres\n" + (
        "threading.Thread(target=lambda: postgres.ensure(Path(sys.argv[1]))).start()"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert "main thread" in done.stderr
