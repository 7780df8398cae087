"""A due time, or a last day, that knows how it was derived."""

from collections.abc import Mapping
from datetime import date, datetime
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


class LastDay(date):
    """A date with its `derivation`; as a due time the end of that day is meant."""

    derivation: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def of(cls, day: date, derivation: Mapping[str, Any]) -> Self:
        last = cls(day.year, day.month, day.day)
        last.derivation = dict(derivation)
        return last

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Copies and pickles keep the derivation."""
        return LastDay.of, (date(self.year, self.month, self.day), dict(self.derivation))
