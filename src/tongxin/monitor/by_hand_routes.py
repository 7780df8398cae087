"""Pages that change a running case by hand: move what waits, another version, correct what it knows."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tongxin import clock, forms
from tongxin.cases import access, by_hand, case_page, correcting, held, lifecycle, migrating, moving, queries, stopping
from tongxin.cases.held import Held
from tongxin.monitor import clock_pages, data_pages, move_pages, version_pages
from tongxin.monitor.reach import Administrator, Reach
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import N_, _, retold

router = APIRouter(route_class=Committing)
CORRECTED = N_("这件事刚才有了变化。您填的都还在，请对照上面现在的内容再看一遍。")
CHANGED = N_("这件事刚才有了变化，请再看一遍下面的结果。")


def _case_to_read(case_id: int, session: Transaction, reach: Administrator) -> Held:
    """A case of this administrator's units, not locked; else 404."""
    case = queries.case_by_id(session, case_id) if 0 < case_id < 2**62 else None
    return _theirs(reach, case_page.unlocked(session, case, clock.now()) if case else None)


CaseToRead = Annotated[Held, Depends(_case_to_read)]


def _case(case_id: int, session: Transaction, reach: Administrator) -> Held:
    """The same, locked."""
    return _theirs(reach, held.by_case(session, case_id, clock.now()) if 0 < case_id < 2**62 else None)


LockedCase = Annotated[Held, Depends(_case)]
Numbers = Annotated[list[int], Query(default_factory=list)]
Names = Annotated[list[str], Query(default_factory=list)]


def _theirs(reach: Reach, found: Held | None) -> Held:
    if found is None or not access.may_mend(reach.person, found.area.path):
        raise NotFound(NotFound.__doc__)
    return found


@router.get("/monitor/cases/{case_id}/move")
def show_move(
    request: Request, session: Transaction, reach: Administrator, case: CaseToRead, key: Numbers, to: str = ""
) -> Response:
    """What waits, where it could go, and what that would do."""
    if case.case.status != "open":
        return pages.go(request, f"/cases/{case.case.id}")
    return pages.page(request, "monitor/move.html", move_pages.move(session, reach, case, key, to))


@router.post("/monitor/cases/{case_id}/move")
def move_case(
    request: Request, session: Transaction, reach: Administrator, case: LockedCase, posted: PostedForm
) -> Response:
    """Move what waits."""
    keys, to, reason = _numbers(posted, "key"), posted.get("to"), posted.get("reason")[: by_hand.LONGEST_REASON]

    def again(status: int, **why: str) -> Response:
        context = move_pages.move(session, reach, case, keys, to, reason=reason, **why)
        return pages.page(request, "monitor/move.html", context, status=status)

    if _has_changed(case, posted):
        return again(409, error=_(CHANGED))
    try:
        moving.move_case(session, case, keys, to, reason, reach.person.actor, in_vain=bool(posted.get("in_vain")))
    except by_hand.ReasonMissing as missing:
        return again(422, reason_error=_(str(missing)))
    except moving.SecondLook:
        return again(422, error=_("请先勾选“我看过了”，再移动。"))
    except by_hand.Refused:  # the preview on the page says why
        return again(422)
    return pages.go(request, f"/cases/{case.case.id}")


@router.get("/monitor/cases/{case_id}/version")
def show_version(
    request: Request, session: Transaction, reach: Administrator, case: CaseToRead, to: int = 0
) -> Response:
    """What another version would mean for the case."""
    if case.case.status != "open":
        return pages.go(request, f"/cases/{case.case.id}")
    target = version_pages.target(session, case.definition, to)
    mapping = version_pages.mapping_of(dict(request.query_params))
    context = version_pages.version(session, reach, case, target, mapping)
    return pages.page(request, "monitor/version.html", context)


@router.post("/monitor/cases/{case_id}/version")
def change_version(
    request: Request, session: Transaction, reach: Administrator, case: LockedCase, posted: PostedForm
) -> Response:
    """Let the case go over to another version."""
    target = version_pages.target(session, case.definition, next(iter(_numbers(posted, "to")), 0))
    mapping = version_pages.mapping_of({name: posted.get(name) for name in posted.fields})
    reason = posted.get("reason")[: by_hand.LONGEST_REASON]

    def again(status: int, **why: str) -> Response:
        context = version_pages.version(session, reach, case, target, mapping, reason=reason, **why)
        return pages.page(request, "monitor/version.html", context, status=status)

    if target is None:
        raise NotFound(NotFound.__doc__)
    if _has_changed(case, posted):
        return again(409, error=_(CHANGED))
    try:
        kept = {was: now for was, now in (mapping or {}).items() if now}
        migrating.migrate_case(session, case, target, kept, reason, reach.person.actor)
    except by_hand.ReasonMissing as missing:
        return again(422, reason_error=_(str(missing)))
    except by_hand.Refused:  # the preview on the page says why
        return again(422)
    return pages.go(request, f"/cases/{case.case.id}")


