"""What people were answered: to be held to the database at the end."""

import io
import random
import threading
from dataclasses import dataclass, field

from PIL import Image, ImageFilter


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that was answered with a code."""

    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A step that its form was handed in for and that went on: what was typed or chosen in it."""

    task_id: int
    login: str  # empty: a resident
    values: dict[str, str]


@dataclass(slots=True)
class Memory:
    """Everybody's."""

    reports: list[Reported] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)  # what every report was about, answered or not
    submissions: list[Submitted] = field(default_factory=list)
    overtaken: int = 0  # somebody else, or a time limit, was first
    withdrawn: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def number(self) -> int:
        """One that nobody else has."""
        with self.lock:
            self._number += 1
            return self._number

    def was_overtaken(self) -> None:
        with self.lock:
            self.overtaken += 1


_SCENE = Image.effect_noise((1280, 960), 40).filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")


def a_photo(share: float) -> bytes | None:
    """In so many cases of all a photo like no other, as large as phones send them after our page made them smaller."""
    if random.random() >= share:
        return None
    scene, out = _SCENE.copy(), io.BytesIO()
    scene.paste((random.randrange(256), 90, 60), (0, 0, random.randint(1, 600), random.randint(1, 600)))
    scene.save(out, "JPEG", quality=60)
    return out.getvalue()
