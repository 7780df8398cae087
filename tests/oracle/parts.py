"""What all parts of a process being played have in common: they begin, wait, are left by an edge, and are over."""

from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.blocks import Block, Edge

VERBS = {"message": "deliver", "receive": "deliver", "timer": "fire"}


@dataclass(eq=False, slots=True)
class Wait:
    """Something that can happen next: a verb of the engine on a node, and what it does to the part that waits."""

    verb: str
    node: str
    happen: Callable[[Any, str | None], None]
    counter: int | None = None  # which instance
    edge: bool = False
    errors: bool = False  # may be answered with an error
    value: bool = False  # brings one
    signal: str = ""  # may also be thrown by the process itself
    holds: Callable[[], bool] | None = None  # happens by itself when this has become true
    held: bool = False


@dataclass(slots=True)
class Game:
    """One process being played: what it knows, what it waits for, and the nodes visited in the last step."""

    variables: dict[str, Any]
    kinds: Mapping[type[Block], "type[Part]"]
    waits: list[Wait] = field(default_factory=list)  # in the order in which they began
    conditions: list[Wait] = field(default_factory=list)
    visited: Counter[str] = field(default_factory=Counter)
    ended: str | None = None

    @property
    def waiting(self) -> list[tuple[str, str, int]]:
        return sorted((wait.verb, wait.node, wait.counter or 0) for wait in self.waits)

    def happen(self, wait: Wait, value: Any = None, error: str | None = None) -> None:
        self.visited.clear()
        wait.happen(value, error)
        self.settle()

    def settle(self) -> None:
        """What waits for a condition happens when it has become true."""
        while any(self._come_true(wait) for wait in self.conditions):
            pass

    def _come_true(self, wait: Wait) -> bool:
        assert wait.holds is not None
        held, wait.held = wait.held, wait.holds()
        if held or not wait.held:
            return False
        wait.happen(None, None)
        return True

    def throw_signal(self, name: str) -> None:
        for wait in [wait for wait in self.waits if wait.signal == name]:
            if wait in self.waits:
                wait.happen(None, None)


