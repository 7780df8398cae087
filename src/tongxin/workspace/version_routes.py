"""Versions of a procedure and drafts put aside: looked at, made the draft again; the draft thrown away."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from tongxin.procedures.package import Package
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _
from tongxin.workspace import desk, diagrams, drafts, modeler, queries
from tongxin.workspace.drafts import Work
from tongxin.workspace.owners import MyWork, Owner

router = APIRouter(route_class=Committing)

MOST = 2**31


@router.get("/workspace/{key}/versions")
def list_versions(request: Request, session: Transaction, me: Owner, work: MyWork, published: str = "") -> Response:
    """Every version, who published it, and how many cases follow it."""
    said = _("已发布第 {version} 版。新的事按它办，正在办的照旧。", version=published) if published.isdecimal() else ""
    return pages.page(request, "workspace/versions.html", {**desk.versions(session, work), "flash": said})


@router.get("/workspace/{key}/{kind}/{number}")
def show_version(
    request: Request, session: Transaction, me: Owner, work: MyWork, kind: str, number: int, diagram: str = ""
) -> Response:
    """A version or a draft put aside, to be looked at; `diagram`: one that it calls."""
    package = _found(session, work, kind, number)
    if diagrams.file_of(diagram) not in package:
        raise NotFound(NotFound.__doc__)
    here = f"/workspace/{work.key}/{kind}/{number}"
    drawn = [
        {**one, "url": f"{here}?{urlencode({'diagram': one['name']})}" if one["name"] else here}
        for one in modeler.drawings(work.key, package)
    ]
    context = {
        **desk.about(session, work),
        "modeler": {**modeler.for_modeler(work, package, diagram), "diagrams": drawn, "read_only": True},
        "kind": kind,
        "number": number,
    }
    return pages.page(request, "workspace/version.html", context)


@router.get("/workspace/{key}/{kind}/{number}/process.bpmn")
def show_version_diagram(
    session: Transaction, me: Owner, work: MyWork, kind: str, number: int, diagram: str = ""
) -> Response:
    """Its diagram."""
    package = _found(session, work, kind, number)
    return pages.xml(package.get(diagrams.file_of(diagram), ""), "private, max-age=86400")


@router.post("/workspace/{key}/{kind}/{number}/restoration")
def restore(request: Request, session: Transaction, me: Owner, work: MyWork, kind: str, number: int) -> Response:
    """Make it the draft."""
    drafts.begin_with(session, work.key, _found(session, work, kind, number), me)
    return pages.go(request, f"/workspace/{work.key}")


@router.post("/workspace/{key}/draft/removal")
def throw_away(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """Throw the draft away; a copy stays."""
    drafts.throw_away(session, work.key)
    return pages.go(request, f"/workspace/{work.key}/versions#copies")


@router.post("/workspace/{key}/draft/base")
def rebase(request: Request, session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """Go on after the version that somebody published meanwhile."""
    wanted = posted.get("version")
    drafts.rebase(session, work.key, int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0)
    return pages.go(request, f"/workspace/{work.key}/publication")


def _found(session: Session, work: Work, kind: str, number: int) -> Package:
    row = None
    if kind in ("versions", "copies") and 0 < number < MOST:
        find = queries.version if kind == "versions" else queries.copy
        row = find(session, work.key, number)
    if row is None:
        raise NotFound(NotFound.__doc__)
    return row.package
