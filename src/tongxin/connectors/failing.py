"""An outside system that is always down: for testing what then happens. Asking it again is no use."""

from collections.abc import Mapping
from typing import Any

from tongxin.config import Settings
from tongxin.connectors import CallRefused
from tongxin.words import _


def check_config(settings: Settings) -> str | None:
    """Nothing is needed to fail."""
    return None


def call(settings: Settings, given: Mapping[str, Any], key: str) -> Any:
    """Fail."""
    raise CallRefused(_("对方系统没有应答。"))
