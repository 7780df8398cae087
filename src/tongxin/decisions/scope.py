"""What all expressions of one model share: functions, types, known names; and the findings about them."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from tongxin import feel
from tongxin.decisions.document import Element, attribute
from tongxin.decisions.errors import Finding
from tongxin.decisions.types import ANY, Matcher, Type, Types
from tongxin.feel import Expression, FeelError, Function, UnaryTests, Value
from tongxin.feel.builtins import NAMES as BUILTINS
from tongxin.feel.frame import Frame
from tongxin.words import _, told

Run = Callable[[Frame], Value]
Names = frozenset[str]  # that an expression may read where it stands


def nothing(frame: Frame) -> Value:
    """What a broken or missing expression gives."""
    return None


def _is_words(name: str) -> bool:
    """Words with spaces between them: two names never stand side by side, so these are read right anywhere."""
    return all(word.isidentifier() for word in name.split())


class Scope:
    def __init__(self, functions: Mapping[str, Function], hints: frozenset[str], findings: list[Finding]) -> None:
        self._functions = functions
        self._fields = tuple(sorted(name for name in hints if not name.isalnum()))
        self._hints = frozenset(name for name in self._fields if _is_words(name) and name not in BUILTINS)
        self.findings = findings
        self.owner = ("", "")  # id and name of the element a finding is about, if it has none itself
        self.types: Types
        self._matchers: dict[str, Matcher] = {}

    def declare(self, types: Types) -> None:
        self.types = types
        self._matchers = types.matchers()

    # findings

    def error(self, element: Element | None, message: str, advice: str) -> None:
        self._find("error", element, message, advice)

    def warning(self, element: Element | None, message: str, advice: str) -> None:
        self._find("warning", element, message, advice)

    def _find(self, severity: str, element: Element | None, message: str, advice: str) -> None:
        key = attribute(element, "id") or self.owner[0]
        finding = Finding("error" if severity == "error" else "warning", key, self.owner[1], message, advice)
        if finding not in self.findings:
            self.findings.append(finding)

    def broken(self, element: Element | None, error: FeelError) -> None:
        self.error(element, told(error), _("请改正这个表达式"))

    # expressions

    def expression(self, element: Element | None, source: str, names: Names) -> Run:
        try:
            compiled = feel.compile(source, **self._known(names))
        except FeelError as error:
            self.broken(element, error)
            return nothing
        self._unknown_names(element, compiled, names)
        return compiled.run

    def tests(self, element: Element | None, source: str, names: Names) -> UnaryTests | None:
        try:
            compiled = feel.compile_tests(source, **self._known(names))
        except FeelError as error:
            self.broken(element, error)
            return None
        self._unknown_names(element, compiled, names)
        return compiled

    def _known(self, names: Names) -> dict[str, Any]:
        known = sorted(names | self._hints)
        return {"functions": self._functions, "names": known, "types": self._matchers, "fields": self._fields}

    def _unknown_names(self, element: Element | None, compiled: Expression | UnaryTests, names: Names) -> None:
        for name in sorted(compiled.names - names):
            close = get_close_matches(name, names, 1, cutoff=0.5)
            advice = _("是不是“{close}”？", close=close[0]) if close else _("请检查名称，或补上信息需求的连线")
            self.warning(element, _("这里没有“{name}”这个名称，它的值总是空", name=name), advice)

    def type(self, element: Element | None, name: str) -> Type:
        """The type of that name; an unknown one is reported and takes anything."""
        found = self.types.named(name)
        if found is None:
            self.error(element, _("没有“{name}”这种类型", name=name), _("请先在数据类型里定义它"))
        return found or ANY

    def typed(self, element: Element | None, run: Run) -> Run:
        """The value coerced to the element's `typeRef`, if it has one."""
        name = attribute(element, "typeRef")
        if not name:
            return run
        expected = self.type(element, name)
        if expected is ANY:
            return run
        coerce = expected.coerce
        return lambda frame: coerce(run(frame))

    def is_feel(self, element: Element) -> bool:
        language = attribute(element, "expressionLanguage")
        if not language or "FEEL" in language.upper():
            return True
        self.error(element, _("表达式语言“{name}”不支持", name=language), _("请用 FEEL 写"))
        return False
