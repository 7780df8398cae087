"""The library stays as shipped beside us: in one process it goes wrong where ours goes right."""

from tests.oracle import play
from tests.oracle.blocks import Block, Choice, Every, Seq, Task
from tests.oracle.dialects import Python
from tests.oracle.draw import draw
from tests.oracle.ours import Ours
from tests.oracle.stock import Stock

GIVEN = {"v0": 1, "v1": 0, "v2": 0}
BOTH = Every("both", (Task("one"), Task("two")))


def opened(tree: Block, completed: dict[str, int]) -> tuple[list[str], list[str], list[str]]:
    """What waits when tasks have written these (0: nothing): by the oracle, with us, in the library as shipped."""
    game, ours, stock = play.begin(tree, GIVEN), Ours(tree, GIVEN), Stock(draw(tree, Python()), GIVEN)
    ours.start()
    for node, value in completed.items():
        wait = next(wait for wait in game.waits if wait.node == node)
        values = {"v0": value} if value else {}
        game.happen(wait, values)
        ours.happen(wait, values)
        stock.complete(node, values)
    return [node for _, node, _ in game.waiting], [node for _, node, _ in ours.waiting], stock.open


def test_all_agree_on_a_join() -> None:
    tree = Seq("all", (BOTH, Task("after")))
    assert opened(tree, {"one": 0}) == (["two"], ["two"], ["two"])
    assert opened(tree, {"one": 0, "two": 0}) == (["after"], ["after"], ["after"])


def test_a_branch_that_wrote_nothing_takes_back_what_another_wrote_in_the_library_only() -> None:
    tree = Seq("all", (BOTH, Choice("by", (Task("zero"), Task("low"), Task("high")), reads="v0")))
    assert opened(tree, {"one": 2, "two": 0}) == (["high"], ["high"], ["low"])
