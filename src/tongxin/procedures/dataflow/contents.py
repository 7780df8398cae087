"""What the check of a package looks at, compiled."""

from collections.abc import Mapping
from dataclasses import dataclass

from tongxin import engine, feel, forms
from tongxin.forms import Form
from tongxin.procedures.package import ProcedureFile

CASE_FACTS = (
    "id",
    "code",
    "opened_at",
    "opened_by",
    "by_staff",
    "level",
    "reminders",
    "unit",
    "unit_name",
    "place_name",
)  # what `case` has


@dataclass(frozen=True, slots=True)
class Contents:
    """`expressions`: those of procedure.toml, by their keys. `asked`: the names each decision reads."""

    file: ProcedureFile
    process: engine.Process
    dictionary: forms.Dictionary
    forms: Mapping[str, Form]
    expressions: Mapping[str, feel.Expression]
    texts: Mapping[str, feel.Template]  # by path
    asked: Mapping[str, tuple[str, ...]]


def space_of(process: engine.Process, scope: tuple[str, ...]) -> str:
    """The call activity whose variables a step in this scope sees; "" for the case's own."""
    return next((one for one in reversed(scope) if process.nodes[one].kind == "callActivity"), "")
