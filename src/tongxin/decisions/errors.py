"""What is said when a decision model is refused, or a decision cannot be made."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a model: where, what, and what to do about it (for people to read)."""

    severity: Literal["error", "warning"]
    element: str
    name: str
    message: str
    advice: str


class Refused(Exception):
    """The model cannot be used; the findings say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{f.element}: {f.message}" for f in findings if f.severity == "error"))
        self.findings = findings


class NoSuchDecision(LookupError):
    """The model has no decision, decision service or business knowledge model of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no decision named {name!r}")
        self.name = name


class Failed(Exception):
    """The evaluation was stopped: it worked too long, built too much, or called itself without end."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
