"""A due time that knows how it was derived."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self


class Limit(datetime):
    """A date and time with its `derivation`: JSON-ready, `text` for people, the rest for machines.

    Results of arithmetic on a Limit have an empty derivation, since the old one no longer explains them.
    """

    derivation: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def of(cls, moment: datetime, derivation: Mapping[str, Any]) -> Self:
        limit = cls.combine(moment.date(), moment.timetz())
        limit.derivation = dict(derivation)
        return limit

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Copies and pickles keep the derivation."""
        plain = datetime.combine(self.date(), self.timetz())
        return Limit.of, (plain, dict(self.derivation))
