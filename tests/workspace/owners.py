"""An owner in a browser without JavaScript, and what the modeler sends."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from httpx2 import Response
from sqlmodel import Session

from tests.callers import Browser, signed_in
from tests.fixtures import World
from tongxin import clock, db
from tongxin.people import accounts, directory
from tongxin.people.identity import Person
from tongxin.workspace import diagrams, drafts, table_writing, tables
from tongxin.workspace.drafts import Seen, Work
from tongxin.workspace.tables import Column, Rule

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


def add_table_and_diagram(world: World) -> None:
    """To the draft: the decision table 急不急 with two rows, and the diagram 上门核实."""
    package = as_it_stands(world).package
    name, drawn = diagrams.fresh(package, "上门核实")
    text = table_writing.fresh("急不急", "急不急", "how_urgent", "string")
    columns = (Column("", "是否紧急", "urgent", "boolean"), Column("", "类别", "kind", "string", '"下水", "燃气"'))
    rules = (Rule("", ("true", ""), ('"马上"',), "人身安全在前"), Rule("", ("false", '"下水"'), ('"今天"',)))
    table = replace(tables.read(text), inputs=columns, rules=rules)
    written = table_writing.apply(text, table, {"urgent": "boolean", "kind": "string"})
    with db.transaction(world.engine) as session:
        work = drafts.work(session, "orders")
        by = Person(int(world.account_id("heping")), "heping", "何平", ())
        files = {f"{name}.bpmn": drawn, "急不急.dmn": written}
        drafts.write(session, "orders", files, by, Seen(work.revision, work.base))
