"""What one evaluation carries besides FEEL's budget: which rules fired, for people to read afterwards."""

from collections.abc import Mapping
from typing import Any

from tongxin.feel import Value
from tongxin.feel.builtins.strings import text_of
from tongxin.feel.frame import Budget

MOST_TABLES = 200  # a table within a loop would fill pages; later ones are left out
MOST_TEXT = 500
MOST_ITEMS = 50
MOST_DEPTH = 6


class Evaluation(Budget):
    __slots__ = ("fired",)

    def __init__(self) -> None:
        super().__init__()
        self.fired: list[dict[str, Any]] = []

    def note(self, entry: dict[str, Any]) -> None:
        if len(self.fired) < MOST_TABLES:
            self.fired.append(entry)


def plain(value: Value, depth: int = 0) -> Any:
    """The value as JSON has it; what JSON has no type for becomes FEEL's text, and what is long is cut."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return int(value)
    if isinstance(value, (Mapping, list, tuple)):
        return _compound(value, depth + 1) if depth < MOST_DEPTH else "…"
    text = text_of(value, Budget())
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def _compound(value: Value, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(one, depth) for key, one in list(value.items())[:MOST_ITEMS]}
    shown = [plain(one, depth) for one in value[:MOST_ITEMS]]
    return shown if len(value) <= MOST_ITEMS else [*shown, "…"]
