"""An outside system that is always down: for testing what then happens."""

from collections.abc import Mapping
from typing import Any

from tongxin.config import Settings
from tongxin.connectors import CallFailed


def check_config(settings: Settings) -> str | None:
    """Nothing is needed to fail."""
    return None


def call(settings: Settings, given: Mapping[str, Any], key: str) -> Any:
    """Fail."""
    raise CallFailed("对方系统没有应答。")
