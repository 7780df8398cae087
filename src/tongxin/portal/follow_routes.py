"""Residents follow by code: to look, not to act."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from tongxin.cases import codes
from tongxin.portal import allowances, passes, progress
from tongxin.web import pages
from tongxin.web.guards import require_same_origin
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)


@router.get("/follow")
def show_follow(request: Request) -> Response:
    """Ask for the code."""
    return pages.page(request, "portal/follow.html", {})


@router.post("/follow")
def follow(request: Request, session: Transaction, posted: PostedForm) -> Response:
    """Look a code up; who gets too many wrong waits."""
    require_same_origin(request)
    return _by_code(request, session, posted.get("code")[:60], go=True)


@router.get("/follow/{code}")
def show_by_code(request: Request, session: Transaction, code: str) -> Response:
    """Progress by code: to look, not to act."""
    return _by_code(request, session, code[:60], go=False)


def _by_code(request: Request, session: Session, typed: str, *, go: bool) -> Response:
    """Counted as wrong beforehand, so that many at once are not free; a right one is given back."""
    asked = allowances.asked_by(request)
    try:
        with session.begin_nested():
            allowances.spend(session, allowances.WRONG_CODES, asked)
    except allowances.MustWait as wait:
        context = {"wait_seconds": wait.seconds, "code": typed}
        return pages.page(request, "portal/follow.html", context, status=429)
    case = passes.by_code(session, typed)
    if case is None:
        error = _("没有这个编号。请对照报事时的编号再输一遍。") if typed.strip() else _("请输入编号。")
        page = pages.page(request, "portal/follow.html", {"error": error, "code": typed}, status=422)
        return allowances.remember(request, page)
    allowances.give_back(session, allowances.WRONG_CODES, asked)
    if go:
        return pages.go(request, f"/follow/{codes.bare(case.code)}")
    return pages.page(request, "portal/progress.html", progress.show(session, case, token=None))
