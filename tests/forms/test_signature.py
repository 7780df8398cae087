"""A signature: drawn and handed in as a picture, or typed and confirmed where the form allows it."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tongxin import files, forms

Make = Callable[..., forms.Form]
AT = "2026-03-05T08:30:00+08:00"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"sign": ["42"]}, {"file": "42", "at": AT}),
        ({"sign": ["42"], "sign:name": ["王秀英"]}, {"file": "42", "at": AT}),  # the hand comes first
        ({"sign:name": [" 王秀英 "], "sign:confirmed": ["1"]}, {"name": "王秀英", "confirmed": True, "at": AT}),
        ({}, None),
    ],
)
def test_read_from_a_page(make: Make, sent: dict[str, list[str]], kept: Any, now: datetime) -> None:
    form = make(sign={})
    assert forms.check(form, forms.parse(form, sent), {}, now) == forms.Checked({"sign": kept}, ())


@pytest.mark.parametrize(
    ("sent", "own", "message"),
    [
        ("42", {}, "申请人签名应为签名"),
        ({"file": "42", "by": "x"}, {}, "申请人签名应为签名"),
        ({"file": "42", "name": "王"}, {}, "请在框里签名，或上传签名的照片：申请人签名"),
        ({"name": "王秀英", "confirmed": True}, {"x-typed": False}, "请在框里签名，或上传签名的照片：申请人签名"),
        ({"name": "王秀英", "confirmed": False}, {}, "请勾选“本人确认”，或改为手写签名：申请人签名"),
        ({"name": "王" * 41, "confirmed": True}, {}, "申请人签名：姓名最多 40 字"),
    ],
)
def test_says_what_is_wrong(make: Make, sent: Any, own: dict[str, Any], message: str, now: datetime) -> None:
    checked = forms.check(make(sign=own), {"sign": sent}, {}, now)
    assert checked == forms.Checked({}, (forms.Error("sign", message),))


def test_one_that_must_be_there(make: Make, now: datetime) -> None:
    form = make(required=("sign",), sign={})
    assert forms.check(form, {}, {}, now).errors == (forms.Error("sign", "请签名：申请人签名"),)


def test_shown_with_who_and_when(make: Make, now: datetime) -> None:
    form = make(sign={"readOnly": True})
    (view,) = forms.view(form, {}, {"sign": {"file": "42", "at": AT}}, (), now)
    assert (view.value, view.display) == ("42", "已签名 2026-03-05 08:30")
    (view,) = forms.view(form, {}, {"sign": {"name": "王秀英", "confirmed": True, "at": AT}}, (), now)
    assert (view.value, view.display) == ("", "王秀英（本人确认） 2026-03-05 08:30")


def drawn(mode: str, ground: Any, ink: Any) -> bytes:
    image = Image.new(mode, (600, 220), ground)
    if ink is not None:
        ImageDraw.Draw(image).line((30, 30, 400, 150), ink, 4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "data", [drawn("RGB", "white", "black"), drawn("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), drawn("L", 255, 0)]
)
def test_kept_in_black_on_white(data: bytes) -> None:
    content = files.read_signature("signature.png", data)
    shown = Image.open(io.BytesIO(content.data))
    assert (content.media_type, shown.mode, shown.size) == ("image/png", "L", (600, 220))
    assert shown.getpixel((0, 0)) >= files.PAPER
    assert shown.getextrema()[0] < 60


@pytest.mark.parametrize("data", [drawn("RGB", "white", None), drawn("RGBA", (0, 0, 0, 0), None)])
def test_a_blank_one_is_refused(data: bytes) -> None:
    with pytest.raises(files.FileRefused, match="签名是空白的"):
        files.read_signature("signature.png", data)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(files.FileRefused, match="不是照片"):
        files.read_signature("a.pdf", b"%PDF-1.7")
