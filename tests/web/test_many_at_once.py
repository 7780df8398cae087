"""Many at once against a real server with ten connections: everybody is answered, nothing is done twice or lost."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx2
from sqlmodel import Session, func, select

from tests.callers import Api
from tests.cases.history import case_of, events, kinds
from tests.fixtures import World
from tests.orders import Order, open_order
from tests.procedures.packages import PARALLEL, publish
from tests.web.servers import servers
from tongxin import clock, db
from tongxin.cases.models import Case
from tongxin.events import first_broken
from tongxin.people import accounts, directory
from tongxin.people.models import Account

Request = tuple[str, str, str, Any]  # method, address, token, body


def at_once(requests: Sequence[Request]) -> list[httpx2.Response]:
    """All of them, each by a client of its own, let go together."""
    together = Barrier(len(requests))

    def send(one: Request) -> httpx2.Response:
        method, address, token, body = one
        with httpx2.Client(timeout=60, trust_env=False) as client:
            together.wait()
            return client.request(method, address, headers={"Authorization": f"Bearer {token}"}, json=body)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def test_150_requests_are_all_answered(world: World, tmp_path: Path) -> None:
    token, new = world.token("zhanglan"), {"procedure": "orders", "unit": "YY102", "values": {"what": "灯"}}
    order = open_order(world)
    kinds_of_request = [
        lambda base: ("POST", f"{base}/api/v1/cases", token, new),
        lambda base: ("GET", f"{base}/api/v1/tasks?scope=open", token, None),
        lambda base: ("GET", f"{base}/report?place=YY102", token, None),
        lambda base: ("POST", f"{base}/api/v1{order.page}/claim", token, None),
        lambda base: ("GET", f"{base}/api/v1/cases/{order.code}", token, None),
    ]
    with servers(world, tmp_path) as (base,):
        answers = at_once([make(base) for make in kinds_of_request for _ in range(30)])
        again = at_once([kinds_of_request[1](base)])
    assert {answer.status_code for answer in answers} == {200, 201}
    assert again[0].status_code == 200
    with Session(world.engine) as session:
        assert session.exec(select(func.count()).select_from(Case)).one() == 31
    assert kinds(world, order) == ["opened", "task_claimed"]


def test_twenty_people_complete_twenty_tasks_of_one_case(world: World, tmp_path: Path) -> None:
    publish(world, PARALLEL)
    clerk = Api(world, world.token("zhanglan"))
    case = clerk.post("/cases", procedure="parallel", unit="YY102", values={"what": "分头办"})
    assert len(case["tasks"]) == 20
    with db.transaction(world.engine) as session:
        unit = directory.unit_by_code(session, "YY")
        tokens = []
        for number in range(20):
            someone = Account(login=f"p{number}", name=f"第{number}人", password_hash="-", created_at=clock.now())
            session.add(someone)
            session.flush()
            accounts.give_post(session, someone, unit, "community_clerk", clock.now().date())
            tokens.append(accounts.issue_token(session, someone, "test", clock.now()))
    with servers(world, tmp_path) as (base,):
        paths = [f"{base}/api/v1/tasks/{task['id']}/completion" for task in case["tasks"]]
        bodies = [{"values": {"note": str(number)}} for number in range(20)]
        answers = at_once(
            [("POST", path, token, body) for path, token, body in zip(paths, tokens, bodies, strict=True)]
        )
    assert [answer.status_code for answer in answers] == [200] * 20
    order = Order(case["id"], case["code"], case["link"], "", "")
    assert kinds(world, order) == ["opened", *["task_completed"] * 20, "closed"]
    assert len({event.actor_id for event in events(world, order)[1:21]}) == 20
    assert case_of(world, order).status == "closed"
    assert first_broken(events(world, order), case_of(world, order).chain_head) is None
