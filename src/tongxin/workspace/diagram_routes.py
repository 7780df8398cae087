"""The other diagrams of a procedure's folder: what call activities call. Listed, added, opened, retitled, removed."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _
from tongxin.workspace import checking, desk, diagrams, drafts, modeler
from tongxin.workspace.drafts import Work
from tongxin.workspace.owners import MyWork, Owner, seen
from tongxin.workspace.sent import wants_json

router = APIRouter(route_class=Committing)


@router.get("/workspace/{key}/diagrams")
def list_diagrams(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """The procedure's diagrams, who calls them, and a way to a new one."""
    return _list(request, session, work)


@router.post("/workspace/{key}/diagrams")
def add_diagram(request: Request, session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """A new diagram: on to its page; to the modeler its name."""
    title = posted.get("title").strip()[: diagrams.LONGEST_TITLE]
    if not title:
        return _list(request, session, work, problem=_("请写这个流程的名称。"), status=422)
    name, text = diagrams.fresh(work.package, title)
    address = checking.address_of(work.key, diagrams.file_of(name))
    try:
        draft = drafts.write(session, work.key, {diagrams.file_of(name): text}, me, seen(posted))
    except (drafts.Unfit, drafts.Outdated) as refused:
        return _refused(request, session, work, _(str(refused)))
    if wants_json(request):
        made = {"name": name, "title": title, "url": address, "revision": draft.revision, "base": draft.based_on}
        return JSONResponse(made, 201)
    return pages.go(request, address)


@router.get("/workspace/{key}/diagrams/{name}")
def show_diagram(request: Request, session: Transaction, me: Owner, work: MyWork, name: str) -> Response:
    """One of them, to be changed."""
    _text(work, name)
    context = {**desk.about(session, work), "modeler": modeler.for_modeler(work, work.package, name)}
    return pages.page(request, "workspace/show.html", context)


@router.get("/workspace/{key}/diagrams/{name}/process.bpmn")
def show_source(me: Owner, work: MyWork, name: str) -> Response:
    """The diagram as the draft has it."""
    return pages.xml(_text(work, name), "no-store")


@router.post("/workspace/{key}/diagrams/{name}")
def retitle_diagram(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, posted: PostedForm
) -> Response:
    """Another title; calls say its name, which stays."""
    title, text = posted.get("title").strip()[: diagrams.LONGEST_TITLE], _text(work, name)
    if not title:
        return _list(request, session, work, problem=_("请写这个流程的名称。"), about=name, status=422)
    try:
        files = {diagrams.file_of(name): diagrams.retitled(text, title)}
        drafts.write(session, work.key, files, me, seen(posted))
    except (drafts.Unfit, drafts.Outdated) as refused:
        return _refused(request, session, work, _(str(refused)), name)
    return pages.go(request, f"/workspace/{work.key}/diagrams")


@router.post("/workspace/{key}/diagrams/{name}/removal")
def remove_diagram(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, posted: PostedForm
) -> Response:
    """Out of the draft, unless something calls it."""
    _text(work, name)
    calling = diagrams.calls(work.package).get(name, [])
    if calling:
        problem = _("还有步骤调用它，不能删：{steps}。", steps=_("、").join(one.title for one in calling))
        return _list(request, session, work, problem=problem, about=name, status=409)
    try:
        drafts.write(session, work.key, {diagrams.file_of(name): None}, me, seen(posted))
    except (drafts.Unfit, drafts.Outdated) as refused:
        return _refused(request, session, work, _(str(refused)), name)
    return pages.go(request, f"/workspace/{work.key}/diagrams")


def _text(work: Work, name: str) -> str:
    path = diagrams.file_of(name)
    if path == diagrams.MAIN or path not in work.package:
        raise NotFound(NotFound.__doc__)
    return work.package[path]


def _refused(request: Request, session: Session, work: Work, problem: str, about: str = "") -> Response:
    if wants_json(request):
        return JSONResponse({"message": problem}, 409)
    return _list(request, session, work, problem=problem, about=about, status=409)


def _list(
    request: Request, session: Session, work: Work, *, problem: str = "", about: str = "", status: int = 200
) -> Response:
    """`about`: the diagram the problem is with; else it is with the new one."""
    drawn = modeler.drawings(work.key, work.package)
    context = {**desk.about(session, work), "diagrams": drawn, "problem": problem, "problem_with": about}
    return pages.page(request, "workspace/diagrams.html", context, status=status)
