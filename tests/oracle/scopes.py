"""The oracle's parts that have parts of their own kind inside: subprocesses, instances, called processes."""

from collections import ChainMap
from collections.abc import MutableMapping
from typing import Any

from tests.oracle.blocks import VARIABLES, Block, Call, Each, Handler, Sub
from tests.oracle.parts import VERBS, Loose, Part, Wait, Within


class SubPart(Within):
    block: Sub

    def begin(self) -> None:
        name = self.block.name
        self.visit(name, f"{name}s")
        self.watch()
        self.listening = [self._listen_inside(handler) for handler in self.block.handlers if handler.event in VERBS]
        if self.block.ends != "none":
            self.visit(f"{name}p")
        self.begin_inside(*self.block.parts)

    def over(self, part: Part) -> None:
        if self.block.ends == "none" or isinstance(part, Loose):
            super().over(part)
        elif part.block is self.block.parts[0]:
            self.inside.append(part)  # until its last task is done
            part.task(f"{self.block.name}g", lambda: self.decide(part))
        else:
            self.visit(f"{self.block.name}o")
            self.finish_if_empty()

    def decide(self, part: Part) -> None:
        name = self.block.name
        self.inside.remove(part)
        self.visit(f"{name}q")
        if self.variables[self.block.reads] != 1:
            self.visit(f"{name}e")
            self.finish_if_empty()
            return
        self.visit(f"{name}k")
        match self.block.ends:
            case "error":
                self.throw(self.block.code)
            case "escalation":
                self.escalate(self.block.code)
                if self.is_on:
                    self.finish_if_empty()
            case _:
                self.finish()

    def finish_if_empty(self) -> None:
        if not self.inside:
            self.finish()

    def _listen_inside(self, handler: Handler) -> Wait:
        def happen(value: Any, error: str | None) -> None:
            if handler.event == "timer" and not handler.interrupting:
                self.forget(wait)
                self.listening.remove(wait)
            self.begin_handler(handler)

        wait = self.wait(VERBS[handler.event], f"{handler.name}s", happen, edge=True)
        return wait

    def begin_handler(self, handler: Handler) -> None:
        if handler.interrupting:
            for wait in self.listening:
                self.forget(wait)
            self.listening = []
            for part in self.inside:
                part.cancel()
            self.inside.clear()
        begun = HandlerPart(self.game, Block(handler.name), self)
        self.inside.append(begun)
        begun.begin()

    def handles(self, code: str) -> bool:
        found = [one for one in self.block.handlers if one.event == "error" and one.code in (code, None)]
        if not found or self.left:
            return False
        self.begin_handler(found[0])
        return True


class HandlerPart(Loose):
    """An event subprocess that was begun."""

    def begin(self) -> None:
        name = self.block.name
        self.visit(name, f"{name}s")
        self.task(f"{name}st", self.finish)

    def finish(self) -> None:
        self.visit(f"{self.block.name}e")
        Part.finish(self)


class EachPart(Part):
    block: Each
    done = 0

    def begin(self) -> None:
        name = self.block.name
        self.visit(name)
        if self.block.keeps:
            self.variables[f"{name}out"] = [None] * self.block.size
        if not self.block.size:
            self.finish()
            return
        self.watch()
        for index in range(1 if self.block.sequential else self.block.size):
            self.instance(index)

    def instance(self, index: int) -> None:
        instance = InstancePart(self.game, Block(self.block.name, self.block.parts), self)
        instance.index = index
        instance.kept = {} if self.block.keeps else None
        self.inside.append(instance)
        instance.begin()

    def over(self, part: Part) -> None:
        assert isinstance(part, InstancePart)
        self.done += 1
        if part.kept is not None:
            self.variables[f"{self.block.name}out"][part.index] = {"item": part.index + 1, **part.kept}
        if self.done == self.block.size:
            self.finish()
        elif self.block.sequential:
            self.instance(part.index + 1)


class InstancePart(Within):
    index = 0
    kept: dict[str, Any] | None = None  # what it wrote, where that is its own

    @property
    def inner_variables(self) -> MutableMapping[str, Any]:
        return self.variables if self.kept is None else ChainMap(self.kept, self.variables)

    def begin(self) -> None:
        name = self.block.name
        self.visit(f"{name}s")
        first = FirstPart(self.game, Block(f"{name}t"), self)
        self.inside.append(first)
        first.begin()

    def over(self, part: Part) -> None:
        if isinstance(part, FirstPart):
            self.begin_inside(*self.block.parts)
        else:
            super().over(part)


class FirstPart(Part):
    """The task that stands before all else in an instance."""

    def begin(self) -> None:
        self.task(self.block.name, self.finish)


class CallPart(Within):
    block: Call

    @property
    def inner_prefix(self) -> str:
        return f"{self.prefix}{self.block.name}/"

    @property
    def inner_variables(self) -> MutableMapping[str, Any]:
        return self.own

    @property
    def last_node(self) -> str:
        return "e"

    def begin(self) -> None:
        self.own = {name: self.variables[given] for name, given in zip(VARIABLES, self.block.given, strict=True)}
        self.visit(self.block.name)
        self.watch()
        self.visit_inside("s")
        self.begin_inside(*self.block.parts)

    def complete(self) -> None:
        self.variables[self.block.writes] = self.own["v0"]
        self.finish()
