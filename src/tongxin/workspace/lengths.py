"""Lengths of time as people write them: a number and a unit."""

import re
from typing import Any

from tongxin.words import N_, _

UNITS = {"M": N_("分钟"), "H": N_("小时"), "D": N_("天")}
_SIMPLE = re.compile(r"(?:PT(\d{1,6})([MH])|P(\d{1,5})(D))")
_CLOCK = re.compile(r"PT(\d{1,5})H(\d{1,6})M")


def split(value: Any) -> tuple[int, str] | None:
    """A duration as number and unit (M, H, D); None for what is none or takes more than one unit to say."""
    if not isinstance(value, str):
        return None
    found = _SIMPLE.fullmatch(value)
    if found:
        return int(found[1] or found[3]), found[2] or found[4]
    both = _CLOCK.fullmatch(value)
    return (int(both[1]) * 60 + int(both[2]), "M") if both else None


def join(number: str, unit: str) -> str:
    """The ISO 8601 duration; whoever keeps it checks that it is one."""
    return f"P{number.strip()}D" if unit == "D" else f"PT{number.strip()}{unit}"


def told(value: Any) -> str:
    """2 小时; what is no length as it is written."""
    length = split(value)
    return f"{length[0]} {_(UNITS[length[1]])}" if length else str(value)
