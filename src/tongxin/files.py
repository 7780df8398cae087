"""Files handed in: told by their content, photos stripped of what they say about the phone, stored by hash."""

import hashlib
import io
import os
import warnings
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

from tongxin.words import N_, _

LARGEST_PHOTO = 10_000_000
LARGEST_FILE = 20_000_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2000
THUMBNAIL = 320
MOST_PARTS = 5_000  # files inside an office document
LONGEST_SIGNATURE = 1000
PAPER = 245  # from this brightness on a point is paper, not ink
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    # kind -> in words, and name's ending -> media type; the first ending is given to names that have another
    "pdf": ("PDF", {"pdf": "application/pdf"}),
    "ofd": ("OFD", {"ofd": "application/ofd"}),
    "word": (
        N_("Word 或 WPS 文档"),
        {
            "docx": f"{_OFFICE}.wordprocessingml.document",
            "doc": "application/msword",
            "wps": "application/vnd.ms-works",
        },
    ),
    "sheet": (
        N_("Excel 或 WPS 表格"),
        {
            "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
            "xls": "application/vnd.ms-excel",
            "et": "application/vnd.ms-excel",
        },
    ),
    "slides": (
        N_("演示文稿"),
        {
            "pptx": f"{_OFFICE}.presentationml.presentation",
            "ppt": "application/vnd.ms-powerpoint",
            "dps": "application/vnd.ms-powerpoint",
        },
    ),
    "text": (N_("文本文件"), {"txt": "text/plain", "csv": "text/csv"}),
    "image": (N_("照片"), {"jpg": "image/jpeg", "png": "image/png"}),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = {"slides": "PowerPoint Document", "word": "WordDocument", "sheet": "Workbook"}  # in documents before 2007
_FOLDERS = {"word": "word/", "sheet": "xl/", "slides": "ppt/", "ofd": "OFD.xml"}  # in those since
PHOTOS = {"image/jpeg", "image/png", "image/webp"}


class FileRefused(Exception):
    """The file cannot be taken; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file ready to be stored: what it is by its content, not by its name."""

    name: str
    media_type: str
    data: bytes
    thumbnail: bytes | None = None

    @property
    def sha256(self) -> str:
        """Where it lies in the store."""
        return hashlib.sha256(self.data).hexdigest()


