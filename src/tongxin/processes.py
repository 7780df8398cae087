"""Child processes: whom they run as, and that none outlives us. Linux only."""

import contextlib
import ctypes
import os
import pwd
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a child runs as: us, another account of the system, or us under another number (a user namespace)."""

    uid: int  # as the child sees itself
    gid: int
    owner: int  # as the file system sees it

    def become(self) -> None:
        """For the child, before it starts its program."""
        if self.uid == os.geteuid():
            return
        if self.owner == os.geteuid():
            self._enter_namespace()
        else:
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)

    def _enter_namespace(self) -> None:
        maps = {
            "setgroups": "deny",
            "uid_map": f"{self.uid} {os.geteuid()} 1",
            "gid_map": f"{self.gid} {os.getegid()} 1",
        }
        if _LIBC.unshare(_CLONE_NEWUSER):
            raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
        for name, text in maps.items():
            Path("/proc/self", name).write_text(text)


def possible_accounts(*folders: Path) -> Iterator[Account]:
    """Whom a program may run as that refuses root, the best choice first.

    Not root: just us. Root: the owner of the first folder that exists; root under another number, which still enters
    every folder of root's; nobody.
    """
    us = os.geteuid()
    if us:
        yield Account(us, os.getegid(), us)
        return
    known = {entry.pw_uid: entry for entry in pwd.getpwall()}  # the program wants an account with a name
    owner = known.get(next((folder.stat().st_uid for folder in folders if folder.exists()), 0))
    if owner and owner.pw_uid:
        yield Account(owner.pw_uid, owner.pw_gid, owner.pw_uid)
    nobody = next((entry for entry in known.values() if entry.pw_name == "nobody"), None)
    if nobody:
        yield Account(nobody.pw_uid, nobody.pw_gid, us)
        yield Account(nobody.pw_uid, nobody.pw_gid, nobody.pw_uid)


def dying_with_parent(sign: signal.Signals, before: Callable[[], None] | None = None) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child this signal when we end, however we end.

    It is sent when the thread that started the child ends, so that must be the main thread. `before` may change whom
    the child runs as, which would clear the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start lasting children in the main thread: they die with the thread that starts them")
    parent = os.getpid()

    def prepare() -> None:
        if before:
            before()
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(sign))
        if os.getppid() != parent:  # we died before the call above
            os._exit(1)

    return prepare


def working_in(folder: Path, name: str) -> Iterator[int]:
    """Numbers of the running processes of this name whose working folder is this one."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile, or it is not ours to look at
            here = entry.name.isdigit() and os.readlink(entry / "cwd") == str(folder)
            if here and (entry / "comm").read_text().strip() == name:
                yield int(entry.name)


def parent_of(pid: int) -> int | None:
    """The number of a process's parent; None when it is gone."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None
