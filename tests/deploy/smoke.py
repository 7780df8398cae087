"""A person signs in and another system opens a case: what must work on any installation. Standard library only."""

import json
import sys
from http.client import HTTPConnection
from urllib.parse import urlencode

port, token, code = int(sys.argv[1]), sys.argv[2], sys.argv[3]
connection = HTTPConnection("127.0.0.1", port, timeout=20)


def ask(method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str, str]:
    """Status, body, cookie."""
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), (answer.getheader("set-cookie") or "").partition(";")[0]


form = {"Content_Type": "application/x-www-form-urlencoded"}
status, page, cookie = ask("POST", "/sign-in", urlencode({"login": "zhanglan", "password": "tongxin-demo"}), **form)
assert status == 303 and cookie, page
status, page, _cookie = ask("GET", "/tasks", Cookie=cookie)
assert status == 200 and "张岚" in page, page

caller = {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}
if code:  # one that was opened earlier
    status, body, _cookie = ask("GET", f"/api/v1/cases/{code}", **caller)
    assert status == 200 and json.loads(body)["status"] == "open", body
order = {"procedure": "orders", "unit": "YY102", "values": {"what": "下水道堵塞"}}
status, body, _cookie = ask("POST", "/api/v1/cases", json.dumps(order), **caller)
assert status == 201, body
print(json.loads(body)["code"])
