"""A position in the tokens, and how names made of several tokens are recognised."""

from collections.abc import Iterable, Iterator, Set
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise

from tongxin.feel.builtins import NAMES as BUILTIN_NAMES
from tongxin.feel.errors import FeelError
from tongxin.feel.lexer import APOSTROPHES, Token, tokens, unquoted, unreadable

KEYWORDS = frozenset(
    (
        *("and", "or", "not", "between", "in", "instance", "of", "true", "false", "null"),
        *("if", "then", "else", "for", "return", "some", "every", "satisfies", "function"),
    )
)
_BEGINNINGS = {"true", "false", "null", "not", "if", "for", "some", "every", "function"}
_TYPES = (
    "date and time",
    "days and time duration",
    "years and months duration",
    "day time duration",
    "year month duration",
)
_LONGEST_NAME = 80


class NameTable:
    """Known names that are more than one word, by their first word, longest first."""

    def __init__(self, names: Iterable[str], parent: "NameTable | None" = None) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = dict(parent._by_first) if parent else {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        if name.isalnum():
            return
        try:
            words = tuple(token.text for token in tokens(name) if token.kind != "end")
        except FeelError:
            return  # a key such as "a#b" can be read by `get value` only
        if len(words) > 1:
            others = self._by_first.get(words[0], [])
            self._by_first[words[0]] = sorted({*others, words}, key=len, reverse=True)

    def names(self) -> Iterator[str]:
        for found in self._by_first.values():
            yield from (" ".join(words) for words in found)

    def starting_with(self, word: str) -> list[tuple[str, ...]]:
        return self._by_first.get(word, [])


@lru_cache(256)
def _table(names: tuple[str, ...]) -> NameTable:
    return NameTable(names)


def known_names(names: Iterable[str]) -> NameTable:
    """The table of these names; kept, since all expressions of a procedure know the same ones."""
    return _table(tuple(name for name in names if not name.isalnum()))


_BUILTIN_TABLE = NameTable([*BUILTIN_NAMES, *_TYPES])


class Cursor:
    def __init__(self, found: list[Token], table: NameTable, fields: NameTable) -> None:
        self._tokens = found
        self._fields = fields
        self._index = 0
        self.token = found[0]
        self.table = NameTable((), table)

    @property
    def at(self) -> int:
        return self.token.at

    def ahead(self, distance: int) -> Token:
        return self._tokens[min(self._index + distance, len(self._tokens) - 1)]

    def take(self, count: int = 1) -> Token:
        token = self.token
        self._index = min(self._index + count, len(self._tokens) - 1)
        self.token = self._tokens[self._index]
        return token

    def is_operator(self, texts: Set[str]) -> bool:
        return self.token.kind == "operator" and self.token.text in texts

    def is_word(self, text: str) -> bool:
        return self.token.kind == "name" and self.token.text == text

    def accept(self, text: str) -> bool:
        if self.token.text == text and self.token.kind in {"operator", "name"}:
            self.take()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected("这里缺少“{text}”", "expected {text!r}", text=text)

    def finish(self) -> None:
        if self.token.kind != "end":
            close = self._similar_name()
            if close:
                raise self.unexpected("没有这个名称，是不是“{text}”", "unknown name, did you mean {text!r}", text=close)
            raise self.unexpected("这里缺少运算符，或多了内容", "expected an operator or the end")

    def _similar_name(self) -> str | None:
        """A known name of several words that the words around the cursor resemble."""
        first = last = self._index
        while first > 0 and self._tokens[first - 1].kind == "name":
            first -= 1
        while self._tokens[last].kind == "name":
            last += 1
        written = " ".join(token.text for token in self._tokens[first:last])
        known = [*self.table.names(), *_BUILTIN_TABLE.names()]
        close = get_close_matches(written, known, 1, cutoff=0.8) if len(written) < _LONGEST_NAME else []
        return close[0] if close else None

    def unexpected(self, message: str, english: str, **values: str) -> FeelError:
        if self.token.text in APOSTROPHES:
            return unreadable(self.token.text, self.at)
        what = message.format(**values), english.format(**values)
        if self.token.kind == "end":
            return FeelError("表达式没有写完：{what}", "{what}, found the end", self.at, what=what)
        return FeelError(
            "{what}，却看到“{token}”", "{what}, found {token!r}", self.at, what=what, token=self.token.text
        )

    # names

    def _known_name(self) -> tuple[str, ...] | None:
        first = self.token.text
        return self._longest((*self.table.starting_with(first), *_BUILTIN_TABLE.starting_with(first)))

    def _longest(self, candidates: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
        for words in candidates:
            if all(self.ahead(i).text == word and self.ahead(i).kind != "string" for i, word in enumerate(words)):
                return words
        return None

    def at_known_name(self) -> bool:
        return self._known_name() is not None

    def name(self) -> str:
        """A name in an expression: the longest known one, else one word."""
        words = self._known_name()
        if words:
            return joined(self._take_all(len(words)))
        if self.token.text in KEYWORDS and self.token.text != "not":
            raise self.unexpected("这里缺少一个值", "a value is missing")
        return self.take().text

    def property_name(self) -> str:
        """A name after a dot: all words up to an operator or keyword, since two names never stand side by side."""
        words = self._longest(self._fields.starting_with(self.token.text)) or self._known_name()
        if words:
            return joined(self._take_all(len(words)))
        if self.token.kind != "name":
            raise self.unexpected("点号后面要写名称", "expected a name after the dot")
        count = 1
        while self.ahead(count).kind == "name" and self.ahead(count).text not in KEYWORDS:
            count += 1
        return joined(self._take_all(count))

    def new_name(self, until: Set[str]) -> str:
        """A name the expression introduces (loop variable, parameter); it may hold spaces and is known from here on."""
        count = 0
        while self.ahead(count).kind != "end" and self.ahead(count).text not in until:
            count += 1
        if count == 0 or self.token.kind != "name":
            raise self.unexpected("这里要写名称", "expected a name")
        if any(self.ahead(i).kind == "string" for i in range(count)) or self.token.text in KEYWORDS:
            raise self.unexpected("这里要写名称", "expected a name")
        name = joined(self._take_all(count))
        self.table.add(name)
        return name

    def key(self) -> str:
        """A key of a context: a text or a name."""
        if self.token.kind != "string":
            return self.new_name(until={":", ",", "}"})
        name = unquoted(self.take())
        self.table.add(name)
        return name

    def argument_name(self) -> str | None:
        """`name:` before an argument, if there is one."""
        count = 0
        while self.ahead(count).kind == "name":
            count += 1
        if count == 0 or self.ahead(count).text != ":" or self.ahead(count).kind != "operator":
            return None
        name = joined(self._take_all(count))
        self.take()
        return name

    def type_name(self) -> str:
        """A type's name; a type declared elsewhere may have several words, and the import's name before a dot."""
        if self.token.kind != "name":
            raise self.unexpected("这里要写类型名称", "expected a type")
        if self._known_name() is None and self.token.text in KEYWORDS:
            return self.take().text
        name = self.property_name()
        while self.accept("."):
            name += "." + self.property_name()
        return name

    def _take_all(self, count: int) -> list[Token]:
        found = self._tokens[self._index : self._index + count]
        self.take(count)
        return found

    def expression_after(self) -> bool:
        """Whether an expression may begin behind the token at the cursor."""
        token = self.ahead(1)
        if token.kind == "operator":
            return token.text in {"(", "[", "{", "@", "-", "]"}
        return token.kind != "end" and (token.text not in KEYWORDS or token.text in _BEGINNINGS)

    def range_ahead(self) -> bool:
        """Whether the bracket at the cursor opens a range: `..` comes before a comma at its own level."""
        if self.token.text not in {"(", "["}:
            return self.token.text == "]"
        depth = 0
        for token in self._tokens[self._index :]:
            if token.kind != "operator":
                if depth == 1 and token.kind == "name" and token.text in {"for", "some", "every"}:
                    return False  # its `..` belongs to the iteration
                continue
            if token.text in {"(", "[", "{"}:
                depth += 1
            elif token.text in {")", "]", "}"}:
                depth -= 1
            elif depth == 1 and token.text in {"..", ","}:
                return token.text == ".."
            if depth == 0:
                return False
        return False


def joined(words: list[Token]) -> str:
    """The words of a name with one space where the source had any."""
    text = words[0].text
    for before, word in pairwise(words):
        gap = word.at > before.at + len(before.text)
        text += f" {word.text}" if gap else word.text
    return text
