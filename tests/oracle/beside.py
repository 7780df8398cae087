"""The library as shipped, beside us: trees of what it can parse, against the same oracle."""

from dataclasses import dataclass
from typing import Literal

from tests.oracle import play
from tests.oracle.dialects import Python
from tests.oracle.draw import draw
from tests.oracle.match import STEPS, pick, plant
from tests.oracle.parts import Game
from tests.oracle.stock import Stock

Kind = Literal["right", "refused", "exception", "wrong open tasks", "wrong end"]


@dataclass(frozen=True, slots=True)
class Beside:
    """How it went. `flow`: it goes wrong though tasks write nothing, so variables of branches are not the reason."""

    seed: int
    kind: Kind
    flow: bool
    why: str = ""


def meet_stock(seed: int) -> Beside:
    kind, why = _play(seed, writes=True)
    if kind == "right":
        return Beside(seed, kind, flow=False)
    return Beside(seed, kind, flow=_play(seed, writes=False)[0] != "right", why=why)


def _play(seed: int, *, writes: bool) -> tuple[Kind, str]:
    choose, tree, variables = plant(seed, plain=True)
    game = play.begin(tree, variables)
    try:
        case = Stock(draw(tree, Python()), variables)
    except Exception as error:  # whatever it is, it is what we look for
        return "refused", repr(error)[:200]
    for _ in range(STEPS):
        if kind := _compare(game, case):
            return kind, f"expected {_open(game)}, found {case.open}"
        if game.ended:
            break
        wait, values, _error = pick(choose, game)
        values = values if writes else {}
        game.happen(wait, values)
        try:
            case.complete(wait.node, values) if wait.verb == "complete" else case.deliver(f"m{wait.node}")
        except Exception as error:
            return "exception", repr(error)[:200]
    return "right", ""


def _open(game: Game) -> list[str]:
    return sorted(node for verb, node, _ in game.waiting if verb == "complete")


def _compare(game: Game, case: Stock) -> Kind | None:
    if _open(game) != case.open:
        return "wrong open tasks"
    return "wrong end" if case.over != (game.ended is not None) else None
