"""Files handed in: told by their content, photos stripped of what they say about the phone, stored by hash."""

import hashlib
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

from tongxin.words import _

LARGEST_PHOTO = 10_000_000
LARGEST_FILE = 20_000_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2000
THUMBNAIL = 320
DOCUMENTS = {
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
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


def read_any(name: str, data: bytes) -> Content:
    """A photo, a PDF or an office document. Raises FileRefused."""
    kind = _kind(data)
    if kind in PHOTOS:
        return read_photo(name, data)
    if len(data) > LARGEST_FILE:
        raise FileRefused(_("文件太大（{size}），请选 20 MB 以内的。", size=_megabytes(data)))
    if kind not in DOCUMENTS:
        raise FileRefused(_("“{name}”这种文件不能上传。可以上传照片、PDF、Word 和 Excel 文件。", name=_short(name)))
    return Content(_renamed(name, filetype.get_type(mime=kind).extension), kind, data)


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


def _megabytes(data: bytes) -> str:
    return f"{len(data) / 1_000_000:.0f} MB"


def _short(name: str) -> str:
    return Path(name).name[-60:]


def _renamed(name: str, extension: str) -> str:
    stem = "".join(character for character in Path(name).stem if character.isprintable())[:100] or "file"
    return f"{stem}.{extension}"
