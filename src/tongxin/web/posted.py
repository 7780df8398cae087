"""What a request brings: form fields and files, within limits, before any database work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_FORM = 1_000_000
LARGEST_UPLOAD = 64_000_000
MOST_FILES = 12
MOST_FIELDS = 3_000  # a decision table has one for each cell, and so has a table of 200 rows


class Garbled(Exception):
    """没有收完整，或格式不对。请回到页面再提交一次。"""


class TooLarge(Exception):
    """内容太大，没有收下。文字请控制在 1 MB 以内，每张照片 10 MB 以内。"""


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file, read whole: uploads are limited."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form (each with every value it had) and its files."""

    fields: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, list[File]] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """A field's first value."""
        values = self.fields.get(name)
        return values[0] if values else default

    def without(self, *names: str) -> dict[str, list[str]]:
        """All fields but these."""
        return {name: values for name, values in self.fields.items() if name not in names}

    def uploads(self) -> dict[str, list[tuple[str, bytes]]]:
        """Field → its files as name and content."""
        return {name: [(one.name, one.content) for one in some] for name, some in self.files.items()}


async def read_posted(request: Request) -> Posted:
    """The form a browser posted, read once; nothing for other methods and content."""
    if not hasattr(request.state, "posted"):
        request.state.posted = await _read(request)
    return posted_with(request)


def posted_with(request: Request) -> Posted:
    """What was posted, where it has been read already: inside a transaction it always has."""
    posted: Posted = request.state.posted
    return posted


def is_form(request: Request) -> bool:
    """Whether the body is what a browser's form sends."""
    kind = request.headers.get("content-type", "")
    return kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data"))


async def _read(request: Request) -> Posted:
    if request.method in ("GET", "HEAD"):
        return Posted()
    if not is_form(request):
        await request.body()  # also where none is wanted: over the limit it is refused, not left unread
        return Posted()
    try:
        form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_FORM)
    except HTTPException as error:
        beyond = any(word in error.detail.lower() for word in ("too many", "exceeded"))
        raise TooLarge(TooLarge.__doc__) if beyond else Garbled(Garbled.__doc__) from None
    fields: dict[str, list[str]] = {}
    files: dict[str, list[File]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.setdefault(name, []).append(File(value.filename, await value.read()))
        else:
            fields.setdefault(name, []).append(value)
    await form.close()
    return Posted(fields, files)


PostedForm = Annotated[Posted, Depends(read_posted)]


class LimitBody:
    """ASGI middleware: refuses a body over the limit, by its announced length or while it arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        kind = headers.get(b"content-type", b"")
        limit = LARGEST_UPLOAD if kind.startswith((b"multipart/", b"image/")) else LARGEST_FORM
        announced = headers.get(b"content-length", b"0")
        too_large = announced.isdigit() and int(announced) > limit
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            if too_large:
                raise TooLarge(TooLarge.__doc__)
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge(TooLarge.__doc__)
            return message

        return await self.app(scope, counted, send)
