"""Which language a request speaks: the one its person has chosen."""

from starlette.types import ASGIApp, Receive, Scope, Send

from tongxin import words

COOKIE = "language"
_CHOICES = {f"{COOKIE}={one}".encode(): one for one in words.LANGUAGES}


class SpeakLanguage:
    """ASGI middleware: speaks the language of the cookie; to programs that of their Accept-Language.

    Browsers' Accept-Language is not asked: in offices it says what somebody once installed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set anew for every request and not set back: the page about an unexpected error is made further out."""
        words.speak(_language(scope) if scope["type"] == "http" else None)
        await self.app(scope, receive, send)


def _language(scope: Scope) -> str | None:
    accepted = None
    for name, value in scope["headers"]:
        if name == b"cookie":  # a browser, also where its pages call the API
            return next((_CHOICES[one] for one in value.replace(b" ", b"").split(b";") if one in _CHOICES), None)
        if name == b"accept-language":
            accepted = value[:2].lower().decode("latin-1")
    return accepted if accepted in words.LANGUAGES and scope["path"].startswith("/api/") else None
