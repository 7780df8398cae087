"""Short texts with FEEL in double braces: {{ what }}."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongxin import calendar, feel

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class Template:
    """A text whose holes are FEEL expressions, compiled once. Raises feel.FeelError on a broken one."""

    def __init__(self, source: str) -> None:
        pieces = _HOLE.split(source.strip())
        self._texts = tuple(pieces[::2])
        self._holes = tuple(feel.compile(hole, functions=calendar.FUNCTIONS) for hole in pieces[1::2])

    def fill(self, scope: Mapping[str, Any], now: datetime) -> str:
        """The text with every hole evaluated; null leaves nothing."""
        filled = [self._texts[0]]
        for hole, text in zip(self._holes, self._texts[1:], strict=True):
            value = hole.evaluate(scope, now)
            filled += [
                "" if value is None else f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value),
                text,
            ]
        return "".join(filled)
