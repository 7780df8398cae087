"""FEEL, the expression language of DMN: compile once, evaluate often. Pure; imports nothing else of ours."""

from tongxin.feel.errors import FeelError
from tongxin.feel.expression import Expression, UnaryTests, compile, compile_tests, duration
from tongxin.feel.values import Function, FunctionValue, Range, Value, YearsMonths

__all__ = [
    "Expression",
    "FeelError",
    "Function",
    "FunctionValue",
    "Range",
    "UnaryTests",
    "Value",
    "YearsMonths",
    "compile",
    "compile_tests",
    "duration",
]
