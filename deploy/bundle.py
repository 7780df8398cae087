"""Packs dist/tongxin-VERSION.tar.gz: all that a machine without a network needs. Run by `make bundle`."""

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("src", "web/templates", "web/static", "web/locale", "processes", "bpmn", "docs", "deploy")
FILES = (
    *("pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md", "LICENSE", "NOTICE"),
    *("Dockerfile", "docker-compose.yml", ".dockerignore"),
)
SCRIPTS = ("install.sh", "upgrade.sh", "rollback.sh")
MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = (28, 27, 26, 24, 17)  # 2.28, as openEuler 20.03, Kylin V10 and UOS 20 have it, and what runs there as well
MOMENT = 315_532_800  # of every file: the same tree gives the same archive


def main() -> None:
    """Collect, download what is missing, sum up, pack."""
    asked = _asked()
    version = tomllib.loads((asked.tree / "pyproject.toml").read_text())["project"]["version"]
    if not re.fullmatch(r"\d+(\.\d+)*([a-z]\w*)?", version):
        sys.exit(f"pyproject.toml 里的版本号 {version} 不能用作文件夹名。")
    name = f"tongxin-{version}"
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / name
        _collect(asked.tree, top)
        (top / "VERSION").write_text(f"{version}\n")
        _add_wheels(top, asked.wheels, asked.machine, asked.python)
        _sum_up(top)
        asked.into.mkdir(parents=True, exist_ok=True)
        archive = asked.into / f"{name}.tar.gz"
        _pack(top, archive)
    digest = _digest(archive)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n")
    print(f"{archive}  {archive.stat().st_size / 1e6:.0f} MB\nSHA-256 {digest}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, default=PROJECT, help="what to pack")
    parser.add_argument("--into", type=Path, default=PROJECT / "dist")
    parser.add_argument("--wheels", type=Path, default=PROJECT / "dist" / "wheels", help="where wheels are kept")
    parser.add_argument("--machine", nargs="+", default=MACHINES)
    parser.add_argument("--python", nargs="+", default=PYTHONS)
    return parser.parse_args()


def _collect(tree: Path, top: Path) -> None:
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    for name in FOLDERS:
        if (tree / name).is_dir():
            shutil.copytree(tree / name, top / name, ignore=leave_out)
    for name in FILES:
        shutil.copyfile(tree / name, top / name)
    for name in SCRIPTS:
        shutil.copyfile(tree / "deploy" / name, top / name)
        (top / "deploy" / name).unlink()


def _add_wheels(top: Path, kept: Path, machines: list[str], pythons: list[str]) -> None:
    """What the lock names, for every machine and Python; only files with the lock's hashes are taken."""
    wheels = top / "wheels"
    wheels.mkdir()
    for machine in machines:
        for python in pythons:
            folder = kept / f"{machine}-{python}-{_digest(top / 'requirements.lock')[:12]}"
            _download(top / "requirements.lock", folder, machine, python)
            for wheel in folder.iterdir():
                shutil.copyfile(wheel, wheels / wheel.name)
    targets = "".join(f"{python} {machine}\n" for machine in machines for python in pythons)
    (wheels / "TARGETS").write_text(targets)


def _download(lock: Path, folder: Path, machine: str, python: str) -> None:
    if folder.is_dir():
        return
    print(f"下载给 {machine}、Python {python} 的组件 …", flush=True)
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC] + [f"manylinux2014_{machine}"]
    abis = [f"cp{python.replace('.', '')}", "abi3", "none"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "download"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", str(fresh), "-r", str(lock)]
    command += ["--implementation", "cp", "--python-version", python]
    command += [word for platform in platforms for word in ("--platform", platform)]
    command += [word for abi in abis for word in ("--abi", abi)]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"没有下载成给 {machine}、Python {python} 的组件，原因见上面。")
    fresh.rename(folder)


def _sum_up(top: Path) -> None:
    files = sorted(path for path in top.rglob("*") if path.is_file())
    (top / "SHA256SUMS").write_text("".join(f"{_digest(path)}  {path.relative_to(top)}\n" for path in files))


def _pack(top: Path, archive: Path) -> None:
    """Sorted, and without anything of this machine."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = MOMENT
        member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
        return member

    fresh = archive.with_name(f"{archive.name}.new")
    with (
        fresh.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed,  # wheels are packed already
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in (top, *sorted(top.rglob("*"))):
            tar.add(path, path.relative_to(top.parent), recursive=False, filter=plain)
    os.replace(fresh, archive)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
