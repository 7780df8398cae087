"""Somebody's browser without JavaScript: pages, forms, cookies; every request is measured, and asked again as one does.

A request that breaks off (its server was killed) is not an error of the platform: a person waits and tries again.
"""

import random
import re
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

TIMEOUT = 30
PATIENCE = 60  # seconds for which somebody tries again
KEPT = 3  # seconds for which a connection is used again; the server closes idle ones after five

Values = Mapping[str, str | Sequence[str]]
Photo = tuple[str, bytes]  # field, content


class Over(BaseException):
    """The time is up, whatever somebody was doing."""


@dataclass(slots=True)
class Measures:
    """What all browsers of the town measured."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    broken: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, kind: str, seconds: float) -> None:
        with self.lock:
            self.times[kind].append(seconds)

    def failed(self, what: str) -> None:
        with self.lock:
            self.errors.append(what)

    def broke_off(self) -> None:
        with self.lock:
            self.broken += 1


@dataclass(slots=True)
class Form:
    """A form of a page as it stands: where it goes, what is in it, what can be chosen."""

    action: str
    names: set[str] = field(default_factory=set)
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: its status, where it leads, what it says, its forms."""

    status: int
    location: str
    text: str

    @property
    def forms(self) -> dict[str, Form]:
        reader = _Forms()
        reader.feed(self.text)
        return {form.action: form for form in reader.forms}


class Browser:
    """One person's; `ports` are the servers that may answer, one of them at a time. `address`: as a proxy names it."""

    def __init__(self, ports: Sequence[int], address: str, measures: Measures, stop: threading.Event) -> None:
        self.ports, self.address, self.measures, self.stop = ports, address, measures, stop
        self.cookies: dict[str, str] = {}
        self._connection: HTTPConnection | None = None
        self._used = 0.0

    def pause(self, shortest: float, longest: float) -> None:
        """Read, think, type."""
        if self.stop.wait(random.uniform(shortest, longest)):
            raise Over

    def get(self, kind: str, path: str) -> Page:
        """Open a page, following where it leads."""
        page = self._ask(kind, "GET", path)
        while page.status == 303:
            page = self._ask(kind, "GET", page.location)
        return page

    def post(self, kind: str, path: str, values: Values, photo: Photo | None = None) -> Page:
        """Send a form; where it leads is not followed."""
        if photo is None:
            body, kind_of_body = urlencode(values, doseq=True).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind_of_body = _multipart(values, photo)
        return self._ask(kind, "POST", path, body, kind_of_body)

    def _ask(self, kind: str, method: str, path: str, body: bytes | None = None, kind_of_body: str = "") -> Page:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._once(kind, method, path, body, kind_of_body)
            except (OSError, HTTPException):
                self._connection = None
                self.measures.broke_off()
                if time.monotonic() > deadline:
                    self.measures.failed(f"{kind}: no answer for {PATIENCE} s")
                    raise Over from None
                time.sleep(random.uniform(0.5, 1.5))

    def _once(self, kind: str, method: str, path: str, body: bytes | None, kind_of_body: str) -> Page:
        if self._connection is None or time.monotonic() - self._used > KEPT:
            self._connection = HTTPConnection("127.0.0.1", random.choice(self.ports), timeout=TIMEOUT)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers["X-Forwarded-For"] = self.address
        if body is not None:
            headers["Content-Type"] = kind_of_body
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode(errors="replace")
        self.measures.took(kind, time.perf_counter() - began)
        self._used = time.monotonic()
        for cookie in answer.headers.get_all("set-cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status >= 500 or answer.status in (400, 403, 413, 415, 429):
            self.measures.failed(f"{kind}: {answer.status} {path} {plain(text)[:300]}")
        location = re.sub(r"^https?://[^/]+", "", answer.headers.get("location", ""))
        return Page(answer.status, location, text)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._name = ""  # of the select or textarea we are in
        self._textarea = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(self._form, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        if given.get("name"):
            form.names.add(given["name"])
        if tag == "input" and given.get("name"):
            self._input(form, given)
        elif tag in ("select", "textarea"):
            self._name, self._textarea = given.get("name", ""), tag == "textarea"
        elif tag == "option" and self._name:
            form.choices.setdefault(self._name, []).append(given.get("value", ""))
            if "selected" in given:
                form.values[self._name] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea"):
            self._name, self._textarea = "", False

    def handle_data(self, data: str) -> None:
        if self._form and self._textarea and data.strip():
            self._form.values[self._name] = [data]

    @staticmethod
    def _input(form: Form, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(given.get("value", ""))
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", ""))
        elif kind != "file":
            form.values[name] = [given.get("value", "")]


def plain(html: str) -> str:
    """A page's words."""
    main = html.partition("<main")[2] or html
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def _multipart(values: Values, photo: Photo) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = []
    for name, some in values.items():
        for value in [some] if isinstance(some, str) else some:
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    name, content = photo
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="1.jpg"\r\n'
    parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
