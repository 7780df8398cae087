"""Rendering: one Jinja environment, whole pages and the blocks htmx swaps, and what templates may use."""

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import segno
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from jinja2_fragments import render_block
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tongxin import clock, words
from tongxin.config import PROJECT
from tongxin.web.posted import Posted
from tongxin.words import _

AGAIN = ":again"  # a form that only asks to be drawn anew
TEMPLATES = PROJECT / "web" / "templates"
STATIC = PROJECT / "web" / "static"


@lru_cache(1)
def environment() -> Environment:
    """The one environment; templates are trusted, everything put into them is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "static": static,
        "_": _said,
        "together": _together,
        "script_words": words.for_scripts,
        "languages": words.LANGUAGES,
    }
    made.filters |= {"when": when, "ago": ago, "iso": lambda moment: moment.isoformat()}
    return made


def page(
    request: Request, template: str, context: Mapping[str, Any], *, block: str | None = None, status: int = 200
) -> HTMLResponse:
    """A rendered page, or one of its blocks for htmx."""
    person = getattr(request.state, "person", None)
    shared = {
        "me": person,
        "csrf": (person.csrf if person else None) or "",
        "path": request.url.path,
        "here": here(request),
        "language": words.language(),
        "language_tag": words.TAGS[words.language()],
        "unseen": getattr(request.state, "unseen", 0),
    }
    env = environment()
    shared["wrong"] = status == 422 and AGAIN not in getattr(request.state, "posted", Posted()).fields
    full = {**shared, **context}
    html = render_block(env, template, block, full) if block else env.get_template(template).render(full)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def qr(text: str) -> Response:
    """A QR code as a picture."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=2, light="#fff")
    return Response(out.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


def xml(text: str, cache: str) -> Response:
    """A diagram as a file; `cache` is its Cache-Control."""
    return Response(text, media_type="application/xml", headers={"Cache-Control": cache})


def go(request: Request, path: str) -> Response:
    """After a change: on to `path`. htmx follows a plain redirect but would keep the old address."""
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": quote(path, safe="/?=&%#.")})
    return RedirectResponse(path, 303)


def here(request: Request) -> str:
    """The page to come back to: the one asked for, or the one whose form was sent."""
    if request.method == "GET" and not is_htmx(request):
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    sent_from = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
    if sent_from.netloc != request.headers.get("host"):
        return "/"
    return sent_from.path + (f"?{sent_from.query}" if sent_from.query else "")


def is_htmx(request: Request) -> bool:
    """Whether htmx asks, so that a part of the page is enough."""
    return request.headers.get("hx-request") == "true"


def _said(text: str, /, **values: object) -> Markup:
    """`_` for templates: the text and its values are escaped; a value that is markup stays so."""
    said = escape(words.unfilled(text, values.get("n")))
    return said.format(**values) if values else said


def _together(*sentences: str) -> Markup:
    """`words.together` for templates."""
    return Markup(words.together(*(str(escape(one)) for one in sentences)))


@lru_cache(512)
def static(path: str) -> str:
    """The address of a static file, changing with its content so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?{digest}"


def when(moment: datetime | None) -> str:
    """11月22日 周日 15:30, with the year only when it is another one."""
    if moment is None:
        return ""
    local = moment.astimezone(clock.LOCAL)
    day = words.dated(local, year=local.year != clock.now().year)
    return _("{day} {weekday} {time}", day=day, weekday=words.weekday(local), time=f"{local:%H:%M}")


def ago(moment: datetime) -> str:
    """刚刚, 5 分钟前, 2 小时前; from a day on the date."""
    passed = clock.now() - moment
    if passed < timedelta(minutes=1):
        return _("刚刚")
    if passed < timedelta(hours=1):
        return _("{n} 分钟前", n=int(passed.total_seconds() // 60))
    if passed < timedelta(days=1):
        return _("{n} 小时前", n=int(passed.total_seconds() // 3600))
    return when(moment)