def read_photo(name: str, data: bytes) -> Content:
    """A photo without EXIF, turned upright, at most LONGEST_SIDE pixels on a side. Raises FileRefused."""
    if len(data) > LARGEST_PHOTO:
        raise FileRefused(_("照片太大（{size}），请选 10 MB 以内的。", size=_megabytes(data)))
    if _kind(data) not in PHOTOS:
        raise FileRefused(_("“{name}”不是照片。请选 JPG、PNG 或 WebP 格式的照片。", name=_short(name)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            if image.width * image.height > MOST_PIXELS:
                raise FileRefused(_("照片的像素太多，请用手机拍一张普通的照片。"))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombWarning,
        Image.DecompressionBombError,
    ) as error:
        raise FileRefused(_("“{name}”打不开，可能已损坏。请换一张照片。", name=_short(name))) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    photo = _jpeg(upright, 82)
    upright.thumbnail((THUMBNAIL, THUMBNAIL))
    return Content(_renamed(name, "jpg"), "image/jpeg", photo, _jpeg(upright, 75))


def read_signature(name: str, data: bytes) -> Content:
    """A signature in grey on white, drawn or photographed. Raises FileRefused, also when there is no ink on it."""
    shown = Image.open(io.BytesIO(read_photo(name, _on_white(data)).data)).convert("L")
    darkest = shown.getextrema()[0]
    if not isinstance(darkest, (int, float)) or darkest > PAPER:
        raise FileRefused(_("签名是空白的，请重新签。"))
    shown.thumbnail((LONGEST_SIGNATURE, LONGEST_SIGNATURE))
    out = io.BytesIO()
    shown.save(out, "PNG", optimize=True)
    return Content(_renamed(name, "png"), "image/png", out.getvalue())


def _on_white(data: bytes) -> bytes:
    """A transparent picture laid on paper; anything else as it is, for `read_photo` to judge."""
    if _kind(data) != "image/png" or len(data) > LARGEST_PHOTO:
        return data
    try:
        image = Image.open(io.BytesIO(data))
        if image.mode not in ("RGBA", "LA", "P") or image.width * image.height > MOST_PIXELS:
            return data
        ink = image.convert("RGBA")
        paper = Image.new("RGBA", ink.size, "white")
        paper.alpha_composite(ink)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return data
    out = io.BytesIO()
    paper.convert("RGB").save(out, "PNG")
    return out.getvalue()


def read_any(name: str, data: bytes, kinds: Collection[str] = KINDS.keys()) -> Content:
    """A document of one of these kinds, told by its content. Raises FileRefused.

    The name keeps its ending if that is one of the kind's. Documents with macros or a password are refused.
    """
    if _kind(data) in PHOTOS and "image" in kinds:
        return read_photo(name, data)
    if len(data) > LARGEST_FILE:
        raise FileRefused(_("文件太大（{size}），请选 20 MB 以内的。", size=_megabytes(data)))
    if not data:
        raise FileRefused(_("“{name}”是空的，请重新选。", name=_short(name)))
    ending = Path(name).suffix.lower().removeprefix(".")
    kind, known = _document(name, data, ending)
    if kind not in kinds:
        told = _("、").join(_(KINDS[one][0]) for one in KINDS if one in kinds)
        raise FileRefused(_("“{name}”这种文件不能上传。可以上传：{kinds}。", name=_short(name), kinds=told))
    ending = ending if ending in known else known[0]
    return Content(_renamed(name, ending), KINDS[kind][1][ending], data)


def kind_of(media_type: str) -> str:
    """The kind of a stored file; empty for what we do not know."""
    return next((kind for kind, (_words, types) in KINDS.items() if media_type in types.values()), "")


def _document(name: str, data: bytes, ending: str) -> tuple[str, list[str]]:
    """Its kind, and the endings its name may have; no kind for what we do not take."""
    if data.startswith(b"%PDF-"):
        return "pdf", ["pdf"]
    if data.startswith(_OLE):
        return _before_2007(name, data, ending)
    if data.startswith(b"PK\x03\x04"):
        return _since_2007(name, data)
    return ("text", [ending]) if ending in KINDS["text"][1] and _is_text(data) else ("", [])


def _before_2007(name: str, data: bytes, ending: str) -> tuple[str, list[str]]:
    """An OLE file, by the names of its streams; by its own ending when it holds several (a table in a text)."""
    if _wide("EncryptedPackage") in data:
        raise FileRefused(_("“{name}”加了密码，别人打不开。请去掉密码再上传。", name=_short(name)))
    if _wide("_VBA_PROJECT") in data:
        raise FileRefused(_("“{name}”里有宏，不能上传。请另存为不带宏的文件。", name=_short(name)))
    found = [kind for kind, stream in _STREAMS.items() if _wide(stream) in data]
    kind = next((one for one in found if ending in KINDS[one][1]), found[0] if found else "")
    return kind, [one for one in KINDS[kind][1] if not one.endswith("x")] if kind else []


def _since_2007(name: str, data: bytes) -> tuple[str, list[str]]:
    """An archive that is an office document, by what lies in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise FileRefused(_("“{name}”打不开，可能已损坏。请重新保存后再上传。", name=_short(name))) from error
    if len(names) > MOST_PARTS:
        return "", []
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise FileRefused(_("“{name}”里有宏，不能上传。请另存为不带宏的文件。", name=_short(name)))
    for kind, folder in _FOLDERS.items():
        if any(one.startswith(folder) for one in names) and (kind == "ofd" or "[Content_Types].xml" in names):
            return kind, [next(iter(KINDS[kind][1]))]
    return "", []


def _is_text(data: bytes) -> bool:
    """Whether these are characters of UTF-8 or GB 18030 and nothing that cannot be seen."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(character < " " and character not in "\t\r\n\f" for character in text)
    return False


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


class Store:
    """Blobs in a folder, each under the hash of its content; writing the same content twice is one blob."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: Content) -> str:
        """Store and return the hash."""
        path = self._path(content.sha256)
        if content.thumbnail is not None:
            _write(_small(path), content.thumbnail)
        _write(path, content.data)
        return content.sha256

    def path(self, sha256: str, *, small: bool = False) -> Path:
        """Where a stored blob lies, or its thumbnail if it has one; raises FileNotFoundError when it is gone."""
        path = self._path(sha256)
        if small and _small(path).is_file():
            return _small(path)
        if not path.is_file():
            raise FileNotFoundError(sha256)
        return path

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _small(path: Path) -> Path:
    return path.with_suffix(".small")


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, and only once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
        fresh.write(data)
        os.fchmod(fresh.fileno(), 0o640)  # the residents' pages may run as another account of the same group
        fresh.flush()
        os.fsync(fresh.fileno())
    os.replace(fresh.name, path)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """A new file: nothing of the old metadata comes along."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _kind(data: bytes) -> str:
    guess = filetype.guess_mime(data[:8192])
    return guess or "application/octet-stream"


def size(octets: int) -> str:
    """How large a file is, in words: 18 KB, 1.2 MB."""
    return f"{max(octets / 1_000, 1):.0f} KB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"


def _megabytes(data: bytes) -> str:
    return f"{len(data) / 1_000_000:.0f} MB"


def _short(name: str) -> str:
    return Path(name).name[-60:]


def _renamed(name: str, extension: str) -> str:
    stem = "".join(character for character in Path(name).stem if character.isprintable())[:100] or "file"
    return f"{stem}.{extension}"
