"""Types as they are written: number, list<string>, context<a: number>, function<number> -> string."""

from tongxin.feel import ast
from tongxin.feel.cursor import Cursor
from tongxin.feel.errors import FeelError

_MAX_NESTING = 20


def read_type(cursor: Cursor, nesting: int = 0) -> ast.TypeName:
    at = cursor.at
    if nesting > _MAX_NESTING:
        raise FeelError("类型嵌套太深", "the type is nested too deeply", at)
    name = cursor.type_name()
    if name == "function" and cursor.accept("<"):
        parameters = _arguments(cursor, nesting, named=False)
        cursor.expect("->")
        return ast.TypeName(name, read_type(cursor, nesting + 1), parameters, at=at)
    if name == "context" and cursor.accept("<"):
        return ast.TypeName(name, None, _arguments(cursor, nesting, named=True), at=at)
    if name in {"list", "range"} and cursor.accept("<"):
        element = read_type(cursor, nesting + 1)
        cursor.expect(">")
        return ast.TypeName(name, element, at=at)
    return ast.TypeName(name, at=at)


def _arguments(cursor: Cursor, nesting: int, named: bool) -> list[tuple[str, ast.TypeName]]:
    found: list[tuple[str, ast.TypeName]] = []
    while not cursor.accept(">"):
        name = ""
        if named:
            name = cursor.new_name(until={":"})
            cursor.expect(":")
        found.append((name, read_type(cursor, nesting + 1)))
        if not cursor.accept(","):
            cursor.expect(">")
            break
    return found
