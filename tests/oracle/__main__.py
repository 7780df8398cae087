"""`make oracle N=10000`: random processes over all cores. Says how many went wrong; 1 if any of ours did."""

import multiprocessing
import os
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from tests.oracle.beside import Beside, meet_stock
from tests.oracle.match import Result, meet

WRONG = Path("var") / "oracle"


def main(number: int) -> int:
    beside = max(1, number // 10)  # the library as shipped takes its time
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        results = pool.map(meet, range(number), chunksize=50)
        plain = pool.map(partial(meet, plain=True), range(beside), chunksize=50)
        shipped = pool.map(meet_stock, range(beside), chunksize=10)
    wrong = _say("ours", results) + _say("ours, what the library can parse too", plain)
    _say_shipped(shipped)
    return 1 if wrong else 0


def _say(name: str, results: list[Result]) -> int:
    wrong = [result for result in results if result.wrong]
    steps = sum(result.steps for result in results)
    print(f"{name}: {len(results):,} processes, {steps:,} steps, {len(wrong)} wrong")
    for result in wrong:
        print(f"  seed {result.seed}: {result.wrong}\n    {_keep(result)}")
    return len(wrong)


def _say_shipped(results: list[Beside]) -> None:
    wrong = [result for result in results if result.kind != "right"]
    flow = sum(result.flow for result in wrong)
    print(f"SpiffWorkflow as shipped: {len(results):,} processes, {len(wrong)} wrong ({flow} if tasks write nothing)")
    for kind, count in Counter(result.kind for result in wrong).most_common():
        example = next(result for result in wrong if result.kind == kind)
        print(f"  {kind}: {count}, as seed {example.seed}: {example.why}")


def _keep(result: Result) -> Path:
    """The diagram, to be looked at."""
    WRONG.mkdir(parents=True, exist_ok=True)
    path = WRONG / f"{result.seed}.bpmn"
    path.write_bytes(result.source)
    return path


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
