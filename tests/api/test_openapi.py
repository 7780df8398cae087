"""The API's own description: valid, and holding what other systems were promised."""

from typing import Any

from tests.callers import Api
from tests.fixtures import World

PROMISED = {
    ("post", "/api/v1/cases"),
    ("get", "/api/v1/tasks"),
    ("post", "/api/v1/tasks/{task_id}/claim"),
    ("post", "/api/v1/tasks/{task_id}/release"),
    ("post", "/api/v1/tasks/{task_id}/completion"),
    ("post", "/api/v1/attachments"),
    ("post", "/api/v1/cases/{case_id}/withdrawal"),
    ("get", "/api/v1/cases/{case_id}"),
    ("get", "/api/v1/cases/{case_id}/events"),
}


def references(node: Any) -> list[str]:
    """Every $ref in a document."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [one for value in node.values() for one in references(value)]
    return [one for value in node for one in references(value)] if isinstance(node, list) else []


def test_it_describes_what_was_promised(world: World) -> None:
    described = world.client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operations = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert operations >= PROMISED
    ids = [one["operationId"] for methods in described["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in described["components"]["schemas"]


def test_what_comes_is_as_described(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    case = clerk.post("/cases", procedure="orders", unit="YY102", values={"what": "灯"})
    assert set(case) == {"id", "code", "status", "tasks", "link"}
    task = clerk.get("/tasks?scope=open")["items"][0]
    assert set(task) == {"id", "case", "node", "name", "role", "assignee", "due_at", "paused_since"}
    assert isinstance(task["id"], str)
    assert task["due_at"].endswith("+08:00")
    assert set(clerk.post(f"/tasks/{task['id']}/claim")) == set(task)
    seen = clerk.get(f"/cases/{case['code']}")
    assert seen == clerk.get(f"/cases/{case['id']}")
    assert set(seen) >= {"id", "code", "procedure", "title", "status", "ledger", "tasks"}


def test_lists_go_on_where_they_stopped(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    made = [clerk.post("/cases", procedure="orders", unit="YY102", values={"what": str(n)})["id"] for n in range(5)]
    seen, after = [], ""
    while after is not None:
        page = clerk.get(f"/tasks?scope=open&limit=2&after={after.replace('+', '%2B')}")
        seen += [item["case"] for item in page["items"]]
        after = page["next"]
    assert seen == made
    assert clerk.get("/tasks?scope=open&procedure=other")["items"] == []
    assert len(clerk.get("/tasks?scope=open&limit=999999")["items"]) == 5
    assert clerk.get("/tasks")["items"] == []
