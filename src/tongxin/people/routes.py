"""Signing in and out, and a person's own page."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlmodel import Session, col

from tongxin import clock
from tongxin.people import accounts, identity
from tongxin.people.identity import Person
from tongxin.people.models import SignIn
from tongxin.people.signed_in import COOKIE, MaybePerson, SignedIn
from tongxin.web import pages
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import N_, _, role_title

router = APIRouter(route_class=Committing)


@router.get("/sign-in")
def show_sign_in(request: Request, person: MaybePerson, next: str = "") -> Response:
    """The sign-in form; who is signed in already goes on."""
    if person is not None:
        return pages.go(request, safe_path(next))
    return pages.page(request, "people/sign_in.html", {"next": next, "login": ""})


@router.post("/sign-in")
def sign_in(request: Request, session: Transaction, posted: PostedForm, _before: MaybePerson) -> Response:
    """Open a session."""
    return attempt(request, session, posted, {})[0]


def attempt(
    request: Request, session: Session, posted: Posted, carried: Mapping[str, Any]
) -> tuple[Response, Person | None]:
    """The answer to a try to sign in, and who has succeeded; after five wrong ones for a login, wait.

    An address may be wrong oftener, but signing in to one account does not make up for guessing at others.

    `carried` is for the sign-in page, should it be shown again.
    """
    now, login = clock.now(), posted.get("login").strip()[:100]
    mine = f"sign-in:{login}"
    keys = {mine: accounts.FREE_TRIES, f"sign-in-from:{client(request)}": accounts.FREE_TRIES_OF_AN_ADDRESS}
    again = {**carried, "next": posted.get("next"), "login": login}
    try:
        for key, free in keys.items():
            accounts.must_not_wait(session, key, now, free)
        account = accounts.verify(session, login, posted.get("password")[:1000], demo=request.app.state.settings.demo)
    except accounts.MustWait as wait:
        return pages.page(request, "people/sign_in.html", {**again, "wait_seconds": wait.seconds}, status=429), None
    except accounts.WrongCredentials as wrong:
        for key, free in keys.items():
            accounts.guessed_wrong(session, key, now, free)
        return pages.page(request, "people/sign_in.html", {**again, "error": _(str(wrong))}, status=422), None
    accounts.guessed_right(session, mine)
    own = posted.get("remember") == "yes"
    device = _device(request.headers.get("user-agent", ""))
    token = accounts.open_session(session, account, device=device, own_device=own, now=now)
    response = pages.go(request, safe_path(posted.get("next")))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.DEVICE_SESSION.total_seconds()) if own else None,
        httponly=True,
        samesite="lax",
        secure=request.app.state.settings.secure_cookies,
    )
    return response, identity.by_account(session, account.id, now)


@router.post("/sign-out")
def sign_out(request: Request, session: Transaction, me: SignedIn) -> Response:
    """Sign out on this device."""
    if me.session_hash:
        accounts.close_session(session, me.session_hash)
    return _goodbye(request)


@router.get("/me")
def show_me(request: Request, session: Transaction, me: SignedIn) -> Response:
    """One's posts, devices and password."""
    return pages.page(request, "people/me.html", _me(session, me))


@router.post("/me/sign-out-everywhere")
def sign_out_everywhere(request: Request, session: Transaction, me: SignedIn) -> Response:
    """Sign out on every device."""
    accounts.close_all_sessions(session, me.id)
    return _goodbye(request)


@router.post("/me/password")
def change_password(request: Request, session: Transaction, me: SignedIn, posted: PostedForm) -> Response:
    """Change one's own password."""
    new = posted.get("new")
    try:
        if new != posted.get("again"):
            raise accounts.AccountRefused(_("两次输入的新密码不一样，请重新输入。"))
        accounts.set_password(session, me.id, posted.get("current"), new)
    except accounts.AccountRefused as refused:
        context = _me(session, me) | {"password_errors": [_(str(refused))]}
        return pages.page(request, "people/me.html", context, status=422)
    return pages.page(request, "people/me.html", _me(session, me) | {"flash": _("密码已改好。")})


def safe_path(path: str) -> str:
    """A path of this site to go on to; anything else leads to the start."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path
    return path if fine else "/"


def client(request: Request) -> str:
    """Where a request comes from, for counting wrong guesses."""
    return request.client.host if request.client else "?"


def _me(session: Session, me: Person) -> dict[str, Any]:
    rows = session.scalars(
        select(SignIn).where(col(SignIn.account_id) == me.id, col(SignIn.expires_at) > clock.now())
    ).all()
    return {
        "posts": [{"role": role_title(post.role), "unit": post.unit_name} for post in me.posts],
        "sessions": [
            {
                "device": _(row.device or N_("未知设备")),
                "current": row.token_hash == me.session_hash,
                "seen_text": _("{time} 登录", time=pages.when(row.created_at)),
            }
            for row in rows
        ],
    }


def _goodbye(request: Request) -> Response:
    response = pages.go(request, "/sign-in")
    response.delete_cookie(COOKIE)
    return response


def _device(agent: str) -> str:
    """A browser's own words cut down to what its owner recognises."""
    systems = {
        "Android": N_("安卓手机"),
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": N_("Windows 电脑"),
        "Mac OS": N_("苹果电脑"),
    }
    return next(
        (words for mark, words in systems.items() if mark in agent), N_("电脑") if "Linux" in agent else N_("浏览器")
    )
