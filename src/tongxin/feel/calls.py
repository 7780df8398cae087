"""Calls: arguments in order, functions from outside, and a helpful word when there is no such function."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from tongxin.feel import ast
from tongxin.feel.builtins import OMITTED, Builtin
from tongxin.feel.errors import FeelError
from tongxin.feel.frame import Frame
from tongxin.feel.values import Function, FunctionValue, Value

Run = Callable[[Frame], Value]


def arranged(node: ast.Call, function: Builtin, arguments: list[Run]) -> list[Run]:
    """The arguments in the order of the parameters; refused at once if no signature can take them."""
    if node.names:
        order = function.arranged(node.names)
        if order is None:
            raise FeelError(f"“{function.name}”没有这些参数", f"{function.name!r} has no such parameters", node.at)
        return [arguments[index] if index >= 0 else _nothing for index in order]
    if not any(signature.accepts(len(arguments)) for signature in function.signatures):
        message = f"“{function.name}”的参数个数不对：写了 {len(arguments)} 个"
        raise FeelError(message, f"wrong number of arguments for {function.name!r}", node.at)
    return arguments


def _nothing(frame: Frame) -> Value:
    return OMITTED


def injected(name: str, function: Function) -> FunctionValue:
    """A Python function for use in expressions; what it raises is an error of the expression."""

    def invoke(frame: Frame, arguments: Sequence[Value]) -> Value:
        frame.budget.spend(10)
        try:
            return function(*arguments)
        except FeelError:
            raise
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise FeelError(f"“{name}”算不出结果：{error}", f"{name!r} failed: {error}") from error

    return FunctionValue((), invoke)


def unknown(callee: ast.Name, known: Iterable[str]) -> FeelError:
    close = get_close_matches(callee.name, list(known), 1, cutoff=0.5)
    hint, english = (f"，是不是“{close[0]}”？", f", did you mean {close[0]!r}?") if close else ("", "")
    return FeelError(f"没有“{callee.name}”这个函数{hint}", f"unknown function {callee.name!r}{english}", callee.at)
