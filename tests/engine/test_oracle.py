"""Random processes against an oracle that plays the process tree and knows nothing of tokens or SpiffWorkflow."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

SEEDS = 150
STEPS = 40
Diagram = Callable[..., bytes]


class Block:
    """A piece of a process; `draw` writes it as BPMN, `begin` plays it."""

    def __init__(self, kind: str, name: str, parts: list["Block"], variable: str) -> None:
        self.kind, self.name, self.parts, self.variable = kind, name, parts, variable


def grow(choose: random.Random, depth: int, count: Iterator[int]) -> Block:
    kinds = ["task"] if depth == 0 else ["task", "seq", "seq", "xor", "and", "or", "loop", "sub", "watched"]
    kind = choose.choice(kinds)
    size = {"task": 0, "loop": 1, "sub": 1, "watched": 1}.get(kind, choose.randint(2, 3))
    parts = [grow(choose, depth - 1, count) for _ in range(size)]
    return Block(kind, f"n{next(count)}", parts, f"v{choose.randrange(3)}")


def draw(block: Block) -> tuple[str, str, str]:
    """XML, and the nodes by which it is entered and left."""
    name = block.name
    drawn = [draw(part) for part in block.parts]
    inner = "".join(xml for xml, _, _ in drawn)
    match block.kind:
        case "task":
            return f'<userTask id="{name}"/>', name, name
        case "seq":
            flows = "".join(_flow(one[2], two[1]) for one, two in pairwise(drawn))
            return inner + flows, drawn[0][1], drawn[-1][2]
        case "and" | "xor" | "or":
            return _gateways(block, drawn)
        case "loop":
            again = f'<exclusiveGateway id="{name}a"/><exclusiveGateway id="{name}b" default="{name}b_{name}x"/>'
            leave = f'<exclusiveGateway id="{name}x"/>'
            flows = _flow(f"{name}a", drawn[0][1]) + _flow(drawn[0][2], f"{name}b") + _flow(f"{name}b", f"{name}x")
            return (
                inner + again + leave + flows + _flow(f"{name}b", f"{name}a", f"{block.variable} = 1"),
                f"{name}a",
                f"{name}x",
            )
    body = (
        f'<subProcess id="{name}"><startEvent id="{name}s"/>{inner}<endEvent id="{name}e"/>'
        f"{_flow(name + 's', drawn[0][1])}{_flow(drawn[0][2], name + 'e')}</subProcess>"
    )
    if block.kind == "sub":
        return body, name, name
    return body + _edge(name), name, f"{name}x"


def _edge(name: str) -> str:
    """`stop` interrupts and goes on behind the subprocess; `note` does not and opens a task of its own."""
    message = '<messageEventDefinition messageRef="m"/></boundaryEvent>'
    return (
        f'<boundaryEvent id="{name}stop" attachedToRef="{name}">{message}<exclusiveGateway id="{name}x"/>'
        f'<boundaryEvent id="{name}note" attachedToRef="{name}" cancelActivity="false">{message}'
        f'<userTask id="{name}t"/><endEvent id="{name}te"/>{_flow(name, name + "x")}{_flow(name + "stop", name + "x")}'
        f"{_flow(name + 'note', name + 't')}{_flow(name + 't', name + 'te')}"
    )


def _gateways(block: Block, drawn: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    kind = {"and": "parallelGateway", "xor": "exclusiveGateway", "or": "inclusiveGateway"}[block.kind]
    split, join = f"{block.name}a", f"{block.name}b"
    default = "" if block.kind == "and" else f' default="{split}_{drawn[-1][1]}"'
    xml = f'<{kind} id="{split}"{default}/><{kind} id="{join}"/>'
    for index, (inner, first, last) in enumerate(drawn):
        condition = "" if block.kind == "and" or index == len(drawn) - 1 else _condition(block, index)
        xml += inner + _flow(split, first, condition) + _flow(last, join)
    return xml, split, join


def _condition(block: Block, index: int) -> str:
    return f"{block.variable} = {index}" if block.kind == "xor" else f"{block.variable} >= {index + 1}"


def _flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition.replace('>', '&gt;')}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


class Play:
    """A block being played: done at once, or waiting in its parts. `loose` tasks belong to the scope around."""

    def __init__(self, block: Block, variables: dict[str, int], loose: list[str]) -> None:
        self.block, self.variables, self.loose = block, variables, loose
        self.own: list[str] = []  # loose tasks inside, when this is a subprocess
        self.at = 0
        self.live: list[Play] = []
        self._begin(self._chosen())

    def _chosen(self) -> list[Block]:
        block, value = self.block, self.variables[self.block.variable]
        match block.kind:
            case "task":
                return []
            case "xor":
                return [block.parts[min(value, len(block.parts) - 1)]]
            case "or":
                return [part for i, part in enumerate(block.parts[:-1]) if value >= i + 1] or block.parts[-1:]
            case "and":
                return block.parts
        return block.parts[:1]

    def _begin(self, parts: list[Block]) -> None:
        inner = self.own if self.block.kind in ("sub", "watched") else self.loose
        self.live = [Play(part, self.variables, inner) for part in parts]

    def open(self) -> list[str]:
        here = [self.block.name] if self.block.kind == "task" else []
        return here + self.own + [task for live in self.live for task in live.open()]

    def edges(self) -> list["Play"]:
        here = [self] if self.block.kind == "watched" else []
        return here + [edge for live in self.live for edge in live.edges()]

    def complete(self, task: str) -> bool:
        """True when this block is over. Only the part that holds the task moves."""
        if self.block.kind == "task":
            return True
        if task in self.own:
            self.own.remove(task)
        else:
            part = next(live for live in self.live if task in live.open())
            if part.complete(task):
                self.live.remove(part)
        return self.go_on()

    def go_on(self) -> bool:
        if self.live or self.own:
            return False
        if self.block.kind == "seq" and self.at + 1 < len(self.block.parts):
            self.at += 1
            self._begin([self.block.parts[self.at]])
            return False
        if self.block.kind == "loop" and self.variables[self.block.variable] == 1:
            self._begin(self.block.parts)
            return False
        return True

    def stop(self, edge: "Play") -> bool:
        """Interrupt a watched subprocess somewhere inside; True when this block is over by that."""
        if edge is self:
            return True
        part = next(live for live in self.live if edge in live.edges())
        if part.stop(edge):
            self.live.remove(part)
        return self.go_on()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_process_goes_as_the_oracle_says(seed: int, diagram: Diagram, player: Callable[..., Any]) -> None:
    choose = random.Random(seed)
    tree = Block("sub", "top", [grow(choose, 4, iter(range(10_000)))], "v0")
    variables = {f"v{i}": choose.randrange(3) for i in range(3)}
    oracle = Play(tree, dict(variables), [])
    xml, first, last = draw(tree.parts[0])
    body = f'<startEvent id="s"/>{xml}<endEvent id="e"/>{_flow("s", first)}{_flow(last, "e")}'
    case = player(diagram(body), variables)
    case.start()
    over = False
    for _ in range(STEPS):
        assert case.open == sorted(oracle.open())
        if over:
            break
        edges = [edge for edge in oracle.edges() if len(edge.own) + len(edge.loose) < 3]
        if edges and choose.random() < 0.25:
            over = _send(choose, choose.choice(edges), oracle, case)
        else:
            over = _complete(choose, oracle, case)
        assert (case.ended is not None) == over


def _complete(choose: random.Random, oracle: Play, case: Any) -> bool:
    task = choose.choice(sorted(oracle.open()))
    values = {f"v{choose.randrange(3)}": choose.randrange(3)}
    oracle.variables.update(values)
    case.complete(task, **values)
    return oracle.complete(task)


def _send(choose: random.Random, edge: Play, oracle: Play, case: Any) -> bool:
    if choose.random() < 0.5:
        case.deliver(f"{edge.block.name}note")
        edge.loose.append(f"{edge.block.name}t")
        return False
    case.deliver(f"{edge.block.name}stop")
    return oracle.stop(edge)
