"""Who may see and do what with a case. Whoever may not sees nothing: 404."""

from collections.abc import Sequence

from tongxin.cases.held import Held
from tongxin.cases.models import Case, Task
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition


def may_do(person: Person, held: Held) -> bool:
    """Whether a task is this person's to see: given to them, of one of their posts, or a resident's they may record."""
    task = held.task
    if task is None:
        return False
    if person.id in (task.assignee_id, task.closed_by):
        return True
    if task.role == REPORTER:
        return may_speak_for_resident(person, held.definition, held.area.nearest)
    return not task.named and person.holds(task.role, task.unit_id)


def may_speak_for_resident(person: Person, definition: Definition, path: str) -> bool:
    """Whether this person may enter what a resident says by phone: those who may report for residents there."""
    return person.answers_for(path, set(definition.file.start.by) - {REPORTER})


def may_withdraw(person: Person, definition: Definition, case: Case, path: str) -> bool:
    """Who presses the button of whoever reported: staff who speak for residents there, else who opened the case."""
    if REPORTER in definition.file.start.by:
        return may_speak_for_resident(person, definition, path)
    return case.opened_by == person.id


def may_start(person: Person, definition: Definition) -> bool:
    """Whether one of the person's posts may open this procedure somewhere."""
    return bool(person.roles & set(definition.file.start.by))


def may_start_anything(person: Person | None) -> bool:
    """Whether to offer opening at all, by what this process knows without asking; in doubt it does."""
    roles = catalogue.starting_roles()
    return person is None or roles is None or bool(person.roles & roles)


def may_start_near(person: Person, definition: Definition, path: str) -> bool:
    """Whether the person may open it somewhere around a path."""
    return person.answers_for(path, set(definition.file.start.by))


def may_start_at(person: Person, definition: Definition, place: Unit) -> bool:
    """Whether the person may open it for this place."""
    return person.answers_for(place.path, set(definition.file.start.by))


def may_see(person: Person, definition: Definition, unit_path: str, tasks: list[Task], case: Case) -> bool:
    """Cases of one's units by role, cases one opened, and cases one has or had a step of."""
    if may_mend(person, unit_path):
        return True
    if case.opened_by == person.id or person.answers_for(unit_path, definition.working_roles):
        return True
    return any(person.id in (task.assignee_id, task.closed_by) or _in_pool(person, task) for task in tasks)


def may_read_sensitive(
    person: Person, definition: Definition, unit_path: str, tasks: Sequence[Task], case: Case
) -> bool:
    """Who reads sensitive values whole: whoever has the case in hand, answers for it, or opened it."""
    if case.opened_by == person.id or person.answers_for(unit_path, definition.working_roles):
        return True
    waiting = [task for task in tasks if task.status == "open"]
    return any(person.id == task.assignee_id or (not task.assignee_id and _in_pool(person, task)) for task in waiting)


def may_mend(person: Person, unit_path: str) -> bool:
    """Who watches the cases of a unit, lets what is stuck be tried again, and hands tasks over."""
    return person.answers_for(unit_path, {"administrator"})


def may_publish(person: Person, definition: Definition, unit_path: str) -> bool:
    """Who decides what of a case becomes public: a working role of the procedure there."""
    return person.answers_for(unit_path, definition.working_roles)


def _in_pool(person: Person, task: Task) -> bool:
    return task.status == "open" and not task.named and person.holds(task.role, task.unit_id)
