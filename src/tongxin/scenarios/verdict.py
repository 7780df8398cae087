"""Why a scenario stops: what it expected and what was there."""

from tongxin.words import _


class Stopped(Exception):
    """The scenario fails here."""

    def __init__(self, what: str, expected: str, actual: str) -> None:
        super().__init__(_("{what}：应为 {expected}，实为 {actual}", what=what, expected=expected, actual=actual))
        self.what = what
        self.expected = expected
        self.actual = actual


class Unfit(Stopped):
    """The scenario speaks of something that does not exist; `expected` lists what does."""


class Differs(Stopped):
    """Something is not as the scenario says."""
