"""`make oracle N=10000`: random processes over all cores. Says how many went wrong; 1 if any did."""

import multiprocessing
import os
import sys
from pathlib import Path

from tests.oracle.match import Result, meet

WRONG = Path("var") / "oracle"


def main(number: int) -> int:
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        results = list(pool.imap_unordered(meet, range(number), chunksize=50))
    wrong = sorted((result for result in results if result.wrong), key=lambda result: result.seed)
    steps = sum(result.steps for result in results)
    print(f"ours: {len(results)} processes, {steps} steps, {len(wrong)} wrong")
    for result in wrong:
        print(f"  seed {result.seed}: {result.wrong}\n    {_keep(result)}")
    return 1 if wrong else 0


def _keep(result: Result) -> Path:
    """The diagram, to be looked at."""
    WRONG.mkdir(parents=True, exist_ok=True)
    path = WRONG / f"{result.seed}.bpmn"
    path.write_bytes(result.source)
    return path


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
