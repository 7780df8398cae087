"""An owner in a browser without JavaScript, and what the modeler sends."""

import json
import re
from collections.abc import Mapping
from typing import Any

from httpx2 import Response
from sqlmodel import Session

from tests.callers import Browser, signed_in
from tests.fixtures import World
from tongxin import clock, db
from tongxin.people import accounts, directory
from tongxin.workspace import drafts
from tongxin.workspace.drafts import Work

PLACE = "/workspace/orders"


def owner(world: World) -> Browser:
    """The demo's process owner."""
    return signed_in(world, "heping")


def second_owner(world: World) -> Browser:
    """A colleague with the same post."""
    add_second_owner(world)
    return signed_in(world, "second")


def add_second_owner(world: World) -> None:
    """罗琳, who signs in as `second`."""
    with db.transaction(world.engine) as session:
        account = accounts.add(
            session,
            login="second",
            name="罗琳",
            phone="13900000099",
            password="tongxin-demo",
            now=clock.now(),
            demo=True,
        )
        unit = directory.unit_by_code(session, "LJ")
        accounts.give_post(session, account, unit, "process_owner", clock.now().date())


def as_it_stands(world: World, key: str = "orders") -> Work:
    """Draft and current version."""
    with Session(world.engine) as session:
        return drafts.work(session, key)


def seen(world: World) -> dict[str, str]:
    """What a page opened now would send back."""
    work = as_it_stands(world)
    return {"revision": str(work.revision), "base": str(work.base)}


def save_diagram(browser: Browser, text: str, given: Mapping[str, str], **more: str) -> Response:
    """As the modeler saves."""
    files = [("diagram", ("process.bpmn", text.encode(), "application/xml"))]
    return browser.post(f"{PLACE}/draft", {**given, **more}, files)


def renamed(world: World, name: str) -> str:
    """The diagram as it stands, with another name for the step 接单."""
    return re.sub(
        r'id="accept" name="[^"]+"', f'id="accept" name="{name}"', as_it_stands(world).package["process.bpmn"]
    )


def save_file(browser: Browser, world: World, path: str, text: str, **more: str) -> Response:
    """As the page of a file saves."""
    return browser.post(f"{PLACE}/files/{path}", {**seen(world), "text": text, **more})


def read(world: World, path: str) -> Any:
    """A JSON file of the draft."""
    return json.loads(as_it_stands(world).package[path])
