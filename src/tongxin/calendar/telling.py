"""How a limit was counted, in the reader's language, whatever rule counted it."""

from collections.abc import Mapping
from typing import Any

from tongxin.calendar import business, days
from tongxin.words import retold


def counted(facts: Mapping[str, Any]) -> str:
    """The count itself, without what happened to the limit since; of what we have not counted, what its text says."""
    match facts.get("rule"):
        case "working_days" | "next_working_day":
            return days.told(facts)
        case "business_hours":
            return business.told(facts)
    return retold(str(facts.get("text") or ""))
