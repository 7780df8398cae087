"""What is wrong with an expression, in Chinese and in English: this room knows no catalogue."""


class FeelError(ValueError):
    """The expression cannot be compiled, or its evaluation was stopped."""

    def __init__(self, message: str, english: str, position: int | None = None, **values: object) -> None:
        """`values` fill the holes of both texts; one that differs in them is a pair, Chinese and English.

        `position` counts characters of the source from 0; None when no single place is to blame.
        """
        self.message = message.format(**{name: _part(value, 0) for name, value in values.items()})
        self.english = english.format(**{name: _part(value, 1) for name, value in values.items()})
        self.position = position
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message if self.position is None else f"{self.message}（第 {self.position + 1} 个字符）"

    @property
    def in_english(self) -> str:
        """What `str` says, in English."""
        return self.english if self.position is None else f"{self.english} (character {self.position + 1})"


def _part(value: object, language: int) -> object:
    return value[language] if isinstance(value, tuple) else value
