"""One random process played by the engine beside the oracle."""

import random
from dataclasses import dataclass
from typing import Any

from tests.oracle import play
from tests.oracle.blocks import VARIABLES, Block
from tests.oracle.ours import Ours
from tests.oracle.parts import Game, Wait
from tests.oracle.tree import Grower

STEPS = 60
_LOOSE = 3  # tasks begun by one event that may come again and again


@dataclass(frozen=True, slots=True)
class Result:
    """How it went: steps played; what was wrong, if anything; the diagram."""

    seed: int
    steps: int
    wrong: str | None
    source: bytes


class Differs(Exception):
    """What the engine did is not what the oracle says."""


def plant(seed: int, *, plain: bool = False) -> tuple[random.Random, Block, dict[str, Any]]:
    """The same seed gives the same tree, variables and choices."""
    choose = random.Random(seed)
    tree = Grower(choose, plain=plain).tree()
    return choose, tree, {name: choose.randrange(3) for name in VARIABLES}


def meet(seed: int, *, plain: bool = False) -> Result:
    """Our engine and the oracle, from start to end or for a number of steps."""
    choose, tree, variables = plant(seed, plain=plain)
    case, steps, wrong = Ours(tree, variables), 0, None
    game = play.begin(tree, variables)
    try:
        case.start()
        _compare(game, case)
        while not game.ended and steps < STEPS:
            steps += 1
            wait, value, error = pick(choose, game)
            rank = [one for one in game.waits if _named(one) == _named(wait)].index(wait)
            game.happen(wait, value, error)
            case.happen(wait, value, error, rank)
            _compare(game, case)
    except Exception as broken:  # whatever it is, it is what we look for
        wrong = f"step {steps}: {type(broken).__name__}: {broken}"
    return Result(seed, steps, wrong, case.source)


def _named(wait: Wait) -> tuple[str, str, int]:
    return wait.verb, wait.node, wait.counter or 0


def _compare(game: Game, case: Ours) -> None:
    for name in ("waiting", "variables", "visited", "ended"):
        expected, found = getattr(game, name), getattr(case, name)
        if expected != found:
            raise Differs(f"{name}: expected {expected}, found {found}")


def pick(choose: random.Random, game: Game) -> tuple[Wait, Any, str | None]:
    """What happens next, with what it brings; an event on an edge less often than work that goes on."""
    waits = [wait for wait in game.waits if not _comes_too_often(game, wait)]
    work = [wait for wait in waits if not wait.edge]
    wait = choose.choice(work if work and choose.random() < 0.6 else waits)
    if wait.verb == "complete":
        return wait, {choose.choice(VARIABLES): choose.randrange(3)} if choose.random() < 0.7 else {}, None
    if wait.errors and choose.random() < 0.4:
        return wait, None, "E1"
    return wait, choose.randrange(3) if wait.value else None, None


def _comes_too_often(game: Game, wait: Wait) -> bool:
    return wait.edge and sum(one.node == f"{wait.node}t" for one in game.waits) >= _LOOSE
