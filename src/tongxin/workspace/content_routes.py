"""What a procedure holds besides its diagram: forms, parameters, and every file as text."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from tongxin.engine import Finding
from tongxin.procedures import settings
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _, role_title, titled_roles
from tongxin.workspace import checking, conditions, desk, drafts, field_rules, form_editing, parameters
from tongxin.workspace.drafts import Work
from tongxin.workspace.form_editing import Edited
from tongxin.workspace.owners import MyWork, Owner, seen
from tongxin.workspace.sent import edited_form, wants_json

router = APIRouter(route_class=Committing)


@router.get("/workspace/{key}/forms")
def list_forms(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """The procedure's forms, and a way to a new one."""
    context = {**desk.about(session, work), "forms": desk.forms(work.package)}
    return pages.page(request, "workspace/forms.html", context)


@router.post("/workspace/{key}/forms")
def add_form(request: Request, session: Transaction, me: Owner, work: MyWork, posted: PostedForm) -> Response:
    """A new form: on to its page; to the modeler its name."""
    title = posted.get("title").strip()
    if not title:
        context = {**desk.about(session, work), "forms": desk.forms(work.package)}
        problem = _("请写表单的标题：这一步要人做什么。")
        return pages.page(request, "workspace/forms.html", {**context, "problem": problem}, status=422)
    name, text = form_editing.fresh(work.package, title)
    draft = drafts.write(session, work.key, {f"forms/{name}.json": text}, me, seen(posted))
    if wants_json(request):
        return JSONResponse({"name": name, "title": title, "revision": draft.revision, "base": draft.based_on}, 201)
    return pages.go(request, f"/workspace/{work.key}/forms/{name}")


@router.get("/workspace/{key}/forms/{name}")
def show_form(request: Request, session: Transaction, me: Owner, work: MyWork, name: str) -> Response:
    """A form's fields."""
    return _form_page(request, session, work, name)


@router.post("/workspace/{key}/forms/{name}")
def save_form(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, posted: PostedForm
) -> Response:
    """Keep the form as filled in, with a field more, fewer, or moved."""
    edited = edited_form(posted)
    try:
        files = form_editing.apply(work.package, name, edited)
        drafts.write(session, work.key, files, me, seen(posted), anyway=posted.get("anyway") == "yes")
    except (form_editing.Unfit, form_editing.NotAForm, drafts.Unfit) as unfit:
        places = getattr(unfit, "places", {})
        return _form_page(request, session, work, name, edited=edited, problem=str(unfit), places=places, status=422)
    except drafts.Outdated as outdated:
        return _form_page(request, session, work, name, edited=edited, outdated=_(str(outdated)), status=409)
    return pages.go(request, f"/workspace/{work.key}/forms/{name}")


