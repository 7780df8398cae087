"""What an area may set a parameter to: a value of the kind the procedure gives it."""

import re
from decimal import Decimal
from typing import Any

from tongxin import feel
from tongxin.procedures.package import Parameter
from tongxin.words import _

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_LONGEST = 200


class UnfitValue(Exception):
    """That is no value for this parameter; the message says what to write instead."""


def read(parameter: Parameter, text: str) -> Any:
    """The value to keep for what somebody typed; raises UnfitValue."""
    given, usual = text.strip(), parameter.value
    if isinstance(usual, bool):
        return _yes_or_no(given)
    if isinstance(usual, (int, float, Decimal)):
        return _number(given, whole=isinstance(usual, int))
    if isinstance(usual, str) and _is_duration(usual):
        if not _is_duration(given):
            raise UnfitValue(
                _("“{given}”不是时长。请写 PT15M（15 分钟）、PT2H（2 小时）、P3D（3 天）这样。", given=given)
            )
        return given
    if isinstance(usual, str) and _CLOCK.fullmatch(usual):
        if not _CLOCK.fullmatch(given):
            raise UnfitValue(_("“{given}”不是钟点。请写 08:00、17:30 这样。", given=given))
        return given
    if not given or len(given) > _LONGEST or not given.isprintable():
        raise UnfitValue(_("请写 1 到 {most} 个字的一行文字。", most=_LONGEST))
    return given


def _yes_or_no(given: str) -> bool:
    if given not in ("true", "false"):
        raise UnfitValue(_("“{given}”不行，这个参数只能是 true（是）或 false（否）。", given=given))
    return given == "true"


def _number(given: str, *, whole: bool) -> int | float:
    if not _NUMBER.fullmatch(given) or (whole and "." in given):
        kind = _("整数，例如 3") if whole else _("数字，例如 2.5")
        raise UnfitValue(_("“{given}”不行，这个参数应为{kind}。", given=given, kind=kind))
    return float(given) if "." in given else int(given)


def _is_duration(text: str) -> bool:
    if not text.startswith("P"):  # what runs backwards is no limit
        return False
    try:
        feel.duration(text)
    except feel.FeelError:
        return False
    return True
