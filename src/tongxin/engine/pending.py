"""What is still to be looked at, so that not everything is looked at again whenever something happened."""

from collections.abc import Iterable
from heapq import heappop, heappush


class Pending:
    """Keys, each once, the lowest first."""

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self._heap: list[int] = []
        self._known: set[int] = set()
        for key in keys:
            self.add(key)

    def add(self, key: int) -> None:
        if key not in self._known:
            self._known.add(key)
            heappush(self._heap, key)

    def pop(self) -> int:
        key = heappop(self._heap)
        self._known.remove(key)
        return key

    def __bool__(self) -> bool:
        return bool(self._heap)
