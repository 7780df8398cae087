"""Decision tables: listed, added, changed row by row, tried, removed."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from tongxin import decisions
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _
from tongxin.workspace import checking, deciding, decision_pages, desk, diagrams, drafts, table_sent, tables
from tongxin.workspace.decision_editing import Fresh, added, changes, edited
from tongxin.workspace.drafts import Work
from tongxin.workspace.owners import MyWork, Owner, seen
from tongxin.workspace.sent import wants_json
from tongxin.workspace.tables import Table

router = APIRouter(route_class=Committing)


@router.get("/workspace/{key}/decisions")
def list_decisions(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """The procedure's decisions, who asks them, and a way to a new one."""
    return _list(request, session, work)


@router.post("/workspace/{key}/decisions")
def add_decision(request: Request, session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """A new table: on to its page; to the modeler its name and the variable that takes its answer."""
    wanted = Fresh(posted.get("title").strip(), posted.get("result").strip(), posted.get("type"))
    try:
        made, files = added(work.package, wanted)
        draft = drafts.write(session, work.key, files, me, seen(posted))
    except (table_sent.Unfit, drafts.Unfit, drafts.Outdated) as refused:
        if wants_json(request):
            return JSONResponse({"message": _(str(refused))}, 409)
        return _list(request, session, work, problem=_(str(refused)), typed=wanted, status=422)
    address = checking.address_of(work.key, made.file)
    if wants_json(request):
        told = {"decision": made.title, "result": made.result, "url": address}
        return JSONResponse({**told, "revision": draft.revision, "base": draft.based_on}, 201)
    return pages.go(request, address)


@router.get("/workspace/{key}/decisions/{name:path}")
def show_decision(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, decision: str = ""
) -> Response:
    """A document's table, with what is wrong in it, and a way to try it. `decision`: the id of one of several."""
    return _page(request, session, work, _file(work, name), decision)


@router.post("/workspace/{key}/decisions/{name:path}/removal")
def remove_decision(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, posted: PostedForm
) -> Response:
    """The document out of the draft, unless a step asks it."""
    file = _file(work, name)
    own = [one.name for one in deciding.asked(work.package) if one.file == file]
    questions = diagrams.questions(work.package)
    asking = [use for one in own for use in questions.get(one, [])]
    if asking:
        steps = _("、").join(one.title for one in asking)
        return _page(
            request, session, work, file, problem=_("还有步骤按它判断，不能删：{steps}。", steps=steps), status=409
        )
    try:
        drafts.write(session, work.key, {file: None}, me, seen(posted))
    except (drafts.Unfit, drafts.Outdated) as refused:
        return _page(request, session, work, file, problem=_(str(refused)), status=409)
    return pages.go(request, f"/workspace/{work.key}/decisions")


@router.post("/workspace/{key}/decisions/{name:path}")
def save_decision(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, posted: PostedForm
) -> Response:
    """Keep the table as filled in, with a row or column more, fewer or moved; or try it."""
    file, which, deed = _file(work, name), posted.get("decision"), posted.get("do", "save")
    mine: Table | None = None
    try:
        mine = edited(work.package, file, which, posted)
        files = changes(work.package, file, mine, deed, posted.get("add")) if mine else {}
        if files:
            drafts.write(session, work.key, files, me, seen(posted), anyway=posted.get("anyway") == "yes")
    except (table_sent.Unfit, tables.NotATable, drafts.Unfit) as unfit:
        return _page(request, session, work, file, which, mine=mine, problem=str(unfit), status=422)
    except drafts.Outdated as outdated:
        return _page(request, session, work, file, which, mine=mine, outdated=_(str(outdated)), status=409)
    if deed == "try":
        return _tried(request, session, drafts.work(session, work.key), file, which, posted)
    return pages.go(request, decision_pages.address(work.key, file, which, deed))


def _file(work: Work, name: str) -> str:
    path = name + deciding.ENDING
    if path not in work.package:
        raise NotFound(NotFound.__doc__)
    return path


def _tried(request: Request, session: Session, work: Work, file: str, which: str, posted: Posted) -> Response:
    model, _findings = deciding.model(work.package, file)
    name = decision_pages.name_of(work.package, file, which)
    typed = {one.removeprefix("try."): values[0] for one, values in posted.fields.items() if one.startswith("try.")}
    result: dict[str, Any] = {}
    try:
        result = deciding.try_out(work.package, model, name, typed) if model else {}
        problem = "" if model else _("表里还有错误，改好才能试。")
    except deciding.Unreadable as unreadable:
        problem = str(unreadable)
    except (decisions.Failed, decisions.NoSuchDecision) as failed:
        problem = _("算不出来：{why}", why=failed)
    tried = {"typed": typed, "result": result, "problem": problem}
    return _page(request, session, work, file, which, tried=tried, status=422 if problem else 200)


def _page(
    request: Request,
    session: Session,
    work: Work,
    file: str,
    which: str = "",
    *,
    mine: Table | None = None,
    tried: dict[str, Any] | None = None,
    problem: str = "",
    outdated: str = "",
    status: int = 200,
) -> Response:
    shown = decision_pages.table_page(work, file, which, mine)
    context = {**desk.about(session, work), **shown, "tried": tried, "problem": problem, "outdated": outdated}
    return pages.page(request, "workspace/decision.html", context, status=status)


def _list(
    request: Request, session: Session, work: Work, *, problem: str = "", typed: Fresh | None = None, status: int = 200
) -> Response:
    context = {**desk.about(session, work), **decision_pages.list_page(work), "problem": problem, "typed": typed}
    return pages.page(request, "workspace/decisions.html", context, status=status)
