"""A case's family as its page shows it."""

from collections import defaultdict
from typing import Any

from sqlmodel import Session

from tongxin.cases import access, queries, wording
from tongxin.cases.models import Case, Task
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.words import N_, _

KINDS = {
    "merged": (N_("并入"), N_("并进来的")),
    "child": (N_("派生自"), N_("派生的")),
    "referred": (N_("转自"), N_("转往")),
    "agenda": (N_("列入"), N_("议程")),
    "continues": (N_("接续"), N_("续办")),
    "about": (N_("关于"), N_("关于它的")),
}  # said of the tie's beginning, and of its other end


def rows(session: Session, me: Person, case: Case) -> list[dict[str, Any]]:
    """The case's family, what is open first. Of what somebody may not see only code, procedure, and whether it is over.

    Three statements, however many there are.
    """
    family = queries.family_of(session, case.id)
    told = queries.told_of(session, [other.id for _link, other, _path in family], me.id)
    tasks: dict[int, list[Task]] = defaultdict(list)
    for task in queries.tasks_of_cases(session, [other.id for _link, other, _path in family]):
        tasks[task.case_id].append(task)
    found = []
    for link, other, path in family:
        outward, inward = KINDS.get(link.kind, (N_("相关"), N_("相关")))
        definition = catalogue.by_id(session, other.definition_id)
        visible = other.id in told or access.may_see(me, definition, path, tasks[other.id], other)
        found.append(
            {
                "url": f"/cases/{other.id}" if visible else None,
                "kind_text": _(outward if link.from_id == case.id else inward),
                "title": other.title if visible else definition.file.title,
                "code": other.code,
                "closed": other.status == "closed",
                "colour": wording.colour(other.colour if visible and other.status == "open" else None),
            }
        )
    return found
