"""The page 字段: every variable, what each form does with it, and where it is read."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from tongxin.web import pages
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _
from tongxin.workspace import desk, drafts, field_matrix, form_editing
from tongxin.workspace.drafts import Work
from tongxin.workspace.owners import MyWork, Owner, seen

router = APIRouter(route_class=Committing)
_NOTHING: Mapping[tuple[str, str], str] = {}


@router.get("/workspace/{key}/fields")
def show_fields(request: Request, session: Transaction, me: Owner, work: MyWork, start: int = 0) -> Response:
    """The variables by the forms; `start`: of very many forms the first shown."""
    return _page(request, session, work, start)


@router.post("/workspace/{key}/fields")
def save_fields(request: Request, session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """Keep what the page says of every variable on every form it shows."""
    wanted, text = _wanted(work, posted), posted.get("start")
    start = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    try:
        files = field_matrix.apply(work.package, wanted)
        if files:
            drafts.write(session, work.key, files, me, seen(posted), anyway=posted.get("anyway") == "yes")
    except (form_editing.Unfit, form_editing.NotAForm, drafts.Unfit) as unfit:
        return _page(request, session, work, start, wanted=wanted, problem=str(unfit), status=422)
    except drafts.Outdated as outdated:
        return _page(request, session, work, start, wanted=wanted, outdated=_(str(outdated)), status=409)
    return pages.go(request, f"/workspace/{work.key}/fields" + (f"?start={start}" if start else ""))


def _wanted(work: Work, posted: Posted) -> dict[tuple[str, str], str]:
    asked = {}
    for form, _title in field_matrix.forms_of(work.package):
        for name in posted.fields:
            if name.startswith(f"{form}:"):
                asked[form, name.removeprefix(f"{form}:")] = posted.get(name)
    return asked


def _page(
    request: Request,
    session: Session,
    work: Work,
    start: int,
    *,
    wanted: Mapping[tuple[str, str], str] = _NOTHING,
    problem: str = "",
    outdated: str = "",
    status: int = 200,
) -> Response:
    context = {**desk.about(session, work), "problem": problem, "outdated": outdated, "wanted": wanted}
    try:
        forms = field_matrix.forms_of(work.package)
        many = max(1, field_matrix.MOST_CELLS // max(1, len(form_editing.variables(work.package))))
        start = start if 0 <= start < len(forms) else 0
        shown = forms[start : start + many]
        rows = field_matrix.rows(work.package, [name for name, _title in shown])
    except form_editing.NotAForm as broken:
        return pages.page(request, "workspace/fields.html", {**context, "broken": str(broken)}, status=status)
    context |= {
        "forms": shown,
        "rows": rows,
        "uses": {use: _(title) for use, title in field_matrix.USES.items()},
        "start": start,
        "before": max(0, start - many) if start else None,
        "after": start + many if start + many < len(forms) else None,
    }
    return pages.page(request, "workspace/fields.html", context, status=status)
