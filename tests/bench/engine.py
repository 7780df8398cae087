"""The engine's table: one cycle of a case, ours and the library as shipped by turns, and whether targets are met."""

import gc
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.cycles import Hundred, Ours, Side, Stock, chain, data, instances, loop, parallel_blocks
from tests.oracle.blocks import Block
from tongxin import clock

RESULTS = Path("var") / "bench.jsonl"
ROUNDS = 5
SLICE = 0.3  # seconds of each side in each round
PATIENCE = 30  # seconds: what takes longer is shown as such


@dataclass(frozen=True, slots=True)
class Cycle:
    """Milliseconds, and the bytes kept."""

    median: float
    p95: float
    bytes: int
    cycles: int

    @classmethod
    def of(cls, times: list[float], size: int) -> "Cycle":
        ordered = sorted(times)
        middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        return cls(middle * 1000, late * 1000, size, len(ordered))


@dataclass(frozen=True, slots=True)
class Row:
    """`stock` is None where the library does not come so far; `note` says why."""

    name: str
    ours: Cycle
    stock: Cycle | None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.stock.median / self.ours.median if self.stock else None


class TooLong(Exception):
    """It took longer than anyone waits."""


def main() -> None:
    """As the server runs it: few collections, and what was there at start-up is not looked at again."""
    gc.set_threshold(20_000, 20, 20)
    gc.freeze()
    rows = list(_rows())
    _print(rows)
    _collections()
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as results:
        for row in rows:
            line = {"at": clock.now().isoformat(), "what": f"engine: {row.name}", "ratio": row.ratio, **asdict(row)}
            results.write(json.dumps(line) + "\n")
    _verdicts({row.name: row for row in rows})


def _rows() -> Iterator[Row]:
    for nodes in (15, 60, 200):
        yield _both(f"{nodes} elements", chain(nodes))
    yield _both("1,000 elements", chain(1000))
    for number in (50, 1000):
        yield _both(f"multi-instance of {number:,}", instances(number), fresh_after=20)
    yield from _loops((10, 100, 1_000, 10_000))
    yield _both("nine parallel blocks", parallel_blocks(9))
    yield _both("60 elements, 20 kB of data", chain(60), given=data(20_000))
    yield _by_turns(
        "100 processes of 17",
        lambda: Hundred([Ours(chain(17)) for _ in range(100)]),
        lambda: Hundred([Stock(chain(17)) for _ in range(100)]),
    )


def _both(name: str, tree: Block, **more: Any) -> Row:
    return _by_turns(name, lambda: Ours(tree, **more), lambda: Stock(tree, **more))


def _by_turns(name: str, make_ours: Callable[[], Side], make_stock: Callable[[], Side]) -> Row:
    """By turns, so that a machine whose speed drifts slows both alike."""
    ours, our_times, times, note = make_ours(), [], [], ""
    shipped: Side | None = None
    try:
        with _limited():
            shipped = make_stock()
            times.append(shipped.cycle())
    except TooLong:
        shipped, note = None, f"not done within {PATIENCE} s"
    except Exception as error:  # how it dies is the figure
        shipped, note = None, f"{type(error).__name__}: {error}"[:80]
    ours.cycle()
    for _ in range(ROUNDS):
        our_times += _slice(ours)
        if shipped is not None:
            times += _slice(shipped)
    done = Cycle.of(times, shipped.size) if shipped else None
    return Row(name, Cycle.of(our_times, ours.size), done, note)


def _slice(side: Side) -> list[float]:
    end, times = time.perf_counter() + SLICE, []
    while not times or time.perf_counter() < end:
        times.append(side.cycle())
    return times


def _loops(iterations: tuple[int, ...]) -> Iterator[Row]:
    """A task in a loop, once it has gone round so often; the library goes on until it dies."""
    ours, shipped, gone, note = Ours(loop()), Stock(loop()), 0, ""
    for number in iterations:
        for _ in range(number - gone):
            ours.cycle()
        our_times = [ours.cycle() for _ in range(200)]
        times: list[float] = []
        note = note or _round(shipped, number)
        if not note:
            times = [shipped.cycle() for _ in range(10)]
        gone = number + 200
        done = Cycle.of(times, shipped.size) if times else None
        yield Row(f"loop, iteration {number:,}", Cycle.of(our_times, ours.size), done, note)


def _round(shipped: Stock, number: int) -> str:
    """On to that iteration; how it died, if it did."""
    while shipped.cycles < number:
        try:
            shipped.cycle()
        except Exception as error:
            return f"dead at iteration {shipped.cycles}: {type(error).__name__}"
        if shipped.over():
            return f"dead at iteration {shipped.cycles}: its task is lost"
    return ""


@contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _print(rows: list[Row]) -> None:
    print("\nOne cycle of a case: load, complete a task, run on, save. Ours and SpiffWorkflow as shipped by turns.\n")
    print(f"{'':28}{'median ms':>10}{'p95 ms':>9}{'bytes':>9}{'stock ms':>11}{'bytes':>11}{'ratio':>8}")
    for row in rows:
        ours, shipped = row.ours, row.stock
        line = f"{row.name:28}{ours.median:10.3f}{ours.p95:9.3f}{ours.bytes:9,}"
        if shipped is None:
            print(f"{line}  {row.note}")
        else:
            print(f"{line}{shipped.median:11.2f}{shipped.bytes:11,}{row.ratio:7.0f}×")


def _collections() -> None:
    """What freezing again, when definitions are loaded, would bring: the longest cycles, with and without."""
    sides = [Ours(chain(17)) for _ in range(100)]
    before = _late(sides)
    gc.collect()
    gc.freeze()
    after = _late(sides)
    print(
        f"\n100 definitions: p99.9 {before[0]:.3f} ms, longest {before[1]:.3f} ms; "
        f"frozen once they are loaded: {after[0]:.3f}, {after[1]:.3f}."
    )


def _late(sides: list[Ours]) -> tuple[float, float]:
    times = sorted(side.cycle() for _ in range(200) for side in sides)
    return times[int(len(times) * 0.999)] * 1000, times[-1] * 1000


def _verdicts(rows: dict[str, Row]) -> None:
    sixty = rows["60 elements"]
    ten, last = rows["loop, iteration 10"].ours.median, rows["loop, iteration 10,000"].ours.median
    fifty, thousand = rows["multi-instance of 50"].ours.median, rows["multi-instance of 1,000"].ours.median
    print("\nTargets:")
    _say("20 times the library at 60 elements", f"{sixty.ratio or 0:.0f}×", (sixty.ratio or 0) >= 20)
    _say("p95 below 0.5 ms at 60 elements", f"{sixty.ours.p95:.3f} ms", sixty.ours.p95 < 0.5)
    _say("a loop costs the same at any iteration (±25 %)", f"{last / ten:.2f} times", 0.75 < last / ten < 1.25)
    _say("20 times the instances cost at most 25 times", f"{thousand / fifty:.1f} times", thousand / fifty <= 25)
    _say("less than 4 kB at 60 elements", f"{sixty.ours.bytes:,} bytes", sixty.ours.bytes < 4_000)


def _say(target: str, figure: str, met: bool) -> None:
    print(f"  {target:50}{figure:>14}   {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
