"""What is wrong with an expression, in Chinese for people and in English for logs."""


class FeelError(ValueError):
    """The expression cannot be compiled, or its evaluation was stopped."""

    def __init__(self, message: str, english: str = "", position: int | None = None) -> None:
        """`position` counts characters of the source from 0; None when no single place is to blame."""
        super().__init__(message)
        self.message = message
        self.english = english or message
        self.position = position

    def __str__(self) -> str:
        return self.message if self.position is None else f"{self.message}（第 {self.position + 1} 个字符）"
