"""Releasing a result to the public board: by whom, after what check, and never by itself."""

import html

import pytest

from tests.callers import signed_in
from tests.cases.history import events, kinds
from tests.fixtures import World
from tests.orders import Order, open_order
from tests.portal.test_board import board
from tests.procedures.packages import orders, publish

TEXT = "主管道已疏通，楼道冲洗干净。"
OF_THE_RESIDENT = {"reporter_name": "王丽华", "phone": "13912345678", "door": "2 单元 301"}


def path(order: Order) -> str:
    return f"/cases/{order.id}/publication"


def test_offered_but_not_public_until_somebody_says_so(world: World) -> None:
    order, clerk = open_order(world, ""), signed_in(world, "zhanglan")
    page = clerk.get(f"/cases/{order.id}").text
    assert ("结果没有公开" in page, ">已疏通</textarea>" in page) == (True, True)
    assert "已疏通" not in board(world)
    answer = clerk.post(path(order), {"text": f"  {TEXT}\r\n再看一周。"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{order.id}#publication")
    assert f"{TEXT}\n再看一周。" in html.unescape(board(world))
    assert kinds(world, order)[-1] == "result_published"
    assert events(world, order)[-1].details == {"text": f"{TEXT}\n再看一周。"}
    assert "张岚</b> 公示办理结果" in clerk.get(f"/cases/{order.id}").text


def test_edited_taken_down_and_released_again(world: World) -> None:
    order, clerk = open_order(world, ""), signed_in(world, "zhanglan")
    for text in (TEXT, TEXT, "换了一段管子。"):  # the same again changes nothing
        assert clerk.post(path(order), {"text": text}).status_code == 303
    assert TEXT not in board(world)
    assert "换了一段管子。" in board(world)
    for _twice in range(2):
        assert clerk.post(f"{path(order)}/removal").status_code == 303
    assert "换了一段管子。" not in board(world)
    assert "换了一段管子。</textarea>" in clerk.get(f"/cases/{order.id}").text
    clerk.post(path(order), {"text": "换了一段管子。"})
    assert "换了一段管子。" in board(world)
    assert kinds(world, order)[-4:] == ["result_published", "result_published", "result_taken_down", "result_published"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("有事打 139 1234 5678。", "“13912345678”像是电话"),
        ("有事打０４７１－６６６６７７７７。", "像是电话"),
        ("身份证 330102199001011234 已登记。", "像是身份证号"),
        ("给3单元502通了下水。", "“3单元502”像是门牌"),
        ("三单元五零二室通了。", "像是门牌"),
        ("松鹤里3-2-501已修好。", "“3-2-501”像是门牌"),
        ("王 丽华家已修好。", "怎么称呼"),
        ("王女士说修好了。", "“王女士”像是居民填的“怎么称呼”"),
        ("丽华家已修好。", "“丽华”像是居民填的“怎么称呼”"),
        ("301 的水管换了。", "“301”像是居民填的“单元和门牌”"),
    ],
)
def test_what_gives_somebody_away_has_to_be_confirmed(world: World, text: str, told: str) -> None:
    order, clerk = open_order(world, "", **OF_THE_RESIDENT), signed_in(world, "zhanglan")
    answer = clerk.post(path(order), {"text": text})
    shown = html.unescape(answer.text)
    assert (answer.status_code, told in shown, f"{text}</textarea>" in shown) == (422, True, True), shown
    assert text not in html.unescape(board(world))
    assert "result_published" not in kinds(world, order)
    assert clerk.post(path(order), {"text": text, "confirmed": "yes"}).status_code == 303
    assert text in html.unescape(board(world))
    assert events(world, order)[-1].details["confirmed"]  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "2026-03-05 办好，用时 1 小时 30 分，换阀门 3 个，花费 1200 元。",
        "二单元主管道疏通，1 至 3 号楼恢复供水。",
    ],
)
def test_plain_results_raise_no_doubt(world: World, text: str) -> None:
    order = open_order(world, "", **OF_THE_RESIDENT)
    assert signed_in(world, "zhanglan").post(path(order), {"text": text}).status_code == 303


@pytest.mark.parametrize(
    ("text", "told"), [("", "请填写"), ("   ", "请填写"), ("很" * 1001, "最多 1000 字"), ("好\x07了", "无法保存")]
)
def test_what_is_no_text_is_refused(world: World, text: str, told: str) -> None:
    order, clerk = open_order(world, ""), signed_in(world, "zhanglan")
    answer = clerk.post(path(order), {"text": text, "confirmed": "yes"})
    assert (answer.status_code, told in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("login", "status"),
    [("zhaoqm", 303), ("qianwei", 303), ("lichs", 404), ("admin", 404), ("wudi", 404)],
)
def test_who_may(world: World, login: str, status: int) -> None:
    order, browser = open_order(world, "评单"), signed_in(world, login)
    shown = "写给大家看的结果" in browser.get(f"/cases/{order.id}").text
    assert (shown, browser.post(path(order), {"text": TEXT}).status_code) == (status == 303, status)
    assert browser.post(f"{path(order)}/removal").status_code == status


def test_a_withdrawn_case_has_nothing_to_release(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    assert clerk.post(f"/cases/{order.id}/withdrawal", {"withdrawal_reason": "已经好了"}).status_code == 303
    assert "已经撤单，不上公示栏" in clerk.get(f"/cases/{order.id}").text
    assert clerk.post(path(order), {"text": TEXT}).status_code == 409


def test_the_procedures_own_text_is_offered_and_else_its_answer(world: World) -> None:
    plain = orders()
    plain["procedure.toml"] = plain["procedure.toml"].replace('board_text = "board.txt"\n', "")
    for package, offered in (
        ({**orders(), "texts/board.txt": "{{ kind }}：{{ result }}"}, "下水：已疏通"),
        (plain, "已疏通"),
    ):
        publish(world, package)
        order = open_order(world, "评单")
        assert f">{offered}</textarea>" in signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
