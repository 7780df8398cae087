"""A case's events with the version of its procedure each happened in: later ones may have other steps and words."""

from collections.abc import Sequence

from sqlmodel import Session

from tongxin.events import Event
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition


def with_versions(session: Session, definition: Definition, events: Sequence[Event]) -> list[tuple[Event, Definition]]:
    """Events, oldest first in and newest first out; `definition` is the version the case follows now."""
    found = []
    for event in reversed(events):
        found.append((event, definition))
        if event.kind == "case_migrated" and event.details:
            definition = catalogue.by_id(session, event.details["definition"])
    return found
