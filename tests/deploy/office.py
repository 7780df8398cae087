"""A machine without a network and without build tools, on which a bundle is installed."""

import contextlib
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = (  # all that an installation asks of the system, besides Python
    *("sh", "env", "cat", "head", "tail", "cut", "tr", "sed", "sort", "od", "find", "tar", "gzip", "sha256sum"),
    *("cp", "mv", "ln", "rm", "rmdir", "mkdir", "install", "chmod", "chown", "df", "id", "uname", "sleep", "setsid"),
    *("basename", "dirname", "readlink"),
)
NOWHERE = "http://127.0.0.1:9"
HOLD = "import sys; sys.path.insert(0, sys.argv[1]); from tests.deploy import office; office.loop_back()"
SERVICES = """#!/bin/sh
# What starts and stops the processes where there is no systemd.
set -eu
here=$(dirname "$0")
case $1 in
start)
    for service in serve worker; do
        setsid {prefix}/bin/tongxin $service >> "$here/$service.log" 2>&1 &
        echo $! > "$here/$service.pid"
    done
    ;;
stop)
    for pid in "$here"/*.pid; do
        [ -f "$pid" ] || continue
        kill "$(cat "$pid")" 2> /dev/null || :
        while kill -0 "$(cat "$pid")" 2> /dev/null; do sleep 0.1; done
        rm "$pid"
    done
    ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Office:
    """The machine: its programs, where things are installed, and the namespace it lives in."""

    folder: Path
    port: int
    enter: Sequence[str]  # the words that lead into its network

    @property
    def prefix(self) -> Path:
        return self.folder / "opt"

    @property
    def config(self) -> Path:
        return self.folder / "etc"

    @property
    def tongxin(self) -> Path:
        return self.prefix / "bin" / "tongxin"

    @property
    def current(self) -> str:
        return os.readlink(self.prefix / "current").removeprefix("releases/")

    def run(self, *words: str | Path, status: int = 0, **environment: str) -> str:
        """Run a program there; all it said."""
        given = {
            **{"PATH": str(self.folder / "bin"), "HOME": str(self.folder), "LANG": "zh_CN.GB18030"},
            **{"http_proxy": NOWHERE, "https_proxy": NOWHERE, "PIP_INDEX_URL": f"{NOWHERE}/simple"},
            **{"TONGXIN_PATIENCE": "10", **environment},
        }
        done = subprocess.run([*self.enter, *map(str, words)], env=given, capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == status, f"{words} ended with {done.returncode}:\n{said}\n{self.logs()}"
        return said

    def unpack(self, archive: Path) -> Path:
        """The folder in which an archive's files now lie."""
        self.run("tar", "-xzf", archive, "-C", self.folder)
        return self.folder / archive.name.removesuffix(".tar.gz")

    def set_up(self, settings: str, owner_url: str) -> None:
        """Fill in what an operator fills in."""
        with (self.config / "tongxin.env").open("a") as file:
            file.write(settings)
        (self.config / "owner.env").write_text(f"DATABASE_URL={owner_url}\n")
        services = self.config / "services"
        services.write_text(SERVICES.format(prefix=self.prefix))
        services.chmod(0o755)

    def logs(self) -> str:
        return "\n".join(f"--- {log.name}\n{log.read_text()}" for log in sorted(self.config.glob("*.log")))


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """An office in an empty folder; its services end with the block."""
    programs = folder / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).symlink_to(shutil.which(name) or f"/missing/{name}")
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    with _cut_off() as enter, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        office = Office(folder, probe.getsockname()[1], enter)
        probe.close()
        try:
            yield office
        finally:
            if (office.config / "services").exists():
                office.run(office.config / "services", "stop")


@contextlib.contextmanager
def _cut_off() -> Iterator[Sequence[str]]:
    """How to run something in a network with nothing but loopback; where that is not allowed, in ours."""
    project = Path(__file__).resolve().parents[2]
    for options, entering in ((["-n"], ["-n"]), (["-r", "-n"], ["--preserve-credentials", "-U", "-n"])):
        command = ["unshare", *options, sys.executable, "-c", HOLD, str(project)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as holder:
            assert holder.stdout and holder.stdin
            if holder.stdout.readline():
                yield [str(shutil.which("nsenter")), "-t", str(holder.pid), *entering, "--"]
                holder.stdin.close()
                return
    yield []  # the addresses in Office.run are unreachable all the same


def loop_back() -> None:
    """Bring loopback up in the network this process has to itself, say so, and hold that network open."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
    print("up", flush=True)
    sys.stdin.read()
