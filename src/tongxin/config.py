"""Every setting of an installation, read once from the environment."""

import os
import secrets
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """One field a setting; the environment variable is in the comment."""

    home: Path  # TONGXIN_HOME: the one folder with all data
    database_url: str | None  # DATABASE_URL: any PostgreSQL >= 15; None = the embedded server
    host: str  # HOST
    port: int  # PORT
    public_url: str | None  # PUBLIC_URL: what plates and links begin with; None = as the browser asks
    secret: bytes = field(repr=False)  # TONGXIN_SECRET, else the file `secret` in home
    pool_size: int  # TONGXIN_POOL: database connections of one process
    office_webhook: str | None  # TONGXIN_OFFICE_WEBHOOK: where notices are posted out
    demo: bool  # TONGXIN_DEMO: demo organisation, demo accounts, demo connectors
    secure_cookies: bool  # TONGXIN_HTTPS: served behind TLS
    proxies: str  # FORWARDED_ALLOW_IPS: whose X-Forwarded-For is believed: addresses, networks, or *
    language: str  # TONGXIN_LANGUAGE: en = English where nobody has chosen, and on the command line; else Chinese


def read() -> Settings:
    """Settings from the environment; creates the home folder and its secret at the first run."""
    env = os.environ
    home = Path(env.get("TONGXIN_HOME", "./var")).resolve()
    return Settings(
        home=home,
        database_url=env.get("DATABASE_URL") or None,
        host=env.get("HOST", "127.0.0.1"),
        port=int(env.get("PORT", "8000")),
        public_url=env.get("PUBLIC_URL") or None,
        secret=(env.get("TONGXIN_SECRET") or "").encode() or secret_in(home, "secret"),
        pool_size=int(env.get("TONGXIN_POOL", "10")),
        office_webhook=env.get("TONGXIN_OFFICE_WEBHOOK") or None,
        demo=env.get("TONGXIN_DEMO", "") == "1",
        secure_cookies=env.get("TONGXIN_HTTPS", "") == "1",
        proxies=env.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1",
        language=language(),
    )


def language() -> str:
    """What is spoken where nobody has chosen; asked for before any settings are, and writes nothing."""
    return "en" if os.environ.get("TONGXIN_LANGUAGE") == "en" else "zh"


@lru_cache(1)
def settings() -> Settings:
    """The settings of this process."""
    return read()


def version() -> str:
    """Which release this is."""
    return str(tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"])


def secret_in(home: Path, name: str) -> bytes:
    """The secret in the file of this name; drawn at its first use."""
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(0o600)
        fresh.write_text(secrets.token_hex(32))
        try:
            os.link(fresh, path)  # the first of two processes starting at once wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
