"""Stands in for an outside system in demonstrations and tests: takes everything and writes it to the log."""

from collections.abc import Mapping
from typing import Any

import structlog

from tongxin.config import Settings
from tongxin.words import _

log = structlog.get_logger()


def check_config(settings: Settings) -> str | None:
    """Only where demo data is."""
    return None if settings.demo else _("演示连接只能在演示环境里用。")


def call(settings: Settings, given: Mapping[str, Any], key: str) -> Any:
    """Log what would have gone out."""
    log.info("demo_connector", key=key, **given)
    return {"accepted": True}
