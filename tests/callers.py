"""Those who use the platform in tests: other systems by the API, people by a browser without JavaScript, residents."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from httpx2 import Response

from tests.fixtures import World
from tongxin import demo

Files = Sequence[tuple[str, tuple[str, bytes, str]]]
HTMX = {"HX-Request": "true"}


class Api:
    """A caller of the API with a bearer token."""

    def __init__(self, world: World, token: str) -> None:
        self.client = world.client
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Any request; the answer as it is."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body).encode()  # also what no other encoder would write
        kind = {"Content-Type": "application/json"} if content else {}
        return self.client.request(method, f"/api/v1{path}", headers={**self.headers, **kind, **given}, content=content)

    def get(self, path: str) -> Any:
        """What a path shows."""
        return _good(self.send("GET", path))

    def post(self, path: str, **body: Any) -> Any:
        """Do something that must succeed."""
        return _good(self.send("POST", path, body))


class Browser:
    """Somebody's browser; signed in it sends the page's CSRF token with every form, as our pages do."""

    def __init__(self, world: World) -> None:
        self.client = world.client
        self.cookie = ""
        self.csrf = ""

    def sign_in(self, login: str, password: str = demo.PASSWORD, **fields: str) -> Response:
        """Fill in the sign-in form; keep the session when there is one."""
        answer = self._send("POST", "/sign-in", data={"login": login, "password": password, **fields})
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
            self.csrf = re.findall(r'name="csrf" value="([^"]+)"', self.get("/me").text)[0]
        return answer

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """Open a page."""
        return self._send("GET", path, headers=headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Submit a form."""
        return self._send("POST", path, data={"csrf": self.csrf, **(fields or {})}, files=files, headers=headers)

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **given: Any) -> Response:
        answer = self.client.request(method, path, headers={"Cookie": self.cookie, **(headers or {})}, **given)
        self.client.cookies.clear()  # the test client is shared by everybody
        return answer


def signed_in(world: World, login: str) -> Browser:
    """The browser of one of the demo's people."""
    browser = Browser(world)
    assert browser.sign_in(login).status_code == 303
    return browser


def _good(answer: Response) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()
