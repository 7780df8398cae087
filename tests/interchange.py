"""Reference models of the BPMN interchange group, read where they lie beside the project; they are never part of it.

`python -m tests.interchange` writes what the publish check says of them into docs/conformance.md.
"""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from tongxin import engine, words
from tongxin.config import PROJECT
from tongxin.engine.reading import diagram

FOLDER = PROJECT.parent / "shared" / "bpmn-miwg"
MODELS = sorted(FOLDER.glob("*.bpmn"))
ABSENT = "the reference models are not beside the project"
DOCUMENT = PROJECT / "docs" / "conformance.md"
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


def generated() -> str:
    """The document with today's table."""
    before, rest = DOCUMENT.read_text().split(BEGIN)
    with words.speaking("en"):
        return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    DOCUMENT.write_text(generated())
