"""The store: content under its hash, once; photos made small."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tongxin import files


def picture(size: tuple[int, int], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, kind)
    return out.getvalue()


def test_equal_content_is_stored_once(tmp_path: Path) -> None:
    store, content = files.Store(tmp_path), files.Content("a.pdf", "application/pdf", b"%PDF-1.4")
    assert store.put(content) == store.put(files.Content("b.pdf", "application/pdf", b"%PDF-1.4"))
    assert store.path(content.sha256).read_bytes() == b"%PDF-1.4"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    with pytest.raises(FileNotFoundError):
        store.path("0" * 64)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_photos_become_small_jpegs(kind: str) -> None:
    content = files.read_photo("很长的名字" * 40 + ".png", picture((4000, 100), kind))
    assert Image.open(io.BytesIO(content.data)).size == (2000, 50)
    assert content.media_type == "image/jpeg"
    assert len(content.name) <= 110


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(files.FileRefused, match=r"像素太多|打不开"):
        files.read_photo("bomb.png", picture((10_000, 10_000)))


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\0b.pdf", "", ".", "\u202egnp.exe", "a" * 500])
def test_no_name_leads_anywhere(name: str) -> None:
    kept = files.read_any(name, b"%PDF-1.4\n").name
    assert kept.endswith(".pdf")
    assert "/" not in kept
    assert kept.isprintable()
    assert len(kept) <= 110


def test_a_picture_that_only_claims_to_be_huge_is_refused() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(files.FileRefused):
        files.read_photo("bomb.png", bomb + b"\0" * 100)
