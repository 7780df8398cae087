"""Whatever is sent to whichever route: a clear answer, nothing lost, never an error of ours."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import Response

from tests.callers import Api, signed_in
from tests.cases.history import case_of, kinds
from tests.fixtures import World
from tests.orders import STORY, Order, advance, open_order

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", ""),
    "cut json": (b'{"values": {', JSON),
    "not an object": (b"[1]", JSON),
    "null": (b"null", JSON),
    "a word": (b'"x"', JSON),
    "values a list": (b'{"values": []}', JSON),
    "values null": (b'{"values": null}', JSON),
    "unknown member": (b'{"values": {}, "more": 1}', JSON),
    "NUL": (b'{"values": {"\\u0000": "\\u0000", "result": "a\\u0000b"}}', JSON),
    "surrogate": (b'{"values": {"\\ud800": "\\ud800", "what": "\\udfff"}}', JSON),
    "infinite": (b'{"values": {"cost": 1e999, "rating": NaN}}', JSON),
    "endless number": (b'{"values": {"rating": ' + b"9" * 5000 + b"}}", JSON),
    "deep": (b"[" * 200_000, JSON),
    "wrong bytes": (b'{"values": "\xff\xfe"}', JSON),
    "other type": (b'{"values": {}}', "text/plain"),
    "xml": (b"<values/>", "application/xml"),
    "no type": (b'{"values": {}}', ""),
    "bad type": (b'{"values": {}}', "application/json; charset=\x01"),
    "no boundary": (b"--b\r\n", "multipart/form-data"),
    "cut form": (b'--b\r\nContent-Disposition: form-data; name="what"\r\n\r\nx', PARTS),
    "no name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", PARTS),
    "odd charset": (
        b'--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nzz\r\n--b--\r\n',
        PARTS + "; charset=zz",
    ),
    "many fields": (b"&".join(b"f%d=1" % number for number in range(2000)), FORM),
    "many files": (
        b"".join(
            b'--b\r\nContent-Disposition: form-data; name="photos"; filename="%d"\r\n\r\nx\r\n' % number
            for number in range(40)
        )
        + b"--b--\r\n",
        PARTS,
    ),
    "odd form": (b"%00=%00&what=%ED%A0%80&place=%00&code=%00&login=%00&=&&&a=b=c&%=%zz", FORM),
}
LARGE: dict[str, tuple[bytes, str]] = {
    "10 MB of json": (b'{"values": {"what": "' + b"x" * 10_000_000 + b'"}}', JSON),
    "10 MB of text": (b"what=" + b"x" * 10_000_000, FORM),
    "10 MB in a part": (
        b'--b\r\nContent-Disposition: form-data; name="what"\r\n\r\n' + b"x" * 10_000_000 + b"\r\n--b--\r\n",
        PARTS,
    ),
}
NO_IDS = ("abc", "-1", "0", str(2**70), "1.5", "%00", "１", "9" * 400)


def fitting(path: str, order: Order) -> str:
    """A route's address with what exists in the place of its parameters."""
    given = {"task_id": order.task, "case_id": order.id, "token": order.link, "name": "withdrawn", "key": "orders"}
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda match: given.get(match[1], "1"), path)


def routes(world: World, method: str) -> list[str]:
    """The addresses of every route of that method, pages and API."""
    found, waiting = [], list(world.client.app.routes)  # type: ignore[attr-defined]
    while waiting:
        route = waiting.pop()
        router = getattr(route, "original_router", None)  # what FastAPI keeps of an included router
        if router is not None:
            waiting += router.routes
        elif method.upper() in (getattr(route, "methods", None) or ()):
            found.append(route.path)
    assert len(found) > 10
    return sorted(found)


def send(world: World, path: str, headers: dict[str, str], body: tuple[bytes, str]) -> Response:
    """POST exactly these bytes."""
    content, kind = body
    typed = {**headers, **({"Content-Type": kind} if kind else {})}
    answer = world.client.post(path, headers=typed, content=content)
    world.client.cookies.clear()
    return answer


