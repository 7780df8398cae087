"""The calendar of working days: seen, published, corrected. Only for administrators of the whole installation."""

from dataclasses import replace
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from tongxin import calendar, clock, workdays
from tongxin.calendar import notice
from tongxin.cases import recounting
from tongxin.monitor import calendar_pages
from tongxin.monitor.calendar_pages import FIRST, LAST, Typed
from tongxin.monitor.reach import OfEverything
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)
_WORKS = {"off": False, "work": True, "rule": None}


@router.get("/monitor/calendar")
def show_calendar(
    request: Request, session: Transaction, reach: OfEverything, year: int = 0, moved: int | None = None
) -> Response:
    """A year's days off; `moved`: cases whose limits are being counted anew."""
    flash = "" if moved is None else _("已保存。{n} 件事的期限正在重算。", n=moved) if moved else _("已保存。")
    return _page(request, session, reach, year or clock.now().year, Typed(), flash=flash)


@router.post("/monitor/calendar/{year}")
def publish_year(
    request: Request, session: Transaction, reach: OfEverything, year: int, posted: PostedForm
) -> Response:
    """Look at what a notice would change, or publish it."""
    _must_be_a_year(year)
    written = posted.get("notice")
    read = notice.read(written, year)
    if read.problems:
        told = tuple(
            _("第 {line} 行：{problem}", line=line, problem=said) if line else said for line, said in read.problems
        )
        return _page(request, session, reach, year, Typed(notice=written, problems={"notice": told}), status=422)
    if posted.get("do") != "publish":
        typed = Typed(notice=written, looked=read.year, elsewhere=read.elsewhere)
        return _page(request, session, reach, year, typed)
    is_new = year not in calendar.current().years
    differing = workdays.publish(session, read.year, reach.person.id, clock.now())
    if is_new:
        differing |= {date(year, 1, 1), date(year, 12, 31)}
    return _saved(request, session, year, differing)


@router.post("/monitor/calendar/{year}/day")
def correct_day(request: Request, session: Transaction, reach: OfEverything, year: int, posted: PostedForm) -> Response:
    """Look at what one day off, worked, or as its weekday says would change; or keep it."""
    _must_be_a_year(year)
    typed, day = _typed_day(posted, year)
    if typed.problems or day is None:
        return _page(request, session, reach, year, typed, status=422)
    works, by = _WORKS[typed.works], reach.person.id
    try:
        if posted.get("do") != "save":
            looked = workdays.with_day(session, day, works=works, name=typed.name)
            return _page(request, session, reach, year, replace(typed, looked=looked, of_a_day=True))
        differing = workdays.correct_day(session, day, works=works, name=typed.name, by=by, now=clock.now())
    except workdays.NotPublished:
        told = _("{year} 年还没有公布。请先公布这一年，再改其中的一天。", year=year)
        return _page(request, session, reach, year, replace(typed, problems={"day": (told,)}), status=422)
    return _saved(request, session, year, differing)


@router.post("/monitor/calendar/{year}/hours")
def keep_hours(request: Request, session: Transaction, reach: OfEverything, year: int, posted: PostedForm) -> Response:
    """The office hours of a working day, for limits counted from now on."""
    _must_be_a_year(year)
    written = posted.get("hours")
    try:
        spans = calendar.spans([one.split("-") for one in written.replace("–", "-").replace("：", ":").split()][:6])
    except ValueError as problem:
        typed = Typed(hours=written[:200], problems={"hours": (str(problem),)})
        return _page(request, session, reach, year, typed, status=422)
    workdays.keep_hours(session, spans, reach.person.id, clock.now())
    return pages.go(request, f"/monitor/calendar?year={year}&moved=0")


def _typed_day(posted: Posted, year: int) -> tuple[Typed, date | None]:
    problems: dict[str, tuple[str, ...]] = {}
    text, works, name = posted.get("day")[:20], posted.get("works"), posted.get("name").strip()[:40]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year != year:
        problems["day"] = (_("请选 {year} 年的一天。", year=year),)
    elif works not in _WORKS:
        problems["works"] = (_("请选这一天放假还是上班。"),)
    elif works == "off" and not name:
        problems["name"] = (_("请写放的是什么假。"),)
    elif works == "off" and not notice.keeps_name(name):
        problems["name"] = (_("名称里不要有冒号、逗号、括号，开头不要编号。"),)
    elif works == "work" and day.weekday() < 5:
        problems["works"] = (_("这一天不是周末，本来就上班；不再放假请选“按周末”。"),)
    return Typed(day=text, works=works, name=name, problems=problems), day


def _must_be_a_year(year: int) -> None:
    if not FIRST <= year <= LAST:
        raise NotFound(NotFound.__doc__)


def _saved(request: Request, session: Session, year: int, differing: set[date]) -> Response:
    moved = recounting.begin(session, min(differing), max(differing)) if differing else 0
    return pages.go(request, f"/monitor/calendar?year={year}&moved={moved}")


def _page(
    request: Request,
    session: Session,
    reach: OfEverything,
    year: int,
    typed: Typed,
    *,
    flash: str = "",
    status: int = 200,
) -> Response:
    _must_be_a_year(year)
    context = calendar_pages.year_page(session, reach, year, typed, flash)
    return pages.page(request, "monitor/calendar.html", context, status=status)
