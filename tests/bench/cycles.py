"""One cycle of a case: load, complete a task, run on, save; by our engine, and by the library as shipped."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from tests.oracle import stock
from tests.oracle.blocks import Block, Choice, Every, Loop, Multi, Seq, Task
from tests.oracle.dialects import Feel, Python
from tests.oracle.draw import draw
from tongxin import engine

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
GIVEN = {"v0": 1, "v1": 0, "v2": 0}


class _ForEver(Feel):
    def again(self, block: Loop) -> str:
        return f"{block.reads} = 1"


class _PythonForEver(Python):
    def again(self, block: Loop) -> str:
        return f"{block.reads} == 1"


def chain(nodes: int) -> Block:
    """So many nodes in a row: tasks, and between them choices of two tasks."""
    parts: list[Block] = []
    left = nodes - 2  # start and end
    while left >= 5:
        number = len(parts)
        choice = Choice(f"c{number}", (Task(f"l{number}"), Task(f"r{number}")), reads="v0")
        parts += [Task(f"t{number}"), choice]
        left -= 5
    return Seq("all", (*parts, *(Task(f"u{number}") for number in range(left))))


def parallel_blocks(number: int) -> Block:
    return Seq("all", tuple(Every(f"b{i}", tuple(Task(f"b{i}t{j}") for j in range(3))) for i in range(number)))


def instances(number: int) -> Block:
    return Multi("many", size=number)


def loop() -> Block:
    return Loop("again", (Task("work"),), reads="v0")


class Side:
    """A case that is completed, a task at a time; begun anew when it is over, or has gone `fresh_after` cycles."""

    def __init__(self, given: Mapping[str, Any], fresh_after: int | None = None) -> None:
        self.given, self.fresh_after = given, fresh_after
        self.cycles = 0
        self.size = 0  # bytes kept, the most there were

    def begin(self) -> None:
        raise NotImplementedError

    def step(self) -> float:
        """One cycle; the seconds it took."""
        raise NotImplementedError

    def over(self) -> bool:
        raise NotImplementedError

    def cycle(self) -> float:
        if self.cycles == 0 or self.over() or self.cycles == self.fresh_after:
            self.begin()
            self.cycles = 0
        self.cycles += 1
        return self.step()


class Ours(Side):
    """Variables are read from JSON and written to it, as the platform keeps them, and count in the time and bytes."""

    def __init__(self, tree: Block, given: Mapping[str, Any] = GIVEN, fresh_after: int | None = None) -> None:
        super().__init__(given, fresh_after)
        self.process = engine.compile(draw(tree, _ForEver()), published=True)

    def begin(self) -> None:
        self.tasks: list[int] = []
        self._keep(engine.start(self.process, self.given, NOW, {}))

    def _keep(self, step: engine.Step) -> None:
        self.state, self.variables = step.state, msgspec.json.encode(step.variables)
        closed = {one.key for one in step.closed}
        self.tasks = [key for key in self.tasks if key not in closed] + [task.key for task in step.opened]

    def over(self) -> bool:
        return not self.tasks

    def step(self) -> float:
        key = self.tasks[0]
        began = time.perf_counter()
        variables = msgspec.json.decode(self.variables)
        step = engine.complete(self.process, self.state, variables, key, {"v1": 1}, NOW, {})
        self._keep(step)
        took = time.perf_counter() - began
        self.size = max(self.size, len(self.state) + len(self.variables))
        return took


class Stock(Side):
    """As shipped: the whole case, its specs included, as JSON."""

    def __init__(self, tree: Block, given: Mapping[str, Any] = GIVEN, fresh_after: int | None = None) -> None:
        super().__init__(given, fresh_after)
        self.specs = stock.parse(draw(tree, _PythonForEver()))

    def begin(self) -> None:
        workflow = stock.begin(self.specs, self.given)
        self._keep(workflow)

    def _keep(self, workflow: Any) -> None:
        self.text = stock.save(workflow)
        self.waits = bool(stock.ready(workflow))

    def over(self) -> bool:
        return not self.waits

    def step(self) -> float:
        began = time.perf_counter()
        workflow = stock.load(self.text)
        task = stock.ready(workflow)[0]
        task.data.update({"v1": 1})
        task.run()
        workflow.do_engine_steps()
        self._keep(workflow)
        took = time.perf_counter() - began
        self.size = max(self.size, len(self.text.encode()))
        return took


class Hundred(Side):
    """A hundred cases of a hundred definitions, by turns."""

    def __init__(self, sides: list[Side]) -> None:
        super().__init__({})
        self.sides = sides

    def cycle(self) -> float:
        side = self.sides[self.cycles % len(self.sides)]
        self.cycles += 1
        took = side.cycle()
        self.size = max(self.size, side.size)
        return took


def data(size: int) -> dict[str, Any]:
    """About so many bytes of JSON beside what conditions read."""
    lines = [{"what": f"item {i}", "amount": i, "note": "x" * 60} for i in range(size // 100)]
    text = json.dumps(lines)
    return {**GIVEN, "lines": lines, "rest": "x" * max(0, size - len(text))}
