"""Pages of the public board, and thanks for what stands on it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import text
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.portal import allowances, board, thanks
from tongxin.portal.board import Wanted
from tongxin.web import pages
from tongxin.web.guards import NotFound, require_same_origin
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)
COMMUNITY = "tongxin_community"
_IS_PUBLIC = text("SELECT board_result(:result)")


def community(session: Transaction, code: str) -> Unit:
    """The community with this code, or the one that a grid or building with this code is in; else 404."""
    unit = session.exec(select(Unit).where(col(Unit.code) == code[:24])).first()
    try:
        return directory.at_level(session, unit, "community") if unit is not None else _nowhere()
    except directory.NoSuchUnit:
        return _nowhere()


Community = Annotated[Unit, Depends(community)]


def wanted(kind: str = "", state: str = "", page: str = "1") -> Wanted:
    """What the address asks for; what it cannot mean is left out."""
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    states = {value: value for value, _name in board.STATES}
    return Wanted(kind[:60].replace("\0", ""), states.get(state, ""), min(max(number, 1), board.LAST_PAGE))  # type: ignore[arg-type]


Asked = Annotated[Wanted, Depends(wanted)]


@router.get("/board")
def choose_community(request: Request, session: Transaction, choose: str = "") -> Response:
    """Choose a community; who has chosen goes straight there, but by 换一个社区."""
    kept, groups = request.cookies.get(COMMUNITY, ""), board.communities(session)
    if not choose and kept in {unit.code for _above, units in groups for unit in units}:
        return pages.go(request, f"/board/{kept}")
    return pages.page(request, "portal/boards.html", {"groups": groups, "chosen": kept})


@router.get("/board/{code}")
def show_board(request: Request, session: Transaction, unit: Community, asked: Asked) -> Response:
    """A community's board."""
    response = pages.page(request, "portal/board.html", _context(request, session, unit, asked))
    thanks.keep(request, response, COMMUNITY, unit.code)
    return thanks.remember(request, response)


@router.post("/board/{code}/results/{result_id}/thanks")
def give_thanks(
    request: Request, session: Transaction, unit: Community, result_id: str, posted: PostedForm, asked: Asked
) -> Response:
    """Give thanks for a result."""
    require_same_origin(request)
    result, mark = _result(session, result_id), thanks.mark_of(thanks.device_of(request))
    given = mark(result)
    if given is None:
        said = _("浏览器没有记住这台设备，不能点赞。请允许本站使用 Cookie 后再点。")
        context = {**_context(request, session, unit, asked), "problem": said}
        return thanks.remember(request, pages.page(request, "portal/board.html", context, status=409))
    try:
        with session.begin_nested():
            thanks.give(session, result, given, allowances.asked_by(request))
    except allowances.MustWait as wait:
        context = {**_context(request, session, unit, asked), "problem": str(wait)}
        return pages.page(request, "portal/board.html", context, status=429)
    return _back(request, unit, asked, result)


@router.post("/board/{code}/results/{result_id}/thanks/removal")
def take_thanks_back(
    request: Request, session: Transaction, unit: Community, result_id: str, posted: PostedForm, asked: Asked
) -> Response:
    """Take one's thanks back."""
    require_same_origin(request)
    result = _result(session, result_id)
    mark = thanks.mark_of(thanks.device_of(request))(result)
    if mark is not None:
        thanks.take_back(session, result, mark)
    return _back(request, unit, asked, result)


def _context(request: Request, session: Session, unit: Unit, asked: Wanted) -> dict[str, object]:
    return board.show(session, unit, asked, thanks.mark_of(thanks.device_of(request)), clock.now())


def _result(session: Session, result_id: str) -> int:
    fits = result_id.isascii() and result_id.isdecimal() and len(result_id) < 19
    if not fits or not session.scalar(_IS_PUBLIC, {"result": int(result_id)}):
        raise NotFound(_("这条结果已经不在公示栏上了。"))
    return int(result_id)


def _back(request: Request, unit: Unit, asked: Wanted, result: int) -> Response:
    """To the very place on the page where the button was."""
    return pages.go(request, f"/board/{unit.code}{asked.query()}#result-{result}")


def _nowhere() -> Unit:
    raise NotFound(_("没有这个社区。请从列表里选。"))
