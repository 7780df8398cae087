"""What the engine says when it refuses a diagram, a key or an expression."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a diagram: where, what, and what to do about it (for people to read)."""

    severity: Literal["error", "warning"]
    element: str
    name: str
    message: str
    advice: str


class Refused(Exception):
    """The diagram cannot be executed; the findings say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{f.element}: {f.message}" for f in findings if f.severity == "error"))
        self.findings = findings


class NotReady(Exception):
    """Nothing that waits has this key: it was done, withdrawn, or never existed."""

    def __init__(self, key: int) -> None:
        super().__init__(f"nothing waits under key {key}")
        self.key = key


class Failed(Exception):
    """An expression or script failed while stepping; the case is as it was before."""

    def __init__(self, element: str, message: str) -> None:
        super().__init__(f"{element}: {message}")
        self.element = element
        self.message = message


class CannotMove(Exception):
    """A token cannot be taken from there or put there; the message says why (for people)."""
