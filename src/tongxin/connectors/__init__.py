"""Outside systems, one file each. A connector is called by workers, outside any transaction."""

from collections.abc import Mapping
from typing import Any, Protocol

from tongxin.config import Settings


class CallFailed(Exception):
    """The other side did not take it; worth trying again. `code`: the BPMN error it is when given up, if any."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class CallRefused(CallFailed):
    """The other side will not take it, however often it is asked."""


class Connector(Protocol):
    """What each connector's module offers."""

    def check_config(self, settings: Settings) -> str | None:
        """What is missing in the settings, in words; None when it can work."""

    def call(self, settings: Settings, given: Mapping[str, Any], key: str) -> Any:
        """Do it once for each idempotency `key`; raises CallFailed."""
