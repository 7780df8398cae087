"""Values written in the source."""

from tongxin.feel import temporal as times
from tongxin.feel.errors import FeelError
from tongxin.feel.lexer import Token
from tongxin.feel.values import DECIMAL, Number, Value, finite, whole


def number(token: Token) -> Number:
    text = token.text
    if text.isdigit():
        return whole(int(text)) if len(text) <= 100 else _decimal(token)
    return _decimal(token)


def _decimal(token: Token) -> Number:
    value = finite(DECIMAL.create_decimal(token.text))
    if value is None:
        raise FeelError("数字太大", "the number is too large", token.at)
    return value


def temporal_value(text: str) -> Value:
    """The date, time, date and time, or duration this text stands for, or None."""
    for read in (times.duration, times.date_and_time, times.plain_date, times.plain_time):
        value = read(text)
        if value is not None:
            return value
    return None


def temporal(text: str, at: int) -> Value:
    value = temporal_value(text)
    if value is None:
        raise FeelError("“{text}”不是日期、时间或时长", "{text!r} is no date, time or duration", at, text=text[:40])
    return value
