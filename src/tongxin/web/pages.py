"""Rendering: one Jinja environment, whole pages and the blocks htmx swaps, and what templates may use."""

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import segno
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from jinja2_fragments import render_block
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tongxin import clock
from tongxin.config import PROJECT
from tongxin.words import _

TEMPLATES = PROJECT / "web" / "templates"
STATIC = PROJECT / "web" / "static"
WEEKDAYS = "一二三四五六日"


@lru_cache(1)
def environment() -> Environment:
    """The one environment; templates are trusted, everything put into them is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": static, "_": _}
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
        "unseen": getattr(request.state, "unseen", 0),
    }
    env = environment()
    full = {**shared, **context}
    html = render_block(env, template, block, full) if block else env.get_template(template).render(full)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def qr(text: str) -> Response:
    """A QR code as a picture."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=2, light="#fff")
    return Response(out.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


def go(request: Request, path: str) -> Response:
    """After a change: on to `path`. htmx follows a plain redirect but would keep the old address."""
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": quote(path, safe="/?=&%#.")})
    return RedirectResponse(path, 303)


def is_htmx(request: Request) -> bool:
    """Whether htmx asks, so that a part of the page is enough."""
    return request.headers.get("hx-request") == "true"


@lru_cache(512)
def static(path: str) -> str:
    """The address of a static file, changing with its content so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?{digest}"


def when(moment: datetime | None) -> str:
    """11月22日 周日 15:30, with the year only when it is another one."""
    if moment is None:
        return ""
    local, now = moment.astimezone(clock.LOCAL), clock.now()
    year = f"{local.year}年" if local.year != now.year else ""
    return f"{year}{local.month}月{local.day}日 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"


def ago(moment: datetime) -> str:
    """刚刚, 5 分钟前, 2 小时前; from a day on the date."""
    passed = clock.now() - moment
    if passed < timedelta(minutes=1):
        return "刚刚"
    if passed < timedelta(hours=1):
        return f"{int(passed.total_seconds() // 60)} 分钟前"
    if passed < timedelta(days=1):
        return f"{int(passed.total_seconds() // 3600)} 小时前"
    return when(moment)
