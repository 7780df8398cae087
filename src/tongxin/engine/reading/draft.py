"""A compilation under way: what was found wrong so far."""

from collections.abc import Mapping
from types import MappingProxyType

from tongxin import feel
from tongxin.engine import cycles, moments
from tongxin.engine.errors import Finding
from tongxin.engine.model import Assignment, Decision
from tongxin.engine.reading import diagram, vocabulary
from tongxin.engine.reading.diagram import Element
from tongxin.words import _, told

_PARTS = ("conditionExpression", *vocabulary.LOOPS)  # people know the element they belong to
MOST_FINDINGS = 200  # that are told; who has more begins with these
MOST_LINES = 2_000  # of a script
_LONGEST = 200  # characters of a name or id in a finding

NOTHING = feel.compile("null")  # stands in for an expression that was refused


class Draft:
    def __init__(
        self, functions: Mapping[str, feel.Function], decisions: Mapping[str, Decision] = MappingProxyType({})
    ) -> None:
        self.decisions = decisions
        self.findings: list[Finding] = []
        self.untold = 0
        self._functions = functions

    def error(self, element: Element, message: str, advice: str) -> None:
        self._add(Finding("error", *identity(element), message, advice))

    def warn(self, element: Element, message: str, advice: str) -> None:
        self._add(Finding("warning", *identity(element), message, advice))

    def _add(self, finding: Finding) -> None:
        """Errors beyond those that are told count, warnings do not."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        elif finding.severity == "error":
            self.untold += 1

    def told(self) -> tuple[Finding, ...]:
        """The findings, and how many more there are."""
        if not self.untold:
            return tuple(self.findings)
        more = Finding("error", "", "", _("还有 {n} 处没有列出", n=self.untold), _("请先改正上面这些，再检查一次"))
        return (*self.findings, more)

    @property
    def refused(self) -> bool:
        return self.untold > 0 or any(finding.severity == "error" for finding in self.findings)

    def expression(self, element: Element, text: str, place: str) -> feel.Expression:
        try:
            return feel.compile(text, functions=self._functions)
        except feel.FeelError as error:
            self.error(
                element,
                _("{place}的表达式写错了：{error}", place=place, error=told(error)),
                _("请改正表达式“{text}”", text=_short(text)),
            )
            return NOTHING

    def optional(self, element: Element, text: str | None, place: str) -> feel.Expression | None:
        return self.expression(element, text, place) if text and text.strip() else None

    def moment(self, element: Element, text: str, place: str) -> moments.Moment:
        if not moments.is_literal(text):
            return moments.Moment(text, self.expression(element, text, place))
        try:
            moments.read(text)
        except moments.NotAMoment as error:
            self.error(
                element,
                _("{place}写错了：{error}", place=place, error=told(error)),
                _("请写 ISO 8601 时长（如 PT15M）、日期时间，或 FEEL 表达式"),
            )
        return moments.Moment(text.strip(), None)

    def cycle(self, element: Element, text: str, place: str) -> cycles.Cycle:
        if not cycles.is_literal(text):
            return cycles.Cycle(text, self.expression(element, text, place))
        try:
            cycles.check(text)
        except moments.NotAMoment as error:
            self.error(
                element,
                _("{place}写错了：{error}", place=place, error=told(error)),
                _("请写 ISO 8601 重复（如 R3/PT1H）、cron（分 时 日 月 周，如 0 9 * * 1），或 FEEL 表达式"),
            )
        return cycles.Cycle(text.strip(), None)

    def script(self, element: Element, text: str) -> tuple[Assignment, ...]:
        """Lines `name = expression`; `//` starts a comment line."""
        lines = []
        if text.count("\n") >= MOST_LINES:
            self.error(element, _("脚本太长：最多 {most} 行", most=MOST_LINES), _("请分成几个脚本任务"))
            return ()
        for number, written in enumerate(text.splitlines(), 1):
            line = written.strip()
            if not line or line.startswith("//"):
                continue
            name, equals, value = line.partition("=")
            if not equals or value.startswith("="):
                self.error(
                    element,
                    _("脚本第 {number} 行不是“变量 = 表达式”", number=number),
                    _("请改正这一行：{line}", line=_short(line)),
                )
            elif self.variable(element, name.strip(), _("脚本第 {number} 行", number=number)):
                lines.append(
                    Assignment(name.strip(), self.expression(element, value, _("脚本第 {number} 行", number=number)))
                )
        return tuple(lines)

    def variable(self, element: Element, name: str, place: str) -> bool:
        if name.isidentifier() and not name.startswith("_"):
            return True
        self.error(
            element,
            _("{place}的变量名“{name}”不能用", place=place, name=_short(name)),
            _("变量名由文字、数字和下划线组成，以文字开头"),
        )
        return False


def identity(element: Element) -> tuple[str, str]:
    """Id and name of the element, or of the nearest one around it that has an id."""
    while element is not None:
        if element.get("id") and diagram.kind(element) not in _PARTS:
            return element.get("id")[:_LONGEST], (element.get("name") or "")[:_LONGEST]
        element = element.getparent()
    return "", ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:60]}…"