def identities(world: World) -> dict[str, dict[str, str]]:
    """Headers of a signed-in browser and of an API client, who may do the open task."""
    clerk = signed_in(world, "zhanglan")
    return {
        "/api/": {"Authorization": f"Bearer {world.token('zhanglan')}"},
        "/": {"Cookie": clerk.cookie, "X-CSRF-Token": clerk.csrf},
    }


def check_clear(answer: Response, path: str, what: str) -> None:
    """Not a mistake of ours, and words that a person or a program can use."""
    where = f"{path}: {what} → {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, where
    if answer.status_code < 400:
        return
    if path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json", where
        problem = answer.json()
        assert {"type", "title", "status", "errors"} <= set(problem), where
        assert problem["status"] == answer.status_code
        assert problem["errors"], where
        for error in problem["errors"]:
            assert set(error) == {"pointer", "message"}
            assert re.search("[\u4e00-\u9fff]", error["message"]), where
    else:
        assert answer.headers["content-type"].startswith("text/html"), where
        assert re.search("[\u4e00-\u9fff]", answer.text), where


def test_every_post_answers_clearly(world: World) -> None:
    order, who = open_order(world), identities(world)
    for path in routes(world, "post"):
        if path in ("/sign-out", "/me/sign-out-everywhere"):
            continue  # whatever they are sent, they end the session
        for_program = path.startswith("/api/")
        headers = who["/api/" if for_program else "/"]
        for what, body in BODIES.items():
            if body[1] == JSON and not for_program and what != "cut json":
                continue  # pages read no JSON
            answer = send(world, fitting(path, order), headers, body)
            check_clear(answer, path, what)
            if case_of(world, order).status == "closed":
                order = open_order(world)


def test_what_is_too_large_is_refused(world: World) -> None:
    order, who = open_order(world), identities(world)
    for path in routes(world, "post"):
        headers = who["/api/" if path.startswith("/api/") else "/"]
        for what, body in LARGE.items():
            answer = send(world, fitting(path, order), headers, body)
            check_clear(answer, path, what)
            unread = path.startswith("/api/") and path.endswith(("/claim", "/release", "/attachments"))
            if not (unread or (body[1] == JSON and not path.startswith("/api/"))):
                assert answer.status_code == 413, f"{path}: {what} → {answer.status_code}"
                assert "1 MB" in answer.text
    assert "task_completed" not in kinds(world, order)


def test_a_large_body_is_refused_while_it_arrives(world: World) -> None:
    """Without an announced length."""
    clerk = Api(world, world.token("zhanglan"))
    chunks = (b"x" * 100_000 for _ in range(100))
    answer = clerk.client.post("/api/v1/cases", headers={**clerk.headers, "Content-Type": JSON}, content=chunks)
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["get", "post"])
def test_ids_that_are_none(world: World, method: str) -> None:
    who = identities(world)
    for path in routes(world, method):
        for parameter in re.findall(r"\{(task_id|case_id|attachment_id|token)\}", path):
            for wrong in NO_IDS:
                order = Order("1", "", "1.x", "1", "")
                address = fitting(path.replace("{" + parameter + "}", wrong), order)
                answer = world.client.request(method, address, headers=who["/api/" if "/api/" in path else "/"])
                check_clear(answer, path, wrong)
                assert answer.status_code in (404, 422), f"{address} → {answer.status_code}"
                if method == "get":
                    assert answer.status_code == 404, address


