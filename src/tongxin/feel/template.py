"""Short texts with FEEL in double braces: {{ what }}."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from tongxin.feel.expression import compile
from tongxin.feel.values import Function, Value

_NONE: Mapping[str, Function] = MappingProxyType({})


class Template:
    """A text whose `holes` are FEEL expressions, compiled once. Raises FeelError on a broken one.

    `names` are those of the variables it reads.
    """

    __slots__ = ("_texts", "holes", "names")

    def __init__(self, source: str, functions: Mapping[str, Function] = _NONE, names: Iterable[str] = ()) -> None:
        pieces = list(_pieces(source.strip()))
        known = tuple(names)
        self._texts = tuple(pieces[::2])
        self.holes = tuple(compile(hole, functions=functions, names=known) for hole in pieces[1::2])
        self.names = frozenset(name for hole in self.holes for name in hole.names | hole.possible_names)

    def fill(self, scope: Mapping[str, Value], now: datetime | None) -> str:
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
