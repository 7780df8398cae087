"""What a case's diagram shows: where it stands, and the way it has come."""

from collections.abc import Iterable

from tongxin.cases.held import calls_under_way
from tongxin.cases.models import Case, Task
from tongxin.procedures.definition import Definition


def standing_at(definition: Definition, case: Case, waiting: Iterable[Task], listening: Iterable[str]) -> list[str]:
    """Open tasks, calls under way, and events in the way that wait; `listening`: the nodes of all that wait."""
    standing = (
        {task.node for task in waiting} | set(in_the_way(definition, listening)) | calls_under_way(definition, case)
    )
    return sorted({drawn_at(node) for node in standing})


def in_the_way(definition: Definition, listening: Iterable[str]) -> list[str]:
    """Of the nodes that wait, those a token stands at: not on an edge, and no start of an event subprocess."""
    nodes = definition.process.nodes
    return [one for one in listening if nodes[one].attached_to is None and nodes[one].kind != "startEvent"]


def drawn_at(node: str) -> str:
    """Where the diagram shows it: what is in a called process, at the step that calls it."""
    return node.partition("/")[0]


def way_taken(definition: Definition, case: Case) -> list[str]:
    """What was visited, without the frames around it: a frame marked as a whole hides the way inside."""
    nodes = definition.process.nodes
    frames = {scope for node in nodes.values() for scope in node.scope if nodes[scope].calls is None}
    return [one for one in case.visited if one not in frames and one == drawn_at(one)]
