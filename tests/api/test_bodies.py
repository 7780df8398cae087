"""A body over the limit is refused also where none is wanted."""

import pytest

from tests.callers import Api
from tests.cases.history import open_tasks
from tests.fixtures import World
from tests.orders import open_order
from tongxin.web.posted import LARGEST_FORM


@pytest.mark.parametrize("action", ["claim", "release"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_too_large(world: World, action: str, kind: str) -> None:
    order, clerk = open_order(world), Api(world, world.token("zhanglan"))
    if action == "release":
        clerk.post(f"/tasks/{order.task}/claim")
    before = open_tasks(world, order)[0].assignee_id
    headers = {**clerk.headers, "Content-Type": kind}
    body = b'{"x": "' + b"x" * LARGEST_FORM + b'"}'
    for content in (body, iter([body[:500_000], body[500_000:]])):  # announced, and as it comes
        answer = clerk.client.post(f"/api/v1/tasks/{order.task}/{action}", headers=headers, content=content)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json"), answer.text
    assert open_tasks(world, order)[0].assignee_id == before


def test_a_small_one_does_no_harm(world: World) -> None:
    order, clerk = open_order(world), Api(world, world.token("zhanglan"))
    assert clerk.send("POST", f"/tasks/{order.task}/claim", {}).status_code == 200
    assert clerk.send("POST", f"/tasks/{order.task}/release").status_code == 200
