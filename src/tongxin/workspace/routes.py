"""The workspace: procedures, the diagram of one, its draft, check and publication."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tongxin.people import directory
from tongxin.procedures import catalogue, package
from tongxin.procedures.definition import Refused
from tongxin.web import pages
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _
from tongxin.workspace import checking, desk, diagrams, drafts, modeler
from tongxin.workspace.drafts import Work
from tongxin.workspace.owners import MyWork, Owner, seen

router = APIRouter(route_class=Committing)


@router.get("/workspace")
def list_procedures(request: Request, session: Transaction, me: Owner) -> Response:
    """Every procedure, its version and whether somebody is changing it."""
    return pages.page(request, "workspace/index.html", desk.index(session))


@router.get("/workspace/{key}")
def show_procedure(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """The diagram, to be changed."""
    context = {**desk.about(session, work), "modeler": modeler.for_modeler(work, work.package)}
    return pages.page(request, "workspace/show.html", context)


@router.get("/workspace/{key}/process.bpmn")
def show_diagram(me: Owner, work: MyWork) -> Response:
    """The diagram as the draft has it."""
    return pages.xml(work.package.get(diagrams.MAIN, ""), "no-store")


@router.post("/workspace/{key}/draft")
def save_diagram(session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """Keep the diagram; 409 says who changed it meanwhile."""
    try:
        files = _sent(work, posted)
        draft = drafts.write(session, work.key, files, me, seen(posted), anyway=posted.get("anyway") == "yes")
    except drafts.Outdated as outdated:
        who = directory.names(session, [work.draft.changed_by] if work.draft else [])
        by = who.get(work.draft.changed_by, "") if work.draft else ""
        latest = {"who": by, "revision": work.revision, "base": work.base}
        return JSONResponse({"message": _(str(outdated)), **latest}, 409)
    except drafts.Unfit as unfit:
        return JSONResponse({"message": str(unfit)}, 422)
    return JSONResponse({"revision": draft.revision, "base": draft.based_on, "saved": f"{draft.changed_at:%H:%M}"})


@router.post("/workspace/{key}/copies")
def put_aside(session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """Keep somebody's diagram beside the draft."""
    try:
        drafts.keep_copy(session, work.key, _sent(work, posted), me)
    except drafts.Unfit as unfit:
        return JSONResponse({"message": str(unfit)}, 422)
    return JSONResponse({}, 201)


@router.get("/workspace/{key}/findings")
def check(me: Owner, work: MyWork) -> Response:
    """What the check finds in the draft."""
    found = checking.problems(work.key, work.package)
    return JSONResponse({"problems": [asdict(one) for one in found]})


@router.get("/workspace/{key}/publication")
def show_publication(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """What publishing would change."""
    return pages.page(request, "workspace/publication.html", desk.publication(session, work))


@router.post("/workspace/{key}/publication")
def publish(request: Request, session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """Publish the draft as the next version, or say what is in the way."""
    note, problem = posted.get("note"), ""
    try:
        row = drafts.publish(session, work.key, note, me, seen(posted).revision)
        return pages.go(request, f"/workspace/{work.key}/versions?published={row.version}")
    except drafts.Unfit as unfit:
        problem, status = str(unfit), 422
    except (drafts.Outdated, drafts.NothingToPublish, catalogue.Overtaken, Refused, package.Unreadable):
        status = 409  # the page, made anew, says which
    context = desk.publication(session, drafts.work(session, work.key), note, problem)
    return pages.page(request, "workspace/publication.html", {**context, "refused": status == 409}, status=status)


def _sent(work: Work, posted: Posted) -> dict[str, str]:
    """File and text of the diagram; raises Unfit when it did not come, is no text, or was never there."""
    path, known = posted.get("file", diagrams.MAIN), {*work.package, *(work.draft.written if work.draft else ())}
    files = posted.files.get("diagram", [])
    try:
        text = files[0].content.decode()
    except (IndexError, UnicodeDecodeError):
        raise drafts.Unfit(_("没有收到流程图，请再保存一次。")) from None
    if not path.endswith(".bpmn") or path not in known:
        raise drafts.Unfit(_("这个流程里没有这张图。"))
    return {path: text}
