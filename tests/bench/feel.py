"""Part of `make bench`: our FEEL and a large decision table beside other evaluators; each in its own dialect.

bkflow-feel and simpleeval are no dependencies: where they are not installed, their rows say so.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests.decisions import writing
from tongxin import decisions, feel
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
INPUTS = {"a": 7, "b": 3, "c": "any", "d": -1, "e": 999}
KNOWN = {**SCOPE, **INPUTS}
Evaluator = Callable[[Task], Callable[[], Any] | None]


def ours(task: Task) -> Callable[[], Any]:
    compiled = feel.compile(task.feel)
    return lambda: compiled.evaluate(KNOWN)


def ours_compiling(task: Task) -> Callable[[], Any]:
    def run() -> Any:
        expression._compiled.cache_clear()
        return feel.compile(task.feel).evaluate(KNOWN)

    return run


def bkflow(task: Task) -> Callable[[], Any] | None:
    parse = import_module("bkflow_feel.api").parse_expression
    return (lambda: parse(task.bkflow, KNOWN)) if task.bkflow else None


def simpleeval(task: Task) -> Callable[[], Any]:
    evaluator = import_module("simpleeval").EvalWithCompoundTypes(names=KNOWN)
    parsed = evaluator.parse(task.python)
    return lambda: evaluator.eval(task.python, previously_parsed=parsed)


def spiff(task: Task) -> Callable[[], Any]:
    environment = import_module("SpiffWorkflow.bpmn.script_engine.python_environment").TaskDataEnvironment()
    return lambda: environment.evaluate(task.python, dict(KNOWN), {})


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


RULES = 1_000


def table() -> Iterator[tuple[str, float | str]]:
    """Milliseconds for a table of 1,000 rules of five inputs of which the last matches, by each of the evaluators.

    Ours is a table; the others, who know none, are asked rule by rule.
    """
    rules = [f'>= 0 | <= {n + 9} | "any" | < {n + 1} | {n} -> {n}' for n in range(RULES)]
    parts = "".join(map(writing.data, INPUTS))
    logic = writing.table(list(INPUTS), ["x"], rules)
    model = decisions.compile(writing.document(parts + writing.decision("x", logic, inputs=" ".join(INPUTS))))
    yield "ours, as a decision table", _best(lambda: model.evaluate("x", INPUTS, None).value == RULES - 1, 10)
    plain = [f'a >= 0 and b <= {n + 9} and c = "any" and d < {n + 1} and e = {n}' for n in range(RULES)]
    python = [one.replace(" = ", " == ") for one in plain]
    for name, evaluator in EVALUATORS.items():
        try:
            asked = [evaluator(Task("", True, one, one, other)) for one, other in zip(plain, python, strict=True)]
        except ImportError:
            yield name, "not installed"
            continue
        runs = [one for one in asked if one is not None]
        yield name, _best(partial(_last_alone, runs), 1 if name == "bkflow-feel" else 3)


def _last_alone(runs: list[Callable[[], Any]]) -> bool:
    """Whether of all rules the last one matches, and no other."""
    return [at for at, run in enumerate(runs) if run() is True] == [RULES - 1]


def _best(run: Callable[[], bool], turns: int) -> float | str:
    """Milliseconds of the fastest turn."""
    best = float("inf")
    for _ in range(turns):
        started = time.perf_counter()
        if not run():
            return "wrong"
        best = min(best, time.perf_counter() - started)
    return round(best * 1e3, 2)


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
    logging.disable()  # of others, who log every refusal
    rows = dict(measured())
    titles = [task.title for task in TASKS]
    print(f"{'µs an evaluation':32}" + "".join(f"{title:>14}" for title in titles))
    for name, row in rows.items():
        cells = [row.get(title, "") for title in titles] if row else ["not installed"]
        print(f"{name:32}" + "".join(f"{cell:>14}" for cell in cells))
    large = dict(table())
    print(f"\n{'ms for 1,000 rules × 5 inputs':32}")
    for name, took in large.items():
        print(f"{name:32}{took:>14}")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as lines:
        lines.write(json.dumps({"feel": rows, "table": large}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
