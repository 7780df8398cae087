"""FEEL, the expression language of DMN: compile once, evaluate often. Pure; imports nothing else of ours."""

from tongxin.feel.builtins import NAMES as FUNCTION_NAMES
from tongxin.feel.errors import FeelError
from tongxin.feel.expression import Expression, UnaryTests, compile, compile_tests, duration
from tongxin.feel.frame import Budget
from tongxin.feel.reading import Comparison, Read, comparisons, reads, results
from tongxin.feel.template import Template
from tongxin.feel.values import Function, FunctionValue, Range, Value, YearsMonths

__all__ = [
    "FUNCTION_NAMES",
    "Budget",
    "Comparison",
    "Expression",
    "FeelError",
    "Function",
    "FunctionValue",
    "Range",
    "Read",
    "Template",
    "UnaryTests",
    "Value",
    "YearsMonths",
    "comparisons",
    "compile",
    "compile_tests",
    "duration",
    "reads",
    "results",
]
