"""Watching the statements of a request on the application's own engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from tests.fixtures import World


@dataclass(slots=True)
class Statements:
    """What one request sent to the database."""

    texts: list[str] = field(default_factory=list)
    commits: int = 0

    def __len__(self) -> int:
        return len(self.texts)


@contextmanager
def watched(world: World, before: Callable[[int], None] = lambda number: None) -> Iterator[Statements]:
    """Everything the application sends meanwhile; `before` is called with the number of each, from 1, and may raise."""
    engine, seen = world.client.app.state.engine, Statements()  # type: ignore[attr-defined]

    def statement(connection: Any, cursor: Any, text: str, *rest: Any) -> None:
        seen.texts.append(" ".join(text.split()))
        before(len(seen.texts))

    def commit(connection: Any) -> None:
        seen.commits += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)
