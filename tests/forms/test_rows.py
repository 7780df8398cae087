"""Tables filled row by row: every cell checked as a field is, told by row and column, computed and summed."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]
ROW = {"item": "笔", "amount": 3, "price": Decimal("1.50")}
NOTHING = {"on": None, "paid": None, "payee": None}


def sent(**cells: str) -> dict[str, list[str]]:
    """What a page posts: lines__0__item="笔" for the first cell."""
    return {name.replace("__", ":"): [text] for name, text in cells.items()}


def test_read_from_a_page(make: Make) -> None:
    form = make(lines={})
    posted = sent(lines__0__item="笔", lines__0__amount="３", lines__2__item="", lines__2__paid="yes", other="x")
    assert forms.parse(form, posted) == {"lines": [{"item": "笔", "amount": 3}, {"item": None, "paid": True}]}
    assert forms.parse(form, {}) == {"lines": []}


def test_a_row_more_and_one_less(make: Make, now: datetime) -> None:
    form = make(lines={})
    posted = sent(lines__0__item="笔", lines__1__item="纸")
    more = forms.parse(form, {**posted, ":again": ["lines:add"]})
    assert more == {"lines": [{"item": "笔"}, {"item": "纸"}, {}]}
    assert forms.check(form, more, {}, now).errors == (forms.Error("", "", more=True),)  # drawn anew, not handed in
    assert forms.parse(form, {**posted, ":again": ["lines:remove:0"]}) == {"lines": [{"item": "纸"}]}
    for strange in ("lines:remove:", "lines:remove:x", "lines:remove:99999", "lines:remove:²", "others:add", ""):
        assert len(forms.parse(form, {**posted, ":again": [strange]})["lines"]) == 2, strange
    full = sent(**{f"lines__{number}__item": "笔" for number in range(4)})
    assert len(forms.parse(form, {**full, ":again": ["lines:add"]})["lines"]) == 4


def test_gives_typed_rows_and_drops_empty_ones(make: Make, now: datetime) -> None:
    rows = [{}, {**ROW, "on": "2026-03-05", "payee": "１１０１０１１９９００３０７２００９"}, {"item": " "}]
    checked = forms.check(make(lines={}), {"lines": rows}, {}, now)
    typed = {**ROW, "subtotal": Decimal("4.50"), "on": date(2026, 3, 5), "paid": None, "payee": "110101199003072009"}
    assert checked == forms.Checked({"lines": [typed]}, ())


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ("x", [("lines", "明细应为一行一行的表")]),
        ([ROW] * 5, [("lines", "明细最多 4 行，请删去几行")]),
        ([ROW, 5], [("lines/1", "第 2 行应为一组格子和值")]),
        ([{**ROW, "colour": "红"}], [("lines/0", "第 1 行里有不认识的格子")]),
        (
            [ROW, {"item": "", "amount": 0, "price": "x"}],
            [
                ("lines/1/item", "第 2 行：请填写品名"),
                ("lines/1/amount", "第 2 行：数量不能小于 1"),
                ("lines/1/price", "第 2 行：单价应为数字"),
            ],
        ),
        ([{**ROW, "payee": "1"}], [("lines/0/payee", "第 1 行：收款人应为 18 位，现在有 1 位，请核对")]),
    ],
)
def test_says_in_which_cell_what_is_wrong(make: Make, rows: Any, errors: list[tuple[str, str]], now: datetime) -> None:
    checked = forms.check(make(lines={}), {"lines": rows}, {}, now)
    assert [(error.field, error.message) for error in checked.errors] == errors
    assert checked.values == {}


def test_needs_its_rows(make: Make, now: datetime) -> None:
    form = make(required=("lines",), lines={"minItems": 2})
    assert forms.check(form, {"lines": [{}]}, {}, now).errors == (forms.Error("lines", "明细至少填 2 行"),)
    assert forms.check(form, {"lines": []}, {}, now).errors == (forms.Error("lines", "请填写明细，至少一行"),)
    (view,) = forms.view(form, {}, {}, (), now)
    assert view.table is not None
    assert len(view.table.rows) == 2  # ready to be filled


def test_many_mistakes_are_told_once(dictionary: forms.Dictionary, data: dict[str, Any], now: datetime) -> None:
    more = {**data["properties"], "lines": {**data["properties"]["lines"], "maxItems": 200}}
    own = {"properties": {"lines": {"$ref": "../data.json#/properties/lines"}}}
    form = forms.load("check", own, forms.Dictionary({"properties": more}))
    errors = forms.check(form, {"lines": [{"item": 5}] * 200}, {}, now).errors
    assert len(errors) == 20


def test_a_computed_cell_is_worked_out_and_never_taken(make: Make, now: datetime) -> None:
    form = make(lines={})
    checked = forms.check(form, {"lines": [{**ROW, "subtotal": 1_000_000}]}, {}, now)
    assert checked.values["lines"][0]["subtotal"] == Decimal("4.50")
    checked = forms.check(form, {"lines": [{"item": "笔", "amount": 3}]}, {}, now)
    assert (checked.values["lines"][0]["subtotal"], checked.errors) == (None, ())


def test_others_see_the_rows(make: Make, now: datetime) -> None:
    form = make(lines={}, total={"x-value": "sum(lines.subtotal)"})
    assert forms.check(form, {"lines": [ROW, ROW]}, {}, now).values["total"] == Decimal("9.00")
    views = forms.view(form, {"lines": [ROW, ROW]}, {}, (), now)
    assert views[1].value == "9.00"
    assert (form.feeds, form.live) == ({"lines"}, {"lines", "total"})


def test_what_a_page_draws(make: Make, now: datetime) -> None:
    form = make(lines={"x-help": "一行一样。"})
    typed = [{"item": "笔", "amount": "三", "price": Decimal("1.5")}, {"item": "纸", "amount": 2, "price": 4}]
    errors = forms.check(form, {"lines": typed}, {}, now).errors
    (view,) = forms.view(form, {"lines": typed}, {}, errors, now)
    table = view.table
    assert table is not None
    assert (view.control, view.errors) == ("rows", ("明细有 1 处要改",))
    assert view.wrong == (("lines:0:amount", "第 1 行：数量应为数字"),)
    first = {cell.name: (cell.control, cell.value, cell.display, cell.errors) for cell in table.rows[0]}
    assert first["lines:0:amount"] == ("input", "三", "三", ("第 1 行：数量应为数字",))
    assert first["lines:0:paid"][:2] == ("select", "")
    assert [cell.display for cell in table.rows[1]][:4] == ["纸", "2", "4.00", "8.00"]
    assert table.totals == (None, "2", None, "8.00", None, None, None)
    assert [column.title for column in table.columns][:2] == ["品名", "数量"]


def test_sensitive_cells_are_masked_wherever_they_are_read(make: Make, now: datetime) -> None:
    case = {"lines": [{**ROW, **NOTHING, "subtotal": Decimal("4.50"), "payee": "110101199003072009"}]}
    told = "1. 品名 笔，数量 3，单价 1.50，小计 4.50，收款人 {}\n数量合计 3\n小计合计 4.50"
    for reveal, shown in ((False, "110*************09"), (True, "110101199003072009")):
        (view,) = forms.view(make(lines={"readOnly": True}), {}, case, (), now, reveal=reveal)
        assert view.display == told.format(shown)
        assert view.table is not None
        assert view.table.rows[0][6].display == shown
        assert ("110101199003072009" in repr(view)) is reveal
    (view,) = forms.view(make(lines={"readOnly": True, "x-sensitive": "hidden"}), {}, case, (), now)
    assert (view.display, view.table) == ("***", None)
    (view,) = forms.view(make(lines={}), {}, case, (), now)  # what may be edited reaches its control whole
    assert view.table is not None
    assert view.table.rows[0][6].value == "110101199003072009"


def test_a_hidden_table_is_dropped_with_its_mistakes(make: Make, now: datetime) -> None:
    form = make(lines={"x-visible": "urgent"})
    assert forms.check(form, {"lines": [{"amount": "x"}]}, {"urgent": False}, now) == forms.Checked({}, ())


def test_kept_and_read_back(dictionary: forms.Dictionary, make: Make, now: datetime) -> None:
    values = forms.check(make(lines={}), {"lines": [{**ROW, "on": "2026-03-05"}]}, {}, now).values
    kept = dictionary.encode(values)
    assert kept["lines"][0]["on"] == "2026-03-05"
    assert dictionary.decode(kept) == values


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"items": {}}, "不能在表单里改"),
        ({"x-total": ["item"]}, "x-total 应为数字列"),
        ({"x-total": "amount"}, "x-total 应为数字列"),
        ({"maxItems": 201}, "maxItems 应为 1 到 200"),
        ({"maxItems": 0}, "maxItems 应为 1 到 200"),
    ],
)
def test_a_form_cannot_change_what_it_must_not(make: Make, own: dict[str, Any], message: str) -> None:
    with pytest.raises(forms.FormError, match=message):
        make(lines=own)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (None, "表的列写在 items 的 properties 里"),
        ({"properties": {}}, "表的列写在 items 的 properties 里"),
        ({"properties": {"a": 1}}, "每一列应为一个对象"),
        ({"properties": {f"c{n}": {"type": "string"} for n in range(13)}}, "1 到 12 列"),
        ({"properties": {"a:b": {"type": "string"}}}, "列名只能有"),
        ({"properties": {"count": {"type": "string"}}}, "列名只能有"),
        ({"properties": {"a": {"type": "array", "format": "photo"}}}, "不能用控件“photo”"),
        ({"properties": {"a": {"type": "array", "format": "rows", "items": {}}}}, "表的列写在|不能用控件"),
        ({"properties": {"a": {"type": "string", "x-visible": "true"}}}, "不能用 x-visible"),
        ({"properties": {"a": {"type": "string", "x-valeu": "1"}}}, "是不是“x-value”"),
        ({"properties": {"a": {"type": "number", "x-value": "1 +"}}}, "x-value 的表达式"),
        ({"properties": {"a": {"type": "string"}}, "required": ["b"]}, "required 应为列名的列表"),
    ],
)
def test_a_doubtful_table_is_refused(items: Any, message: str) -> None:
    own = {"type": "array", "format": "rows", **({} if items is None else {"items": items})}
    properties = {"lines": {"$ref": "../data.json#/properties/lines"}}
    with pytest.raises(forms.FormError, match=message):
        forms.load("check", {"properties": properties}, forms.Dictionary({"properties": {"lines": own}}))
