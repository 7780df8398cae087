"""Orders of residents in every state a page can show, made through the API."""

import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.callers import Api
from tests.fixtures import World

REPORTS = {
    "check": ("YY104", "四号楼二单元声控灯坏了，晚上老人下楼看不见。"),
    "claimed": ("YY101", "一号楼门口的垃圾桶满了两天没有清，味道很大。"),
    "dispatch": ("YY203", "松鹤里三号楼自来水发黄，从早上到现在都这样。"),
    "accept": ("YY105", "五号楼单元门的闭门器坏了，风一吹就砰砰响。"),
    "contact": ("YY106", "六号楼电梯有异响，在五楼停下时会抖一下。"),
    "arrive": ("YY103", "三号楼地下室积水，水泵没有自动启动。"),
    "repair": ("YY102", "二单元下水道堵了，污水从一楼地漏往外冒，楼道里味道很大，麻烦尽快找人来看看。"),
    "rate": ("YY201", "松鹤里一号楼楼顶漏雨，六楼天花板湿了一片。"),
    "closed": ("YY202", "松鹤里二号楼前的井盖松动，车压过去声音很大。"),
    "referral": ("YY204", "小区外面马路上的路灯有三盏不亮。"),
    "merged": ("YY102", "楼道里污水味很重，怀疑是下水道的问题。"),
}
DONE = {"result": "主管道已疏通，楼道冲洗干净，下水恢复正常。"}


@dataclass(slots=True)
class Orders:
    """By name: the id of each order's open task, its case's id, its code and its personal link's token."""

    task: dict[str, str] = field(default_factory=dict)
    case: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    link: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Makers:
    world: World
    clerk: Api
    dispatcher: Api
    member: Api


def make_orders(world: World) -> Orders:
    """One order for each of REPORTS, moved as far as its name says."""
    people = (Api(world, world.token(login)) for login in ("zhanglan", "zhaoqm", "lichs"))
    makers, orders = _Makers(world, *people), Orders()
    for name, (place, what) in REPORTS.items():
        order = _report(makers.clerk, place, what, photo=name in ("claimed", "repair"))
        orders.case[name], orders.code[name], orders.link[name] = order["id"], order["code"], order["link"]
        orders.task[name] = _move(makers, orders, name, order["tasks"][0]["id"])
    return orders


def picture(width: int = 640, height: int = 480) -> bytes:
    """A photo that is not of one colour."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def _report(clerk: Api, place: str, what: str, *, photo: bool) -> Any:
    values: dict[str, Any] = {"what": what, "door": "2 单元 102", "reporter_name": "王女士", "phone": "13800138000"}
    if photo:
        given = {"file": ("现场.jpg", picture(), "image/jpeg")}
        kept = clerk.client.post("/api/v1/attachments", headers=clerk.headers, files=given)
        values["photos"] = [kept.json()["id"]]
    return clerk.post("/cases", procedure="orders", unit=place, values=values)


def _move(by: _Makers, orders: Orders, name: str, task: str) -> str:
    """On to the state of that name; the id of the task then open, if there is one."""
    if name == "check":
        return task
    by.clerk.post(f"/tasks/{task}/claim")
    if name == "claimed":
        return task
    decision: dict[str, Any] = {"decision": "valid", "kind": "下水", "urgent": name in ("contact", "repair")}
    if name == "referral":
        decision = {"decision": "not_ours", "referral_note": "市政道路的路灯，应归区城管局。"}
    if name == "merged":
        decision = {"decision": "duplicate", "merged_into": orders.case["repair"]}
    task = _next(by.clerk, task, decision)
    if name in ("dispatch", "referral", "merged"):
        return task
    task = _next(by.dispatcher, task, {"member": by.world.account_id("lichs"), "urgent": decision["urgent"]})
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept", {"answer": "accept"}),
        ("contact", {"outside_help": True, "helper": "畅达疏通"}),
        ("arrive", {}),
        ("repair", DONE),
    ]
    for step, values in steps:
        if name == step:
            return task
        task = _next(by.member, task, values)
    return _next(Api(by.world, orders.link[name]), task, {"rating": 5}) if name == "closed" else task


def _next(caller: Api, task: str, values: dict[str, Any]) -> str:
    opened = caller.post(f"/tasks/{task}/completion", values=values)["tasks"]
    return opened[0]["id"] if opened else ""
