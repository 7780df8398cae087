"""Part of `make bench`: our FEEL beside other evaluators, where they are installed; each in its own dialect."""

import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tongxin import feel
from tongxin.feel import expression

RESULTS = Path("var") / "bench.jsonl"
SCOPE = {"fee": Decimal("12.50"), "times": 3, "level": "urgent", "age": 70, "items": [1, 2, 3], "name": "Li"}


class Task(NamedTuple):
    """One question; an evaluator's column is None if its language cannot ask it."""

    title: str
    answer: Any
    feel: str
    bkflow: str | None
    python: str


TASKS = [
    Task("arithmetic", Decimal("37.50"), "fee * times", "fee * times", "fee * times"),
    Task(
        "condition", True, 'fee * times > 30 and level = "urgent"', 'fee * times > 30 and level = "urgent"',
        'fee * times > 30 and level == "urgent"',
    ),
    Task("choice", "old", 'if age >= 60 then "old" else "other"', None, '"old" if age >= 60 else "other"'),
    Task("membership", True, "age in [60..80]", "age in [60..80]", "60 <= age <= 80"),
    Task("list", True, "list contains(items, 2)", "list contains(items, 2)", "2 in items"),
]  # fmt: skip
Evaluator = Callable[[Task], Callable[[], Any] | None]


def ours(task: Task) -> Callable[[], Any]:
    compiled = feel.compile(task.feel)
    return lambda: compiled.evaluate(SCOPE)


def ours_compiling(task: Task) -> Callable[[], Any]:
    def run() -> Any:
        expression._compiled.cache_clear()
        return feel.compile(task.feel).evaluate(SCOPE)

    return run


def bkflow(task: Task) -> Callable[[], Any] | None:
    parse = import_module("bkflow_feel.api").parse_expression
    return (lambda: parse(task.bkflow, SCOPE)) if task.bkflow else None


def simpleeval(task: Task) -> Callable[[], Any]:
    evaluator = import_module("simpleeval").EvalWithCompoundTypes(names=SCOPE)
    parsed = evaluator.parse(task.python)
    return lambda: evaluator.eval(task.python, previously_parsed=parsed)


def spiff(task: Task) -> Callable[[], Any]:
    environment = import_module("SpiffWorkflow.bpmn.script_engine.python_environment").TaskDataEnvironment()
    return lambda: environment.evaluate(task.python, dict(SCOPE), {})


EVALUATORS: dict[str, Evaluator] = {
    "ours, compiled once": ours,
    "ours, compiled each time": ours_compiling,
    "bkflow-feel": bkflow,
    "simpleeval, parsed once": simpleeval,
    "SpiffWorkflow (Python's eval)": spiff,
}


def measured() -> Iterator[tuple[str, dict[str, float | str]]]:
    """Microseconds of each question, or why there is no figure."""
    for name, evaluator in EVALUATORS.items():
        row: dict[str, float | str] = {}
        for task in TASKS:
            try:
                run = evaluator(task)
            except ImportError:
                break
            row[task.title] = "cannot" if run is None else _timed(run, task.answer)
        yield name, row


def _timed(run: Callable[[], Any], answer: Any) -> float | str:
    try:
        right = run() == answer
    except Exception as error:  # whatever another evaluator raises is its answer here
        return type(error).__name__
    if not right:
        return "wrong"
    best = float("inf")
    for _ in range(5):
        started, turns = time.perf_counter(), 0
        while time.perf_counter() - started < 0.04:
            for _turn in range(20):
                run()
            turns += 20
        best = min(best, (time.perf_counter() - started) / turns)
    return round(best * 1e6, 2)


def main() -> None:
    rows = dict(measured())
    titles = [task.title for task in TASKS]
    print(f"{'µs an evaluation':32}" + "".join(f"{title:>14}" for title in titles))
    for name, row in rows.items():
        cells = [row.get(title, "") for title in titles] if row else ["not installed"]
        print(f"{name:32}" + "".join(f"{cell:>14}" for cell in cells))
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as lines:
        lines.write(json.dumps({"feel": rows}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
