"""QR plates: who prints them, what stands on them, and that a scanner reads the right address."""

import re

import pytest
import segno
from sqlmodel import Session, col, select

from tests.callers import Browser, signed_in
from tests.fixtures import World
from tongxin import config
from tongxin.people.models import Unit
from tongxin.portal import plates

PUBLIC = "https://tongxin.example.gov.cn"
SHEETS = "/plates/sheets?community=YY&place=YY&place=YY102"


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", f"{PUBLIC}/")
    config.settings.cache_clear()


def drawn(page: str) -> list[set[tuple[int, int]]]:
    """The dark modules of every code on a page, read from its strokes, without the border."""
    found = []
    for path in re.findall(r'<path[^>]* d="([^"]+)"', page):
        dark, x, y = set(), 0.0, 0.0
        for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?", path):
            if command == "h":
                dark |= {(int(x) + one - 2, int(y) - 2) for one in range(int(first))}
                x += int(first)
            elif command == "M":
                x, y = float(first), float(second)
            else:
                x, y = x + float(first), y + float(second)
        found.append(dark)
    return found


def modules(text: str) -> set[tuple[int, int]]:
    rows = segno.make(text, error="q", micro=False, boost_error=False).matrix
    return {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


@pytest.mark.usefixtures("public")
def test_a_scanner_reads_the_public_address(world: World) -> None:
    page = signed_in(world, "zhanglan").get(SHEETS).text
    assert drawn(page) == [modules(f"{PUBLIC}/q/{code}") for code in ("YY", "YY102")]
    assert Browser(world).get("/q/YY102").headers["location"] == "/report?place=YY102"


def test_without_a_public_address_it_is_the_one_asked_and_a_warning(world: World) -> None:
    clerk = signed_in(world, "zhanglan")
    assert drawn(clerk.get(SHEETS).text)[1] == modules("http://tongxin.test/q/YY102")
    assert "PUBLIC_URL" in clerk.get("/plates").text


@pytest.mark.usefixtures("public")
def test_with_one_there_is_no_warning(world: World) -> None:
    assert "PUBLIC_URL" not in signed_in(world, "zhanglan").get("/plates").text


def test_the_nearest_telephone_stands_on_it(world: World) -> None:
    clerk = signed_in(world, "zhanglan")
    assert "电话" not in clerk.get(SHEETS).text
    with Session(world.engine) as session:
        session.exec(select(Unit).where(col(Unit.code) == "YY")).one().phone = "010-1234 5678"
        session.commit()
    assert clerk.get(SHEETS).text.count("电话 010-1234 5678") == 2


def test_eight_a_sheet(world: World) -> None:
    clerk = signed_in(world, "zhanglan")
    codes = re.findall(r'name="place" value="(\w+)"', clerk.get("/plates").text)
    assert len(codes) > plates.A_SHEET
    page = clerk.get("/plates/sheets?" + "&".join(f"place={code}" for code in codes)).text
    sizes = [one.count('class="plate"') for one in page.split('class="sheet"')[1:]]
    assert sum(sizes) == len(codes)
    assert set(sizes[:-1]) == {plates.A_SHEET}


def test_who_may_print_and_for_where(world: World) -> None:
    clerk, admin = signed_in(world, "zhanglan"), signed_in(world, "admin")
    assert "NY" not in clerk.get("/plates").text
    elsewhere = clerk.get("/plates/sheets?place=NY&place=nowhere")
    assert elsewhere.status_code == 422
    assert 'class="plate"' not in elsewhere.text
    assert admin.get("/plates?community=YY").status_code == 200
    assert signed_in(world, "lichs").get("/plates").status_code == 404
    assert Browser(world).get("/plates").status_code == 303


def test_nothing_chosen_is_said(world: World) -> None:
    answer = signed_in(world, "zhanglan").get("/plates/sheets?community=YY")
    assert answer.status_code == 422
    assert "还没有选楼" in answer.text
