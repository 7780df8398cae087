"""Refusals that every layer's routes share, and the check that a request comes from our own pages."""

from urllib.parse import urlsplit

from fastapi import Request

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class NotSignedIn(Exception):
    """请先登录。"""


class Forged(Exception):
    """这个请求不是从本站的页面发出的，没有执行。请回到页面刷新后再试。"""


class Forbidden(Exception):
    """您没有做这件事的岗位。"""


class NotFound(Exception):
    """没有找到。它可能不存在，也可能不归您办。"""


def require_same_origin(request: Request) -> None:
    """Raises Forged when a changing request says it comes from another site."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin") or request.headers.get("referer")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forged(Forged.__doc__)
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forged(Forged.__doc__)
