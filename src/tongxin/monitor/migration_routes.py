"""The page on which all the open cases of a version go over to another, each by a job of its own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tongxin import jobs
from tongxin.cases import by_hand
from tongxin.jobs import Job
from tongxin.monitor import queries, version_pages
from tongxin.monitor.reach import Administrator
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.procedures.models import DefinitionRow
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)


def _version(definition_id: int, session: Transaction, reach: Administrator) -> Definition:
    """A published version; else 404. Of its cases only those of the administrator's units are told."""
    row = session.get(DefinitionRow, definition_id) if 0 < definition_id < 2**62 else None
    if row is None or row.source == "trial":
        raise NotFound(NotFound.__doc__)
    return catalogue.by_id(session, definition_id)


Version = Annotated[Definition, Depends(_version)]


@router.get("/monitor/versions/{definition_id}/migration")
def show_migration(
    request: Request, session: Transaction, reach: Administrator, version: Version, to: int = 0, started: int = 0
) -> Response:
    """A dry run over the version's open cases."""
    mapping = version_pages.mapping_of(dict(request.query_params))
    target = version_pages.target(session, version, to)
    context = version_pages.all_cases(session, reach, version, target, mapping, started=min(max(started, 0), 10**6))
    return pages.page(request, "monitor/migration.html", context)


@router.post("/monitor/versions/{definition_id}/migration")
def migrate_all(
    request: Request, session: Transaction, reach: Administrator, version: Version, posted: PostedForm
) -> Response:
    """Set those going that can."""
    given = posted.get("to")
    target = version_pages.target(
        session, version, int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    )
    mapping = version_pages.mapping_of({name: posted.get(name) for name in posted.fields})
    if target is None or target.id == version.id:
        raise NotFound(NotFound.__doc__)
    reason = posted.get("reason")
    try:
        text = by_hand.given(reason)
    except by_hand.ReasonMissing as missing:
        context = version_pages.all_cases(
            session, reach, version, target, mapping, reason=reason, reason_error=_(str(missing))
        )
        return pages.page(request, "monitor/migration.html", context, status=422)
    trial = version_pages.try_all(session, reach, version, target, mapping, queries.migrating(session, target.id or 0))
    args = {
        "from_id": version.id,
        "definition_id": target.id,
        "mapping": trial.mapping,
        "reason": text,
        "by": reach.person.id,
    }
    jobs.defer(session, [Job("migrate_case", {"case_id": case.id, **args}) for case in trial.can])
    return pages.go(request, f"/monitor/versions/{version.id}/migration?to={target.version}&started={len(trial.can)}")