class Part:
    """A block that is going on. Over, it tells the part around it."""

    def __init__(self, game: Game, block: Block, around: "Part | None") -> None:
        self.game, self.block, self.around = game, block, around
        self.inside: list[Part] = []
        self.waits: list[Wait] = []
        self.left = False  # by an event on the edge

    def begin(self) -> None:
        """Begin."""
        raise NotImplementedError

    def over(self, part: "Part") -> None:
        """A part inside is over."""
        self.finish()

    @property
    def variables(self) -> MutableMapping[str, Any]:
        """As it sees them."""
        return self.game.variables if self.around is None else self.around.inner_variables

    @property
    def inner_variables(self) -> MutableMapping[str, Any]:
        """As the parts inside see them."""
        return self.variables

    @property
    def prefix(self) -> str:
        """Of its nodes' names: the call activities around."""
        return "" if self.around is None else self.around.inner_prefix

    @property
    def inner_prefix(self) -> str:
        return self.prefix

    def visit(self, *nodes: str) -> None:
        self.game.visited.update(self.prefix + node for node in nodes)

    def visit_inside(self, *nodes: str) -> None:
        self.game.visited.update(self.inner_prefix + node for node in nodes)

    def begin_inside(self, *blocks: Block) -> None:
        parts = [self.game.kinds[type(block)](self.game, block, self) for block in blocks]
        self.inside += parts
        for part in parts:
            part.begin()

    def wait(self, verb: str, node: str, happen: Callable[[Any, str | None], None], **more: Any) -> Wait:
        wait = Wait(verb, self.prefix + node, happen, **more)
        self.waits.append(wait)
        (self.game.conditions if wait.holds else self.game.waits).append(wait)
        return wait

    def forget(self, wait: Wait) -> None:
        self.waits.remove(wait)
        (self.game.conditions if wait.holds else self.game.waits).remove(wait)

    def task(self, node: str, then: Callable[[], None]) -> None:
        """A user task; what is entered goes into the variables."""
        self.visit(node)

        def complete(values: Any, error: str | None) -> None:
            self.forget(wait)
            self.variables.update(values)
            then()

        wait = self.wait("complete", node, complete)

    def cancel(self) -> None:
        for wait in list(self.waits):
            self.forget(wait)
        for part in self.inside:
            part.cancel()
        self.inside.clear()

    def finish(self) -> None:
        self.cancel()
        if self.block.merges:
            self.visit(f"{self.block.name}x")
        if self.around is not None:
            self.around.inside.remove(self)
            self.around.over(self)

    def watch(self) -> None:
        for edge in self.block.edges:
            if edge.event not in ("error", "escalation"):
                self._listen(edge)

    def _listen(self, edge: Edge) -> None:
        def happen(value: Any, error: str | None) -> None:
            if edge.interrupting:
                self.leave_by(edge)
                return
            if edge.event == "timer":
                self.forget(wait)
            self.visit(edge.name)
            self.scope.add_loose(edge.name)

        holds = (lambda: bool(self.variables[edge.reads] == 2)) if edge.event == "conditional" else None
        wait = self.wait(VERBS.get(edge.event, ""), edge.name, happen, edge=True, holds=holds)

    @property
    def scope(self) -> "Within":
        """The subprocess around this part, or the whole."""
        part = self.around
        while not isinstance(part, Within):
            assert part is not None
            part = part.around
        return part

    def leave_by(self, edge: Edge) -> None:
        self.cancel()
        self.left = True
        self.visit(edge.name)
        if edge.detour:
            self.task(f"{edge.name}t", self.finish)
        else:
            self.finish()

    def throw(self, code: str) -> None:
        """To the nearest edge that takes the error, one that names it before one that takes all."""
        part: Part | None = self
        while part is not None:
            if part.handles(code):
                return
            edges = [edge for edge in part.block.edges if edge.event == "error" and edge.code in (code, None)]
            if edges and not part.left:
                part.leave_by(min(edges, key=lambda edge: edge.code is None))
                return
            part = part.around
        raise AssertionError(f"nobody catches {code}")

    def handles(self, code: str) -> bool:
        """Whether an event subprocess inside took the error."""
        return False

    def escalate(self, code: str) -> None:
        """To the nearest edge that takes it, if any; it goes on where that does not interrupt."""
        part: Part | None = self
        while part is not None:
            edges = [edge for edge in part.block.edges if edge.event == "escalation" and edge.code in (code, None)]
            if edges and not part.left:
                edge = min(edges, key=lambda edge: edge.code is None)
                if edge.interrupting:
                    part.leave_by(edge)
                else:
                    part.visit(edge.name)
                    part.scope.add_loose(edge.name)
                return
            part = part.around

    @property
    def is_on(self) -> bool:
        """Whether it was neither left nor cancelled."""
        return not self.left and (self.around is None or self in self.around.inside)


class Within(Part):
    """A subprocess or the whole: over when nothing is left in it, loose tasks of its parts' edges included."""

    def add_loose(self, name: str) -> None:
        loose = Loose(self.game, Block(name), self)
        self.inside.append(loose)
        loose.begin()

    def over(self, part: Part) -> None:
        if not isinstance(part, Loose):
            self.end(self.last_node)
        if not self.inside:
            self.complete()

    @property
    def last_node(self) -> str:
        return f"{self.block.name}e"

    def end(self, node: str) -> None:
        self.visit_inside(node)

    def complete(self) -> None:
        """Nothing is left in it."""
        self.finish()


class Whole(Within):
    """The process."""

    def __init__(self, game: Game, tree: Block) -> None:
        super().__init__(game, Block("", (tree,)), None)
        self.last = ""

    def begin(self) -> None:
        self.visit("s")
        self.begin_inside(*self.block.parts)

    def end(self, node: str) -> None:
        super().end(node)
        self.last = node

    def finish(self) -> None:
        super().finish()
        self.game.ended = self.last


class Loose(Part):
    """What follows from an event that did not interrupt."""

    def begin(self) -> None:
        self.task(f"{self.block.name}t", self.finish)

    def finish(self) -> None:
        self.scope.end(f"{self.block.name}te")
        super().finish()