@router.get("/workspace/{key}/parameters")
def show_parameters(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """Limits and thresholds."""
    return _parameter_page(request, session, work)


@router.post("/workspace/{key}/parameters/{name}")
def save_parameter(
    request: Request, session: Transaction, me: Owner, work: MyWork, name: str, posted: PostedForm
) -> Response:
    """Keep one parameter; the modeler asks for the same."""
    if name not in {one["name"] for one in _parameters(work)}:
        raise NotFound(NotFound.__doc__)
    value = parameters.value_typed(posted.get("unit"), posted.get("number"), posted.get("value"))
    try:
        written = parameters.change(work.package, name, value, posted.get("title").strip())
        draft = drafts.write(session, work.key, {"procedure.toml": written}, me, seen(posted))
    except (settings.UnfitValue, parameters.NotRewritable, drafts.Unfit, drafts.Outdated) as refused:
        return _refused_parameter(request, session, work, name, posted.fields, _(str(refused)))
    if wants_json(request):
        return JSONResponse({"revision": draft.revision, "base": draft.based_on, "saved": f"{draft.changed_at:%H:%M}"})
    return pages.go(request, f"/workspace/{work.key}/parameters#{name}")


@router.get("/workspace/{key}/files")
def list_files(request: Request, session: Transaction, me: Owner, work: MyWork) -> Response:
    """Every file, for those who read them."""
    return pages.page(request, "workspace/files.html", {**desk.about(session, work), "files": sorted(work.package)})


@router.get("/workspace/{key}/files/{path:path}")
def show_file(request: Request, session: Transaction, me: Owner, work: MyWork, path: str) -> Response:
    """One file as text, with what the check finds in it."""
    return _file_page(request, session, work, path)


@router.post("/workspace/{key}/files/{path:path}")
def save_file(
    request: Request, session: Transaction, me: Owner, work: MyWork, path: str, posted: PostedForm
) -> Response:
    """Keep the file as written, right or not: the page says what is wrong."""
    if path not in work.package:
        raise NotFound(NotFound.__doc__)
    text = posted.get("text").replace("\r\n", "\n")
    try:
        drafts.write(session, work.key, {path: text}, me, seen(posted), anyway=posted.get("anyway") == "yes")
    except drafts.Unfit as unfit:
        return _file_page(request, session, work, path, text=text, problem=str(unfit), status=422)
    except drafts.Outdated as outdated:
        return _file_page(request, session, work, path, text=text, outdated=_(str(outdated)), status=409)
    return pages.go(request, f"/workspace/{work.key}/files/{path}")


def _form_page(
    request: Request,
    session: Session,
    work: Work,
    name: str,
    *,
    edited: Edited | None = None,
    problem: str = "",
    places: Mapping[tuple[str, str], str] = MappingProxyType({}),
    outdated: str = "",
    status: int = 200,
) -> Response:
    path = f"forms/{name}.json"
    if path not in work.package:
        raise NotFound(NotFound.__doc__)
    context = {**desk.about(session, work), "name": name, "file": path, "problem": problem, "outdated": outdated}
    try:
        content, rows = form_editing.read(work.package, name), form_editing.rows(work.package, name)
        unused = form_editing.unused(work.package, name)
    except form_editing.NotAForm as broken:
        return pages.page(
            request, "workspace/form.html", {**context, "broken": str(broken), "form_title": name}, status=status
        )
    context |= {
        "form_title": str(content.get("title", name)),
        "submit": str(content.get("x-submit", "")),
        "rows": rows,
        "unused": unused,
        "edited": edited,
        "wrong": places,
        "findings": [] if edited else _findings(work, path),
        "subjects": conditions.subjects(form_editing.variables(work.package)).values(),
        "comparisons": {one: _(title) for one, title in conditions.COMPARISONS.items()},
        "fills": {one: _(title) for one, title in field_rules.FILLS.items()},
        "kinds": {kind: _(title) for kind, (title, _schema) in form_editing.KINDS.items()},
        "roles": {role: role_title(role) for role in sorted(titled_roles())},
    }
    return pages.page(request, "workspace/form.html", context, status=status)


def _parameter_page(request: Request, session: Session, work: Work, *, status: int = 200, **typed: Any) -> Response:
    context = {**desk.about(session, work), "parameters": _parameters(work), "units": desk.units(), **typed}
    return pages.page(request, "workspace/parameters.html", context, status=status)


def _parameters(work: Work) -> list[dict[str, Any]]:
    file = desk.file_of(work.package)
    return desk.parameters(file) if file else []


def _refused_parameter(request: Request, session: Session, work: Work, name: str, typed: Any, problem: str) -> Response:
    if wants_json(request):
        return JSONResponse({"message": problem}, 422)
    values = {field: values[0] for field, values in typed.items()}
    return _parameter_page(request, session, work, status=422, typed={"name": name, **values}, problem=problem)


def _file_page(
    request: Request,
    session: Session,
    work: Work,
    path: str,
    *,
    text: str | None = None,
    problem: str = "",
    outdated: str = "",
    status: int = 200,
) -> Response:
    if path not in work.package:
        raise NotFound(NotFound.__doc__)
    context = {
        **desk.about(session, work),
        "file": path,
        "text": work.package[path] if text is None else text,
        "findings": _findings(work, path),
        "problem": problem,
        "outdated": outdated,
    }
    return pages.page(request, "workspace/file.html", context, status=status)


def _findings(work: Work, path: str) -> list[Finding]:
    return [one for one in checking.findings(work.package) if one.element == path]
