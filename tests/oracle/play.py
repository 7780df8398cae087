"""The oracle: plays a tree of blocks. It knows parts that are going on, and neither flows nor tokens."""

from collections.abc import Mapping
from typing import Any

from tests.oracle.blocks import (
    ROUNDS,
    Again,
    Block,
    Call,
    Catch,
    Choice,
    Each,
    Every,
    Loop,
    Multi,
    Race,
    Script,
    Seq,
    Service,
    Signal,
    Some,
    Sub,
    Task,
)
from tests.oracle.parts import VERBS, Game, Part, Whole
from tests.oracle.scopes import CallPart, EachPart, SubPart


class TaskPart(Part):
    def begin(self) -> None:
        self.task(self.block.name, self.done)
        self.watch()

    def done(self) -> None:
        self.finish()


class ScriptPart(TaskPart):
    block: Script

    def done(self) -> None:
        self.visit(f"{self.block.name}script")
        variables = self.variables
        variables[self.block.writes] = (variables[self.block.reads] + 2) % 3
        self.finish()


class ServicePart(Part):
    block: Service

    def begin(self) -> None:
        self.visit(self.block.name)
        errors = any(edge.event == "error" for edge in self.block.edges)
        self.wait("resolve", self.block.name, self.answer, errors=errors, value=True)
        self.watch()

    def answer(self, value: Any, error: str | None) -> None:
        if error:
            self.throw(error)
        else:
            self.variables[self.block.writes] = value
            self.finish()


class CatchPart(Part):
    block: Catch

    def begin(self) -> None:
        self.visit(self.block.name)
        self.wait(VERBS[self.block.event], self.block.name, self.come, value=self.block.writes is not None)
        self.watch()

    def come(self, value: Any, error: str | None) -> None:
        if self.block.writes:
            self.variables[self.block.writes] = value
        self.finish()


class SeqPart(Part):
    at = 0

    def begin(self) -> None:
        self.begin_inside(self.block.parts[self.at])

    def over(self, part: Part) -> None:
        self.at += 1
        if self.at < len(self.block.parts):
            self.begin()
        else:
            self.finish()


class GatewayPart(Part):
    """Between two gateways: all parts at once, and over when all that began are over."""

    def chosen(self) -> tuple[Block, ...]:
        return self.block.parts

    def begin(self) -> None:
        self.visit(f"{self.block.name}a")
        self.begin_inside(*self.chosen())

    def over(self, part: Part) -> None:
        if not self.inside:
            self.visit(f"{self.block.name}b")
            self.finish()


class ChoicePart(GatewayPart):
    block: Choice

    def chosen(self) -> tuple[Block, ...]:
        value, parts = self.variables[self.block.reads], self.block.parts
        return (parts[min(value, len(parts) - 1)],)


class SomePart(GatewayPart):
    block: Some

    def chosen(self) -> tuple[Block, ...]:
        value, parts = self.variables[self.block.reads], self.block.parts
        return parts[:-1][:value] or parts[-1:]


class LoopPart(Part):
    block: Loop

    def begin(self) -> None:
        self.visit(f"{self.block.name}i")
        self.variables[self.block.name] = 0
        self.round()

    def round(self) -> None:
        self.visit(f"{self.block.name}a")
        self.begin_inside(self.block.parts[0])

    def over(self, part: Part) -> None:
        name, variables = self.block.name, self.variables
        self.visit(f"{name}c", f"{name}b")
        variables[name] += 1
        if variables[self.block.reads] == 1 and variables[name] < ROUNDS:
            self.round()
        else:
            self.visit(f"{name}x")
            self.finish()


class MultiPart(Part):
    block: Multi
    size = done = 0

    def begin(self) -> None:
        self.visit(self.block.name)
        variables = self.variables
        self.size = variables[self.block.reads] if self.block.size is None else self.block.size
        if self.block.keeps:
            variables[f"{self.block.name}out"] = [None] * self.size
        if not self.size:
            self.finish()
            return
        self.watch()
        for index in range(1 if self.block.sequential else self.size):
            self.instance(index)

    def instance(self, index: int) -> None:
        def complete(values: Any, error: str | None) -> None:
            self.forget(wait)
            self.answer(index, values)
            self.done += 1
            if self.done == self.size or (self.block.enough and self.done >= self.block.enough):
                self.finish()
            elif self.block.sequential:
                self.instance(index + 1)

        wait = self.wait("complete", self.block.name, complete, counter=index + 1)

    def answer(self, index: int, values: Mapping[str, Any]) -> None:
        variables = self.variables
        if self.block.keeps:
            variables[f"{self.block.name}out"][index] = {"item": index + 1, **values}
        else:
            variables.update(values)


class AgainPart(Part):
    block: Again

    def begin(self) -> None:
        self.visit(self.block.name)
        if self.block.first and not self.goes_on(0):
            self.finish()
            return
        self.watch()
        self.instance(1)

    def goes_on(self, done: int) -> bool:
        return done < self.block.most and bool(self.variables[self.block.reads] == 1)

    def instance(self, counter: int) -> None:
        def complete(values: Any, error: str | None) -> None:
            self.forget(wait)
            self.variables.update(values)
            if self.goes_on(counter):
                self.instance(counter + 1)
            else:
                self.finish()

        wait = self.wait("complete", self.block.name, complete, counter=counter)


class SignalPart(Part):
    done = 0

    def begin(self) -> None:
        name = self.block.name
        self.visit(f"{name}a", f"{name}w")

        def come(value: Any, error: str | None) -> None:
            self.forget(wait)
            self.task(f"{name}u", self.branch_done)

        wait = self.wait("deliver", f"{name}w", come, signal=name)
        self.task(f"{name}t", self.throw_it)

    def throw_it(self) -> None:
        self.visit(f"{self.block.name}k")
        self.game.throw_signal(self.block.name)
        self.branch_done()

    def branch_done(self) -> None:
        self.done += 1
        if self.done == 2:
            self.visit(f"{self.block.name}b")
            self.finish()


class RacePart(Part):
    block: Race

    def begin(self) -> None:
        name = self.block.name
        self.visit(name)
        for i, (event, part) in enumerate(zip(self.block.events, self.block.parts, strict=True)):
            self._listen_for(f"{name}h{i}", event, part)

    def _listen_for(self, node: str, event: str, part: Block) -> None:
        def happen(value: Any, error: str | None) -> None:
            self.cancel()
            self.visit(node)
            self.begin_inside(part)

        self.wait(VERBS[event], node, happen)

    def over(self, part: Part) -> None:
        self.visit(f"{self.block.name}x")
        self.finish()


KINDS: Mapping[type[Block], type[Part]] = {
    Task: TaskPart,
    Script: ScriptPart,
    Service: ServicePart,
    Catch: CatchPart,
    Multi: MultiPart,
    Seq: SeqPart,
    Choice: ChoicePart,
    Every: GatewayPart,
    Some: SomePart,
    Loop: LoopPart,
    Sub: SubPart,
    Each: EachPart,
    Call: CallPart,
    Again: AgainPart,
    Signal: SignalPart,
    Race: RacePart,
}


def begin(tree: Block, variables: Mapping[str, Any]) -> Game:
    game = Game(dict(variables), KINDS)
    Whole(game, tree).begin()
    game.settle()
    return game
