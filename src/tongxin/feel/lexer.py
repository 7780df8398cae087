"""Source text to tokens with positions."""

import re
from typing import NamedTuple

from tongxin.feel.errors import FeelError

MAX_SOURCE = 20_000

_EMOJI = "\U00010000-\U000effff"  # characters beyond the basic plane may be part of names, too
_TOKEN = re.compile(
    rf"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<name>(?:[^\W\d]|[{_EMOJI}])[\w·{_EMOJI}]*|\?)
    |(?P<operator>\.\.|\*\*|<=|>=|!=|->|[-+*/<>=()\[\]{{}},.:@'’])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # the full-width forms of ASCII
_FULL_WIDTH |= dict(zip("“”‘’【】、。", "\"\"''[],.", strict=True))


class Token(NamedTuple):
    kind: str  # number, string, name, operator, end
    text: str
    at: int


def tokens(source: str) -> list[Token]:
    if len(source) > MAX_SOURCE:
        raise FeelError(
            "表达式太长：最多 {most} 个字符", "the expression is longer than {most} characters", most=MAX_SOURCE
        )
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise unreadable(source[at], at)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    found.append(Token("end", "", at))
    return found


APOSTROPHES = {"'", "’"}  # may be part of a known name, as in `Teacher's remark`; nothing else


def unreadable(character: str, at: int) -> FeelError:
    if character == '"':
        return FeelError(
            "引号没有成对：文字要用两个半角双引号括起来",
            "unterminated string: texts stand between two straight double quotes",
            at,
        )
    plain = _FULL_WIDTH.get(character)
    if plain:
        return FeelError(
            "这里是全角符号“{sign}”，请改用半角“{plain}”",
            "full-width {sign!r}, use {plain!r}",
            at,
            sign=character,
            plain=plain,
        )
    return FeelError("不认识的符号“{sign}”", "unexpected character {sign!r}", at, sign=character)


def unquoted(token: Token) -> str:
    """The text a string token stands for."""
    text = token.text[1:-1]
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(lambda match: _unescaped(match.group(1), token.at), text)
    try:  # \\uD83D\\uDC0E is one character written as two
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise FeelError("文字里有半个字符（\\uD800–\\uDFFF 要成对）", "lone surrogate in a string", token.at) from None


def _unescaped(escape: str, at: int) -> str:
    if len(escape) == 1:
        return _ESCAPED.get(escape, "\\" + escape)  # "\d" of a pattern stays as it is
    code = int(escape[1:], 16)
    if code > 0x10FFFF:
        raise FeelError("没有这个字符：\\{escape}", "no such character: \\{escape}", at, escape=escape)
    return chr(code)
