"""Choosing the language: for everybody, signed in or not."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tongxin import words
from tongxin.people.routes import safe_path
from tongxin.web import pages
from tongxin.web.guards import require_same_origin
from tongxin.web.language import COOKIE as LANGUAGE
from tongxin.web.posted import PostedForm

router = APIRouter()


@router.post("/language")
def choose_language(request: Request, posted: PostedForm) -> Response:
    """Speak this language in this browser from now on."""
    require_same_origin(request)
    response = pages.go(request, safe_path(posted.get("next")))
    if posted.get("language") in words.LANGUAGES:
        secure = request.app.state.settings.secure_cookies
        year = int(timedelta(days=365).total_seconds())
        response.set_cookie(
            LANGUAGE, posted.get("language"), max_age=year, httponly=True, samesite="lax", secure=secure
        )
    return response
