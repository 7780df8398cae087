"""Tokens to nodes, by the grammar of DMN 1.5: expressions and unary tests."""

from collections.abc import Callable, Iterable

from tongxin.feel import ast, literals
from tongxin.feel.cursor import Cursor, known_names
from tongxin.feel.errors import FeelError
from tongxin.feel.lexer import tokens, unquoted
from tongxin.feel.type_names import read_type

_COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}
_CONSTANTS = {"true": True, "false": False, "null": None}
_CLOSING_BRACKETS = {")", "]", "["}  # `[1..2[` closes an end that is not part of the range
MAX_NESTING = 40


def parse(source: str, names: Iterable[str], fields: Iterable[str] = ()) -> ast.Node:
    """`fields` are names that entries of values may have: they are recognised after a dot."""
    parser = _Parser(Cursor(tokens(source), known_names(names), known_names(fields)))
    node = parser.expression()
    parser.cursor.finish()
    return node


def parse_tests(source: str, names: Iterable[str], fields: Iterable[str] = ()) -> ast.Tests:
    parser = _Parser(Cursor(tokens(source), known_names(names), known_names(fields)))
    node = parser.tests()
    parser.cursor.finish()
    return node


class _Parser:
    """Recursive descent; each method reads one construct and leaves the cursor behind it."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.nesting = 0

    def expression(self) -> ast.Node:
        cursor = self.cursor
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FeelError("表达式嵌套太深", "the expression is nested too deeply", cursor.at)
        special = None if cursor.at_known_name() else _SPECIAL.get(cursor.token.text)
        node = special(self) if special else self._either()
        self.nesting -= 1
        return node

    def _if(self) -> ast.Node:
        at = self.cursor.take().at
        condition = self.expression()
        self.cursor.expect("then")
        then = self.expression()
        self.cursor.expect("else")
        return ast.If(condition, then, self.expression(), at=at)

    def _for(self) -> ast.Node:
        at = self.cursor.take().at
        iterators = self._iterators()
        self.cursor.expect("return")
        self.cursor.table.add("partial")
        return ast.For(iterators, self.expression(), at=at)

    def _quantified(self) -> ast.Node:
        token = self.cursor.take()
        iterators = self._iterators()
        self.cursor.expect("satisfies")
        return ast.Quantified(token.text == "every", iterators, self.expression(), at=token.at)

    def _iterators(self) -> list[ast.Iterator]:
        found = []
        while True:
            at = self.cursor.at
            name = self.cursor.new_name(until={"in"})
            self.cursor.expect("in")
            source = self.expression()
            end = self._additive() if self.cursor.accept("..") else None
            found.append(ast.Iterator(name, source, end, at=at))
            if not self.cursor.accept(","):
                return found

    def _function(self) -> ast.Node:
        at = self.cursor.take().at
        self.cursor.expect("(")
        parameters: list[tuple[str, ast.TypeName | None]] = []
        while not self.cursor.accept(")"):
            name = self.cursor.new_name(until={":", ",", ")"})
            parameters.append((name, read_type(self.cursor) if self.cursor.accept(":") else None))
            if not self.cursor.accept(","):
                self.cursor.expect(")")
                break
        return ast.FunctionOf(parameters, self.expression(), at=at)

    # operators, loosest first

    def _either(self) -> ast.Node:
        return self._left_to_right({"or"}, self._both)

    def _both(self) -> ast.Node:
        return self._left_to_right({"and"}, self._comparison)

    def _comparison(self) -> ast.Node:
        cursor = self.cursor
        node = self._additive()
        while True:
            at = cursor.at
            if cursor.is_operator(_COMPARISONS):
                node = ast.Binary(cursor.take().text, node, self._test(self._additive), at=at)
            elif cursor.is_word("between"):
                cursor.take()
                low = self._additive()
                cursor.expect("and")
                node = ast.Between(node, low, self._additive(), at=at)
            elif cursor.is_word("in"):
                cursor.take()
                node = ast.In(node, self._in_tests(), at=at)
            else:
                return node

    def _in_tests(self) -> list[ast.Node]:
        if self.cursor.is_operator({"("}) and not self.cursor.range_ahead():
            self.cursor.take()
            tests = self._test_list()
            self.cursor.expect(")")
            return tests
        return [self._test(self._additive)]

    def _additive(self) -> ast.Node:
        return self._left_to_right({"+", "-"}, self._multiplicative)

    def _multiplicative(self) -> ast.Node:
        return self._left_to_right({"*", "/"}, self._power)

    def _power(self) -> ast.Node:
        return self._left_to_right({"**"}, self._negation)

    def _left_to_right(self, operators: set[str], operand: Callable[[], ast.Node]) -> ast.Node:
        node = operand()
        while self.cursor.token.text in operators:
            token = self.cursor.take()
            node = ast.Binary(token.text, node, operand(), at=token.at)
        return node

    def _negation(self) -> ast.Node:
        signs = []
        while self.cursor.is_operator({"-"}):
            signs.append(self.cursor.take().at)
        node = self._instance_of()
        for at in reversed(signs):
            node = ast.Negation(node, at=at)
        return node

    def _instance_of(self) -> ast.Node:
        node = self._postfix()
        while self.cursor.is_word("instance"):
            at = self.cursor.take().at
            self.cursor.expect("of")
            node = ast.InstanceOf(node, read_type(self.cursor), at=at)
        return node

    def _postfix(self) -> ast.Node:
        cursor = self.cursor
        node = self._primary()
        while cursor.is_operator({".", "[", "("}):
            if cursor.token.text == "[" and not cursor.expression_after():
                return node  # closes an open range: `[1..2[`
            token = cursor.take()
            if token.text == ".":
                node = ast.Path(node, cursor.property_name(), at=token.at)
            elif token.text == "(":
                node = self._call(node, token.at)
            else:
                node = ast.Filter(node, self.expression(), at=token.at)
                cursor.expect("]")
        return node

    def _call(self, function: ast.Node, at: int) -> ast.Node:
        cursor = self.cursor
        arguments: list[ast.Node] = []
        names: list[str] = []
        while not cursor.accept(")"):
            name = cursor.argument_name()
            if name is not None:
                names.append(name)
            arguments.append(self.expression())
            if not cursor.accept(","):
                cursor.expect(")")
                break
        if names and len(names) != len(arguments):
            raise FeelError("参数要么全部写名称，要么全部不写", "named and positional arguments mixed", at)
        return ast.Call(function, arguments, names or None, at=function.at)

    # operands

    def _primary(self) -> ast.Node:
        cursor = self.cursor
        token = cursor.token
        if token.kind == "name":
            if token.text in _CONSTANTS:
                return ast.Literal(_CONSTANTS[cursor.take().text], at=token.at)
            return ast.Name(cursor.name(), at=token.at)
        if token.kind == "number":
            return ast.Literal(literals.number(cursor.take()), at=token.at)
        if token.kind == "string":
            return ast.Literal(unquoted(cursor.take()), at=token.at)
        reader = _BRACKETED.get(token.text)
        if token.kind == "operator" and reader:
            return reader(self)
        raise cursor.unexpected("这里缺少一个值", "a value is missing")

    def _at_literal(self) -> ast.Node:
        at = self.cursor.take().at
        token = self.cursor.token
        if token.kind != "string":
            raise self.cursor.unexpected("@ 后面要写带引号的日期、时间或时长", "a string must follow @")
        return ast.Literal(literals.temporal(unquoted(self.cursor.take()), token.at), at=at)

    def _parenthesis(self) -> ast.Node:
        if self.cursor.range_ahead():
            return self._range()
        self.cursor.take()
        node = self._test(self.expression)
        self.cursor.expect(")")
        return node

    def _square_bracket(self) -> ast.Node:
        if self.cursor.range_ahead():
            return self._range()
        at = self.cursor.take().at
        items = [] if self.cursor.is_operator({"]"}) else self._test_list()
        self.cursor.expect("]")
        return ast.ListOf(items, at=at)

    def _range(self) -> ast.Node:
        opening = self.cursor.take()
        start = self._additive()
        self.cursor.expect("..")
        end = self._additive()
        closing = self.cursor.take()
        if closing.text not in _CLOSING_BRACKETS:
            raise FeelError("区间要用 ] 或 ) 结束", "a range ends with ] or )", closing.at)
        return ast.RangeOf(start, end, opening.text == "[", closing.text == "]", at=opening.at)

    def _context(self) -> ast.Node:
        at = self.cursor.take().at
        entries: list[tuple[str, ast.Node]] = []
        while not self.cursor.accept("}"):
            key_at = self.cursor.at
            key = self.cursor.key()
            if key in dict(entries):
                raise FeelError("“{key}”写了两次", "duplicate key {key!r}", key_at, key=key)
            self.cursor.expect(":")
            entries.append((key, self.expression()))
            if not self.cursor.accept(","):
                self.cursor.expect("}")
                break
        return ast.ContextOf(entries, at=at)

    # tests

    def _test(self, operand: Callable[[], ast.Node]) -> ast.Node:
        if not self.cursor.is_operator(_COMPARISONS):
            return operand()
        token = self.cursor.take()
        return ast.Test(token.text, self._additive(), at=token.at)

    def _test_list(self) -> list[ast.Node]:
        tests = [self._test(self.expression)]
        while self.cursor.accept(","):
            tests.append(self._test(self.expression))
        return tests

    def tests(self) -> ast.Tests:
        cursor = self.cursor
        if cursor.is_operator({"-"}) and cursor.ahead(1).kind == "end":
            cursor.take()
            return ast.Tests([], negated=False)
        if cursor.is_word("not") and cursor.ahead(1).text == "(":
            cursor.take()
            cursor.take()
            tests = self._test_list()
            cursor.expect(")")
            return ast.Tests(tests, negated=True)
        return ast.Tests(self._test_list(), negated=False)


_SPECIAL: dict[str, Callable[[_Parser], ast.Node]] = {
    "if": _Parser._if,
    "for": _Parser._for,
    "some": _Parser._quantified,
    "every": _Parser._quantified,
    "function": _Parser._function,
}
_BRACKETED: dict[str, Callable[[_Parser], ast.Node]] = {
    "@": _Parser._at_literal,
    "(": _Parser._parenthesis,
    "[": _Parser._square_bracket,
    "]": _Parser._range,
    "{": _Parser._context,
}
