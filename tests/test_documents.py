"""Documents an office hands in: told by their content, whatever their names; no archives, macros, passwords."""

import io
import zipfile

import pytest

from tests.test_files import picture
from tongxin import files
from tongxin.forms.widgets import FILE_KINDS

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return out.getvalue()


def old(*streams: str) -> bytes:
    return OLE + b"\0\0".join(stream.encode("utf-16-le") for stream in streams)


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "data", "kept", "kind"),
    [
        ("合同.pdf", b"%PDF-1.7\n", "合同.pdf", "pdf"),
        ("合同.exe", b"%PDF-1.7\n", "合同.pdf", "pdf"),
        ("报告.docx", DOCX, "报告.docx", "word"),
        ("报告.zip", DOCX, "报告.docx", "word"),
        ("表.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), "表.xlsx", "sheet"),
        ("课.pptx", archive("docProps/app.xml", "[Content_Types].xml", "ppt/presentation.xml"), "课.pptx", "slides"),
        ("公文.ofd", archive("OFD.xml", "Doc_0/Document.xml"), "公文.ofd", "ofd"),
        ("旧.doc", old("Root Entry", "WordDocument"), "旧.doc", "word"),
        ("旧.wps", old("Root Entry", "WordDocument"), "旧.wps", "word"),
        ("旧.et", old("Root Entry", "Workbook"), "旧.et", "sheet"),
        ("旧.docx", old("Root Entry", "WordDocument"), "旧.doc", "word"),
        ("带表.doc", old("Root Entry", "Workbook", "WordDocument"), "带表.doc", "word"),
        ("说明.txt", "第一行\r\n第二行".encode(), "说明.txt", "text"),
        ("名单.csv", "姓名,楼号".encode("gb18030"), "名单.csv", "text"),
        ("图.pdf", picture((4, 4)), "图.jpg", "image"),
    ],
)
def test_taken_for_what_they_are(name: str, data: bytes, kept: str, kind: str) -> None:
    content = files.read_any(name, data)
    assert (content.name, files.kind_of(content.media_type)) == (kept, kind)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("包.zip", archive("a.txt"), "这种文件不能上传"),
        ("包.docx", archive("word/document.xml"), "这种文件不能上传"),
        ("坏.docx", b"PK\x03\x04" + b"\0" * 40, "打不开"),
        ("宏.docm", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "里有宏"),
        ("宏.doc", old("WordDocument", "_VBA_PROJECT"), "里有宏"),
        ("密.docx", old("EncryptedPackage"), "加了密码"),
        ("装.msi", old("Root Entry"), "这种文件不能上传"),
        ("页.html", b"<script>alert(1)</script>", "这种文件不能上传"),
        ("程序.txt", b"\x7fELF\0\0", "这种文件不能上传"),
        ("空.txt", b"", "是空的"),
        ("大.pdf", b"%PDF-1.7\n" + b"0" * 20_000_000, "文件太大（20 MB）"),
    ],
)
def test_refused_with_a_reason(name: str, data: bytes, told: str) -> None:
    with pytest.raises(files.FileRefused, match=told):
        files.read_any(name, data)


def test_only_kinds_that_are_wanted() -> None:
    with pytest.raises(files.FileRefused, match="可以上传：PDF、照片。"):
        files.read_any("报告.docx", DOCX, ["image", "pdf"])
    with pytest.raises(files.FileRefused, match="可以上传：PDF。"):
        files.read_any("图.png", picture((4, 4)), ["pdf"])


def test_forms_and_the_store_mean_the_same_kinds() -> None:
    assert {kind: words for kind, (words, _ends) in FILE_KINDS.items()} == {
        kind: words for kind, (words, _types) in files.KINDS.items()
    }
    for kind, (_words, endings) in FILE_KINDS.items():
        if kind != "image":
            assert endings.split(",") == [f".{one}" for one in files.KINDS[kind][1]]
