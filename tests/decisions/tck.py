"""Runs a folder of DMN TCK cases: passed and total by folder, every miss on request."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from tongxin import decisions
from tongxin.feel.frame import Budget
from tongxin.feel.literals import temporal_value
from tongxin.feel.logic import equal

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NUMBERS = {"decimal", "double", "integer", "int", "float", "long"}


class Case(NamedTuple):
    folder: str
    name: str
    missed: tuple[str, ...]  # what was expected and what was found, of each result that differs


def run(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        if not root.tag.endswith("}testCases"):
            continue
        where = str(path.parent.relative_to(folder)) if path.parent != folder else path.parent.name
        try:
            model = _model(path.parent / (root.findtext("{*}modelName") or path.name))
        except (decisions.Refused, OSError) as error:
            yield from (Case(where, str(case.get("id")), (str(error),)) for case in root.findall("{*}testCase"))
            continue
        for case in root.findall("{*}testCase"):
            yield Case(where, f"{path.stem}/{case.get('id')}", tuple(_misses(model, case)))


def _model(path: Path) -> decisions.Decisions:
    others = {other.name: other.read_bytes() for other in sorted(path.parent.glob("*.dmn")) if other != path}
    return decisions.compile(path.read_bytes(), imports=others, strict=False)


def _misses(model: decisions.Decisions, case: Any) -> Iterator[str]:
    inputs = {node.get("name"): value_of(node) for node in case.findall("{*}inputNode")}
    called = case.get("invocableName") if case.get("type") in {"decisionService", "bkm"} else None
    for result in case.findall("{*}resultNode"):
        name = result.get("name")
        expected = value_of(result.find("{*}expected"))
        try:
            found = model.evaluate(called or name, inputs, datetime.now(UTC)).value
        except decisions.Failed as error:
            found = None if result.get("errorResult") == "true" else error
        except decisions.NoSuchDecision as error:
            found = error
        if called and isinstance(found, dict) and name in found:
            found = found[name]
        if not agree(expected, found):
            yield f"{name} of {inputs}: expected {expected!r}, found {found!r}"


def value_of(node: Any) -> Any:
    if node is None or node.get(NIL) == "true":
        return None
    items = node.find("{*}list")
    if items is not None:
        return [value_of(item) for item in items.findall("{*}item")] if items.get(NIL) != "true" else None
    components = node.findall("{*}component")
    if components:
        return {component.get("name"): value_of(component) for component in components}
    plain = node.find("{*}value")
    return None if plain is None or plain.get(NIL) == "true" else _plain(plain)


def _plain(node: Any) -> Any:
    text, kind = node.text or "", (node.get(TYPE) or "string").rpartition(":")[2]
    if kind == "boolean":
        return text.strip() in {"true", "1"}
    if kind in NUMBERS:
        try:
            return Decimal(text.strip())
        except InvalidOperation:
            return text
    return temporal_value(text) if kind in {"date", "time", "dateTime", "duration"} else text


def agree(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(agree, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(agree(expected[key], found[key]) for key in expected)
    if isinstance(expected, Decimal) and isinstance(found, int | Decimal) and not isinstance(found, bool):
        return abs(expected - found) <= abs(expected) * Decimal("1e-8")
    if isinstance(expected, date) and isinstance(found, datetime) != isinstance(expected, datetime):
        return False
    return equal(expected, found, Budget()) is True


def main(folder: Path, verbose: bool) -> int:
    if not folder.is_dir():
        print(f"no folder {folder}: make tck CASES=FOLDER", file=sys.stderr)
        return 2
    total: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for case in run(folder):
        total[case.folder] += 1
        passed[case.folder] += not case.missed
        for miss in case.missed if verbose else ():
            print(f"  {case.folder} {case.name}: {miss}")
    for name, count in total.items():
        print(f"{passed[name]:5}/{count:<5} {name}")
    print(f"{passed.total()} passed, {total.total() - passed.total()} failed")
    return 0 if total else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "-v" in sys.argv[2:]))
