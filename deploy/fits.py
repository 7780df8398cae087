"""Whether this Python and machine can run what the bundle brings. Runs on any Python 3, so that an old one is told."""

import importlib
import os
import platform
import sys

GLIBC = (2, 28)


def trouble(targets):
    """What does not fit, or nothing. `targets`: a file of lines such as `3.11 x86_64`."""
    with open(targets) as lines:
        known = [line.split() for line in lines]
    python, machine = platform.python_version(), platform.machine()
    version = ".".join(python.split(".")[:2])
    if platform.python_implementation() != "CPython" or version not in [one for one, _ in known]:
        return f"这是 {platform.python_implementation()} {python}，安装包里没有给它的组件"
    if [version, machine] not in known:
        return f"这台机器是 {machine}，安装包里只有给 {'、'.join(sorted({one for _, one in known}))} 的组件"
    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else None
    if not libc or tuple(map(int, libc.split()[1].split(".")[:2])) < GLIBC:
        return f"系统的 C 库是 {libc or '别的种类'}，需要 glibc 2.28 或更新"
    for name in ("venv", "ensurepip", "ctypes", "ssl"):
        try:
            importlib.import_module(name)
        except ImportError:
            return f"这个 Python 不完整，缺少 {name}"
    return ""


if __name__ == "__main__":
    found = trouble(sys.argv[1])
    sys.stdout.buffer.write(found.encode())
    sys.exit(1 if found else 0)