ADDRESSES = (
    "/tasks?scope=nothing",
    "/tasks?after=x",
    "/tasks?after=2026-01-01T00:00:00~1",
    "/tasks?after=0001-01-01T00:00:00%2B08:00~1",
    "/tasks?after=infinity~99999999999999999999",
    "/tasks?scope=took_part&after=infinity~1",
    "/tasks?q=%00",
    "/tasks?q=%25_%5C'",
    "/tasks?procedure=%00",
    "/tasks?procedure=" + "x" * 5000,
    f"/tasks?done={2**70}",
    f"/tasks/news?seen={2**70}",
    "/tasks/news?seen=x",
    f"/notices?after={2**70}",
    "/notices?after=x",
    "/report?place=%00",
    "/report?procedure=%00",
    "/report?procedure=nothing",
    "/q/%00",
    "/q/" + quote("楼" * 100),
    "/follow/%00",
    "/follow/" + "9" * 500,
    "/sign-in?next=%00",
    "/cases/start/%00",
    "/cases/start/nothing",
    "/api/v1/tasks?limit=x",
    "/api/v1/tasks?limit=-1",
    f"/api/v1/tasks?limit={2**70}",
    "/api/v1/tasks?scope=x",
    "/api/v1/tasks?after=~",
    "/api/v1/tasks?procedure=%00",
    "/api/v1/cases/%00",
    "/api/v1/cases/%F0%9F%98%80",
    "/api/v1/cases/" + "A" * 3000,
    "/api/v1/nothing",
    "/static/../../etc/passwd",
    "/static/%00",
)


def test_addresses_nobody_meant(world: World) -> None:
    who = identities(world)
    for address in ADDRESSES:
        answer = world.client.get(address, headers=who["/api/" if "/api/" in address else "/"])
        assert answer.status_code < 500, f"{address}: {answer.text}"
        if not address.startswith("/static"):
            check_clear(answer, address.partition("?")[0], address)


VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**70, 1.5, -0.0, 1e308, "", " ", "x", "x" * 600, "1", "yes", "2026-02-30", "\0",
    "\ud800", "\u202e", "１２", [], [1], [[]], {}, {"a": 1}, [None], ["x"] * 50, "99999999999999999999", "1e5",
)  # fmt: skip

BESIDES = {  # fields of a step that the story leaves empty
    "核实": ["merged_into", "referral_note"],
    "派单": ["member"],
    "到场": ["site_photos"],
    "处置": ["cost", "result_photos"],
    "评单": ["comment"],
}


def test_every_field_takes_any_value(world: World) -> None:
    """Every field of every step, also what no form would send; a step that fits by chance is followed by the story."""
    order = open_order(world)
    clerk = Api(world, world.token("zhanglan"))
    for name in ("what", "danger", "kind", "photos", "door", "phone", "source", "unknown", ""):
        for value in VALUES:
            body = {"procedure": "orders", "unit": "YY102", "values": {"what": "灯", name: value, "none": 1}}
            answer = clerk.send("POST", "/cases", body)
            assert answer.status_code == 422, (name, value)
            check_clear(answer, "/api/v1/cases", f"{name}={value!r}")
    for step, login, values in STORY:
        assert order.task_name == step
        caller = Api(world, world.token(login) if login else order.link)
        for name in {*values, *BESIDES.get(step, ())}:
            for value in VALUES:
                answer = caller.send("POST", f"{order.page}/completion", {"values": {**values, name: value, "none": 1}})
                assert answer.status_code == 422, (step, name, value)
        following = STORY[[each[0] for each in STORY].index(step) + 1][0] if step != "评单" else ""
        if following:
            advance(world, order, following)


def test_pages_take_any_text(world: World) -> None:
    order, member = open_order(world, "处置"), signed_in(world, "lichs")
    for text in [value for value in VALUES if isinstance(value, str) and value != "\ud800"]:
        answer = member.post(f"{order.page}/completion", {"cost": text or "x", "result": "", "result_photos": text})
        assert answer.status_code == 422, text
        saved = member.post(f"{order.page}/draft", {"cost": text, "result": text, "result_photos": text, text: text})
        assert saved.status_code == 200, (text, saved.text)
        assert member.get(order.page).status_code == 200, text
