"""Reference models of the BPMN interchange group, read where they lie beside the project; they are never part of it.

`python -m tests.interchange` writes into docs/conformance.md what the publish check says of them, and how those that
are marked executable run.
"""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from tests.adapted import CHANGES, RUNS, adapt, unvisited
from tongxin import engine, words
from tongxin.config import PROJECT
from tongxin.engine import diagram

FOLDER = PROJECT.parent / "shared" / "bpmn-miwg"
MODELS = sorted(FOLDER.glob("*.bpmn"))
ABSENT = "the reference models are not beside the project"
DOCUMENT = PROJECT / "docs" / "conformance.md"
ADAPTED = (
    "Said in our dialect, those that are marked executable pass and run: random choices lead every run to its end. The "
    "nodes,\nflows, events and gateways stay as they are drawn; what is changed, and how often:"
)
BEGIN, END = "<!-- by python -m tests.interchange -->", "<!-- end -->"


def processes(source: bytes) -> Iterator[tuple[str, bool, bytes]]:
    """Each process: its id, whether it says it is executable, and the model with this process alone to be run."""
    for number, element in enumerate(diagram.children(diagram.parse(source), "process")):
        root = diagram.parse(source)
        for other, one in enumerate(diagram.children(root, "process")):
            one.set("isExecutable", str(number == other).lower())
        yield element.get("id"), element.get("isExecutable") == "true", etree.tostring(root)


def findings(source: bytes) -> tuple[engine.Finding, ...]:
    """What the publish check has against it; nothing, if it can run."""
    try:
        engine.compile(source)
    except engine.Refused as refused:
        return tuple(finding for finding in refused.findings if finding.severity == "error")
    return ()


def table() -> str:
    lines = ["| model | processes | marked executable | publish check |", "|---|---|---|---|"]
    for model in MODELS:
        each = list(processes(model.read_bytes()))
        marked = [(name, source) for name, executable, source in each if executable]
        said = "; ".join(f"`{name}`: {_verdict(source)}" for name, source in marked) or "nothing to run"
        lines.append(f"| {model.stem} | {len(each)} | {len(marked)} | {said} |")
    return "\n".join(lines)


def _verdict(source: bytes) -> str:
    found = Counter(finding.message for finding in findings(source))
    if not found:
        return "passes"
    return "refused: " + ", ".join(f"{what} ({count})" for what, count in sorted(found.items()))


def changes() -> str:
    """What is changed of the models that are to run, how often, and what came of it."""
    each = {name: adapt(source) for name, source in executable().items()}
    lines = [f"| change | {' | '.join(each)} |", "|---" * (len(each) + 1) + "|"]
    for change in CHANGES.values():
        lines.append(f"| {change} | {' | '.join(str(made[change]) for _source, made in each.values())} |")
    lines.append(f"| publish check, errors | {' | '.join(str(len(findings(source))) for source, _ in each.values())} |")
    played = [engine.compile(source) for source, _ in each.values()]
    lines.append(f"| nodes | {' | '.join(str(len(process.nodes)) for process in played)} |")
    lines.append(
        f"| nodes and flows never taken in {RUNS} runs | {' | '.join(str(len(unvisited(one))) for one in played)} |"
    )
    return "\n".join(lines)


def executable() -> dict[str, bytes]:
    """The models with a process that says it is executable; all of these are the only one of their model."""
    found = ((model.stem, model.read_bytes()) for model in MODELS)
    return {name: source for name, source in found if any(marked for _name, marked, _alone in processes(source))}


def generated() -> str:
    """The document with today's tables."""
    before, rest = DOCUMENT.read_text().split(BEGIN)
    with words.speaking("en"):
        return f"{before}{BEGIN}\n\n{table()}\n\n{ADAPTED}\n\n{changes()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    DOCUMENT.write_text(generated())
