"""Idempotency-Key: the same request again gets the same answer and has no second effect."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import Session, func, select

from tests.callers import Api
from tests.cases.history import kinds
from tests.cases.test_attachments import photo
from tests.fixtures import World
from tests.orders import open_order
from tongxin.cases.models import Attachment, Case, Reply

NEW: dict[str, Any] = {"procedure": "orders", "unit": "YY102", "values": {"what": "灯"}}


def how_many(world: World, model: Any) -> int:
    with Session(world.engine) as session:
        return session.exec(select(func.count()).select_from(model)).one()


def test_again_gets_the_same_answer(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    first, second = (clerk.send("POST", "/cases", NEW, Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert how_many(world, Case) == 1
    assert clerk.send("POST", "/cases", NEW, Idempotency_Key="k2").json()["id"] != first.json()["id"]
    assert Api(world, world.token("wudi")).send("POST", "/cases", NEW, Idempotency_Key="k1").status_code == 422
    assert how_many(world, Case) == 2


def test_two_at_once_have_one_effect(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: clerk.send("POST", "/cases", NEW, Idempotency_Key="k"), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert how_many(world, Case) == 1


def test_another_request_under_the_same_key_is_refused(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    clerk.send("POST", "/cases", NEW, Idempotency_Key="k")
    other = clerk.send("POST", "/cases", {**NEW, "unit": "YY101"}, Idempotency_Key="k")
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")
    assert "另一个请求" in other.json()["detail"]
    assert how_many(world, Case) == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_none(world: World, key: str) -> None:
    clerk = Api(world, world.token("zhanglan"))
    assert clerk.send("POST", "/cases", NEW, Idempotency_Key=key).status_code == 422


def test_what_was_refused_may_be_mended_under_the_same_key(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    assert clerk.send("POST", "/cases", {**NEW, "values": {}}, Idempotency_Key="k").status_code == 422
    assert how_many(world, Reply) == 0
    assert clerk.send("POST", "/cases", NEW, Idempotency_Key="k").status_code == 201


def test_every_kind_of_post(world: World) -> None:
    order, clerk = open_order(world), Api(world, world.token("zhanglan"))
    steps = {
        f"{order.page}/claim": None,
        f"{order.page}/release": None,
        f"{order.page}/completion": {"values": {"decision": "not_ours"}},
    }
    for path, body in steps.items():
        first, second = (clerk.send("POST", path, body, Idempotency_Key=path) for _ in range(2))
        assert first.json() == second.json()
        assert (first.status_code, second.status_code) == (200, 200)
    assert kinds(world, order) == ["opened", "task_claimed", "task_released", "task_completed"]
    resident = Api(world, order.link)
    for _ in range(2):
        answer = resident.send("POST", f"/cases/{order.id}/withdrawal", {"values": {}}, Idempotency_Key="k")
        assert answer.json()["case"]["status"] == "closed"
    for content, status in ((photo(), 201), (photo(), 201), (photo(colour="blue"), 422)):
        headers = {**clerk.headers, "Idempotency-Key": "p"}
        files = {"file": ("a.jpg", content, "image/jpeg")}
        assert clerk.client.post("/api/v1/attachments", headers=headers, files=files).status_code == status
    assert how_many(world, Attachment) == 1
