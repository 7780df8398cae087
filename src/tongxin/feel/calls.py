"""Calls: arguments in order, functions from outside, and a helpful word when there is no such function."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from tongxin.feel import ast
from tongxin.feel.builtins import OMITTED, Builtin
from tongxin.feel.errors import FeelError
from tongxin.feel.frame import Frame
from tongxin.feel.values import Function, FunctionValue, Value

Run = Callable[[Frame], Value]


def arranged(node: ast.Call, function: Builtin, arguments: list[Run]) -> tuple[Builtin, list[Run]]:
    """The arguments in the order of the parameters; refused at once if no signature can take them.

    Named arguments leave only the signatures that have these names.
    """
    if node.names:
        named = function.named(node.names)
        order = named.arranged(node.names)
        if order is None:
            raise FeelError("“{name}”没有这些参数", "{name!r} has no such parameters", node.at, name=function.name)
        return named, [arguments[index] if index >= 0 else _nothing for index in order]
    if not any(signature.accepts(len(arguments)) for signature in function.signatures):
        raise FeelError(
            "“{name}”的参数个数不对：写了 {count} 个",
            "wrong number of arguments for {name!r}: {count}",
            node.at,
            name=function.name,
            count=len(arguments),
        )
    return function, arguments


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
            raise FeelError(
                "“{name}”算不出结果：{error}", "{name!r} failed: {error}", name=name, error=error
            ) from error

    return FunctionValue((), invoke)


def unknown(callee: ast.Name, known: Iterable[str]) -> FeelError:
    close = get_close_matches(callee.name, list(known), 1, cutoff=0.5)
    if not close:
        return FeelError("没有“{name}”这个函数", "unknown function {name!r}", callee.at, name=callee.name)
    return FeelError(
        "没有“{name}”这个函数，是不是“{close}”？",
        "unknown function {name!r}, did you mean {close!r}?",
        callee.at,
        name=callee.name,
        close=close[0],
    )
