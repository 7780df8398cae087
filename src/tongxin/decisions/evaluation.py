"""What one evaluation carries besides FEEL's budget: which rules fired, for people to read afterwards."""

from collections.abc import Mapping
from typing import Any

from tongxin.feel import Value
from tongxin.feel.builtins.strings import text_of
from tongxin.feel.frame import Budget

MOST_TABLES = 200  # a table within a loop would fill pages
MOST_TEXT = 500
MOST_ITEMS = 50


class Evaluation(Budget):
    __slots__ = ("fired", "left_out")

    def __init__(self) -> None:
        super().__init__()
        self.fired: list[dict[str, Any]] = []
        self.left_out = 0

    def note(self, entry: dict[str, Any]) -> None:
        if len(self.fired) < MOST_TABLES:
            self.fired.append(entry)
        else:
            self.left_out += 1


def plain(value: Value, depth: int = 0) -> Any:
    """The value as JSON has it; what JSON has no type for becomes FEEL's text, and what is long is cut."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str):
        return value if len(value) <= MOST_TEXT else value[:MOST_TEXT] + "…"
    if depth > 5:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): plain(one, depth + 1) for key, one in list(value.items())[:MOST_ITEMS]}
    if isinstance(value, (list, tuple)):
        shown = [plain(one, depth + 1) for one in value[:MOST_ITEMS]]
        return shown if len(value) <= MOST_ITEMS else [*shown, "…"]
    return text_of(value, Budget())
