"""A point on the map: WGS-84, as browsers give it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.widget import Widget
from tongxin.words import N_, _

PARTS = frozenset({"lat", "lon", "accuracy"})
MOST_LAT, MOST_LON, MOST_ACCURACY = 90, 180, 100_000  # degrees, degrees, metres
_PRECISE = Decimal("0.000001")  # of a degree: a hand's breadth
_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_WRITTEN = re.compile(rf"({_NUMBER})\s*[,，、\s]\s*({_NUMBER})(?:\s*[,，]?\s*(?:±|\+-)\s*([0-9]{{1,6}})\s*(?:米|m)?)?")


class Geo(Widget):
    """`lat` and `lon` in degrees, `accuracy` in metres where it is known."""

    control = "geo"
    ask = N_("请填写{title}的经纬度，或用当前位置")

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, Mapping) or not {"lat", "lon"} <= value.keys() or value.keys() - PARTS:
            raise Problem(_("{title}要写成 纬度,经度，例如 31.23040,121.47370", title=field.title))
        lat, lon = (_degrees(field, value[part]) for part in ("lat", "lon"))
        if abs(lat) > MOST_LAT and abs(lon) <= MOST_LAT and abs(lat) <= MOST_LON:
            raise Problem(_("{title}的经纬度像是写反了：先写纬度，再写经度", title=field.title))
        if abs(lat) > MOST_LAT or abs(lon) > MOST_LON:
            raise Problem(_("{title}的纬度在 -90 到 90 之间，经度在 -180 到 180 之间", title=field.title))
        accuracy = value.get("accuracy")
        point: dict[str, Value] = {"lat": lat, "lon": lon}
        if accuracy is None:
            return point
        metres = _number(accuracy)
        if metres is None or not 0 <= metres <= MOST_ACCURACY:
            raise Problem(_("{title}的精度应为 0 到 {most} 米", title=field.title, most=MOST_ACCURACY))
        return {**point, "accuracy": int(metres.to_integral_value())}

    def read(self, field: Field, text: str) -> Value:
        found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text[:100]).strip()) if len(text) <= 100 else None
        if found is None:
            return text
        point = {"lat": Decimal(found[1]), "lon": Decimal(found[2])}
        return point if found[3] is None else {**point, "accuracy": int(found[3])}

    def text(self, field: Field, value: Value) -> str:
        if not isinstance(value, Mapping):
            return str(value)
        at = f"{value.get('lat')},{value.get('lon')}"
        return at if value.get("accuracy") is None else f"{at} ±{value['accuracy']}"

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        if not isinstance(value, Mapping):
            return str(value)
        lat, lon = _number(value.get("lat")), _number(value.get("lon"))
        if lat is None or lon is None:
            return self.text(field, value)
        at = f"{lat:.5f}, {lon:.5f}"
        metres = value.get("accuracy")
        return at if metres is None else _("{at}（±{metres} 米）", at=at, metres=metres)

    def hint(self, field: Field) -> str:
        return _("先写纬度，再写经度，例如 31.23040,121.47370。")

    def attributes(self, field: Field) -> dict[str, str]:
        return {"maxlength": "60", "autocomplete": "off"}


def _degrees(field: Field, value: Value) -> Decimal:
    number = _number(value)
    if number is None or abs(number) > 1000:
        raise Problem(_("{title}的经纬度应为数字", title=field.title))
    return number.quantize(_PRECISE).normalize() + 0


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None
