"""The README's pictures, taken anew: python -m tests.browser.pictures"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import text

from tests.browser.conftest import Site, Visitor, serving, started_chromium
from tests.callers import Api
from tests.conftest import databases_on
from tests.fixtures import ORDERS, Clock, World
from tongxin import app, clock, config, db, demo, migrate, postgres
from tongxin.procedures import catalogue, package

PICTURES = config.PROJECT / "docs" / "img"
MORNING = datetime(2026, 3, 5, 8, 12, tzinfo=clock.LOCAL)
WAITING = (  # for the dispatcher: where, what, which kind, urgent, minutes until the next
    ("YY203", "松鹤里三号楼自来水发黄，从昨晚到现在都这样。", "供水", False, 9),
    ("YY105", "五号楼单元门的闭门器坏了，风一吹就砰砰响。", "楼道", False, 6),
    ("YY104", "四号楼二单元声控灯不亮，晚上老人下楼看不见。", "供电", False, 11),
    ("YY201", "松鹤里一号楼楼顶漏雨，六楼天花板湿了一片。", "其他", False, 5),
    ("YY106", "六号楼电梯停在五楼不动，里面没有人。", "电梯", True, 3),
)
STORY = "二单元下水道堵了，污水从一楼地漏往外冒。"


def main() -> None:
    """Take both."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with _installation() as (site, still), started_chromium() as browser:
        case = _story(site.world, still)
        _queue(site.world, still)
        with site.world.engine.begin() as connection:  # no worker runs here
            connection.execute(text("UPDATE notice SET sent_at = created_at, seen_at = created_at"))
        visitor = Visitor(site, browser)
        dispatcher, clerk = visitor.page("zhaoqm", height=760), visitor.page("zhanglan", height=1740)
        for page in (dispatcher, clerk):
            page.clock.set_fixed_time(still.at)
        dispatcher.goto("/tasks?scope=open")
        dispatcher.locator(".row-act button").first.click()
        dispatcher.wait_for_selector(".pane .task-form")
        dispatcher.mouse.move(0, 0)
        _take(dispatcher, "inbox.png")
        clerk.goto(f"/cases/{case}")
        clerk.wait_for_selector(".diagram-tools")
        _take(clerk, "case.png")
        visitor.leave()


@contextmanager
def _installation() -> Iterator[tuple[Site, Clock]]:
    """A demo installation whose clock stands still until it is moved."""
    still = Clock(MORNING)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOME": folder, "DEMO": "1", "SECRET": "pictures"}.items():
            patch.setenv(f"TONGXIN_{name}", value)
        patch.setenv("PUBLIC_URL", "https://tongxin.example")
        clock.use(still)
        with postgres.ensure(Path(folder), durable=False) as server, databases_on(server)() as database:
            owner = db.connect(database.owner_url, pool_size=1)
            migrate.upgrade(owner)
            with db.transaction(owner) as session:
                demo.load(session)
                catalogue.publish_folder_package(session, package.read_folder(ORDERS))
            application = app.make_app(config.settings(), database.app_url)
            with serving(application) as url, httpx2.Client(base_url=url, timeout=20) as client:
                yield Site(url, World(database, owner, client), application), still  # type: ignore[arg-type]
            owner.dispose()
        clock.use(None)


def _story(world: World, still: Clock) -> str:
    """The source's order, up to the moment when the drain company is on site."""
    clerk, dispatcher, member = (Api(world, world.token(login)) for login in ("zhanglan", "zhaoqm", "lichs"))
    values = {
        "what": STORY,
        "door": "2 单元 102",
        "reporter_name": "王女士",
        "phone": "13800138000",
        "source": "群内代录",
    }
    opened = clerk.post("/cases", procedure="orders", unit="YY102", values=values)
    task = opened["tasks"][0]["id"]
    note = "住户家里有老人，先打个电话再去。"
    for minutes, caller, given in (
        (3, clerk, {"decision": "valid", "kind": "下水", "urgent": True}),
        (4, dispatcher, {"member": world.account_id("lichs"), "urgent": True, "dispatch_note": note}),
        (6, member, {"answer": "accept"}),
        (5, member, {"outside_help": True, "helper": "畅达疏通"}),
        (13, member, {}),
    ):
        still.move(timedelta(minutes=minutes))
        task = caller.post(f"/tasks/{task}/completion", values=given)["tasks"][0]["id"]
    still.move(timedelta(minutes=2))
    return str(opened["id"])


def _queue(world: World, still: Clock) -> None:
    clerk = Api(world, world.token("zhanglan"))
    for place, what, kind, urgent, minutes in WAITING:
        values = {"what": what, "reporter_name": "赵先生", "phone": "13900139000", "source": "群内代录"}
        opened = clerk.post("/cases", procedure="orders", unit=place, values=values)
        still.move(timedelta(minutes=2))
        decision = {"decision": "valid", "kind": kind, "urgent": urgent}
        clerk.post(f"/tasks/{opened['tasks'][0]['id']}/completion", values=decision)
        still.move(timedelta(minutes=minutes))


def _take(page: Page, name: str) -> None:
    """In 256 colours: half the size, and no difference to be seen."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        PICTURES / name, optimize=True
    )


if __name__ == "__main__":
    main()
