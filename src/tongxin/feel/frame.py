"""What an evaluation carries: the names in sight, the time, and a budget of work."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from tongxin.feel.errors import FeelError

STEPS = 1_000_000  # roughly one step a node visited in a loop or an item handled; about 0.3 s
TEXT = 1_000_000  # characters in any one text an expression builds
ITEMS = 100_000  # items in any one list it builds


class Names(Protocol):
    """Anything that answers a name: the caller's mapping, or a `Nested` one."""

    def get(self, name: str, /) -> Any: ...


class Budget:
    """Stops an expression that works too long or builds too much."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise FeelError("表达式的计算量太大，已停止", "the expression exceeded its step budget")

    def text(self, length: int) -> None:
        """Pay for building a text of this length."""
        if length > TEXT:
            raise FeelError("表达式产生的文字太长，已停止", "the expression builds a text that is too long")
        self.spend(length // 64)

    def items(self, length: int) -> None:
        """Pay for building a list of this length."""
        if length > ITEMS:
            raise FeelError("表达式产生的列表太长，已停止", "the expression builds a list that is too long")
        self.spend(length)


class Nested:
    """Names bound by the expression itself, in front of those around it."""

    __slots__ = ("inner", "outer")

    def __init__(self, inner: Mapping[str, Any], outer: Names) -> None:
        self.inner = inner
        self.outer = outer

    def get(self, name: str, /) -> Any:
        inner = self.inner
        return inner[name] if name in inner else self.outer.get(name)


class Frame:
    """The surroundings in which one (part of an) expression is evaluated."""

    __slots__ = ("budget", "names", "now")

    def __init__(self, names: Names, now: datetime | None, budget: Budget | None = None) -> None:
        self.names = names
        self.now = now
        self.budget = budget or Budget()

    def inside(self, names: Mapping[str, Any]) -> "Frame":
        """A frame with these names in front."""
        return Frame(Nested(names, self.names), self.now, self.budget)
