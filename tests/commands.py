"""Running the operator's commands in this process."""

import sys
from collections.abc import Callable

import pytest
import structlog

from tongxin import cli, config

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def tongxin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`tongxin(url, "publish", folder)`: the exit status, and all it printed."""

    def run(url: str, *words: str) -> tuple[int, str]:
        logging = structlog.get_config()
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setattr(sys, "argv", ["tongxin", *words])
        config.settings.cache_clear()
        try:
            status = cli.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        finally:
            structlog.configure(**logging)
            config.settings.cache_clear()
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run
