"""Short texts with FEEL in double braces: {{ what }}."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tongxin import calendar, feel


class Template:
    """A text whose `holes` are FEEL expressions, compiled once. Raises feel.FeelError on a broken one."""

    def __init__(self, source: str) -> None:
        pieces = list(_pieces(source.strip()))
        self._texts = tuple(pieces[::2])
        self.holes = tuple(feel.compile(hole, functions=calendar.FUNCTIONS) for hole in pieces[1::2])

    def fill(self, scope: Mapping[str, Any], now: datetime) -> str:
        """The text with every hole evaluated; null leaves nothing."""
        filled = [self._texts[0]]
        for hole, text in zip(self.holes, self._texts[1:], strict=True):
            value = hole.evaluate(scope, now)
            filled += [
                "" if value is None else f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value),
                text,
            ]
        return "".join(filled)


def _pieces(source: str) -> Iterator[str]:
    """Text and holes by turns. An expression for it would search to the end from every brace that is not closed."""
    at = 0
    while (opened := source.find("{{", at)) >= 0 and (closed := source.find("}}", opened + 2)) >= 0:
        yield source[at:opened]
        yield source[opened + 2 : closed]
        at = closed + 2
    yield source[at:]