@router.get("/monitor/cases/{case_id}/data")
def show_data(request: Request, session: Transaction, reach: Administrator, case: CaseToRead, field: Names) -> Response:
    """What the case knows, and a form for what is to be corrected."""
    if case.case.status != "open":
        return pages.go(request, f"/cases/{case.case.id}")
    return pages.page(request, "monitor/data.html", data_pages.data(session, reach, case, field))


@router.post("/monitor/cases/{case_id}/data")
def correct_data(
    request: Request, session: Transaction, reach: Administrator, case: LockedCase, posted: PostedForm
) -> Response:
    """Correct what the case knows."""
    wanted, reason = posted.fields.get("field", []), posted.get("reason")[: by_hand.LONGEST_REASON]
    form = correcting.form_of(case.definition, wanted)
    typed = forms.parse(form, posted.without("csrf", "field", "reason", "shown", "seen"))
    submitted = data_pages.meant(session, reach, case, form, typed, shown=bool(posted.get("shown")))

    again = partial(
        data_pages.data, session, reach, case, wanted, typed=typed, reason=reason, shown=bool(posted.get("shown"))
    )
    if _has_changed(case, posted):  # what somebody else has corrected meanwhile is not taken back unawares
        return pages.page(request, "monitor/data.html", again(error=_(CORRECTED)), status=409)
    try:
        correcting.correct_case(session, case, submitted, reason, reach.person.actor)
        return pages.go(request, f"/cases/{case.case.id}")
    except lifecycle.InvalidValues as unfit:
        context = again(invalid=unfit.errors)
    except by_hand.ReasonMissing as missing:
        context = again(reason_error=_(str(missing)))
    except by_hand.Refused as refused:
        context = again(error=retold(str(refused)))
    return pages.page(request, "monitor/data.html", context, status=422)


@router.get("/monitor/cases/{case_id}/clocks")
def show_clocks(request: Request, session: Transaction, reach: Administrator, case: CaseToRead) -> Response:
    """What limits and timers there are, and a form that stops them all or starts them again."""
    if case.case.status != "open":
        return pages.go(request, f"/cases/{case.case.id}")
    return pages.page(request, "monitor/clocks.html", clock_pages.clocks(session, reach, case))


@router.post("/monitor/cases/{case_id}/clocks")
def change_clocks(
    request: Request, session: Transaction, reach: Administrator, case: LockedCase, posted: PostedForm
) -> Response:
    """Stop all clocks of the case (`stopped` is 1), or let them go on."""
    reason = posted.get("reason")[: by_hand.LONGEST_REASON]
    again = partial(clock_pages.clocks, session, reach, case, reason=reason)
    if _has_changed(case, posted):
        return pages.page(request, "monitor/clocks.html", again(error=_(CHANGED)), status=409)
    change = stopping.stop_clocks if posted.get("stopped") == "1" else stopping.start_clocks
    try:
        change(session, case, reason, reach.person.actor)
        return pages.go(request, f"/cases/{case.case.id}")
    except by_hand.ReasonMissing as missing:
        context = again(reason_error=_(str(missing)))
    except by_hand.Refused as refused:
        context = again(error=retold(str(refused)))
    return pages.page(request, "monitor/clocks.html", context, status=422)


@router.post("/monitor/cases/{case_id}/data/shown")
def show_sensitive(
    request: Request, session: Transaction, reach: Administrator, case: LockedCase, posted: PostedForm
) -> Response:
    """Show sensitive values whole, to be corrected; the history says who looked."""
    wanted = posted.fields.get("field", [])
    correcting.shown(session, case, wanted, reach.person.actor)
    return pages.page(request, "monitor/data.html", data_pages.data(session, reach, case, wanted, shown=True))


def _numbers(posted: Posted, name: str) -> list[int]:
    given = posted.fields.get(name, [])
    return [int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 10]


def _has_changed(case: Held, posted: Posted) -> bool:
    """Whether something has happened to the case since the page was made."""
    return posted.get("seen") != str(case.case.chain_length)
