"""How a sensitive value looks to somebody who need not know all of it."""

import re

_MOBILE = re.compile(r"(1[0-9]{2})[0-9]{4}([0-9]{4})")
_LANDLINE = re.compile(r"(0[0-9]{2,3}-?)[0-9]+([0-9]{2})")
KINDS = frozenset({"contact", "name", "identity", "hidden"})


def masked(kind: str, text: str) -> str:
    """Contact: 138****5678; name: 张**; identity: first and last characters; anything else: nothing at all."""
    if kind == "contact":
        for shape in (_MOBILE, _LANDLINE):
            match = shape.fullmatch(text)
            if match:
                return f"{match[1]}****{match[2]}"
        return _first(text)
    if kind == "name":
        return _first(text)
    if kind == "identity" and len(text) > 8:
        return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}"
    return "***"


def _first(text: str) -> str:
    return text[:1] + "*" * min(max(len(text) - 1, 1), 6)
