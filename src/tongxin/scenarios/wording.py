"""A report in words, for whoever wrote the scenario."""

from pathlib import Path

from tongxin.scenarios.runner import Report
from tongxin.words import _


def told(path: Path, report: Report) -> str:
    """One line when it passed; when not, also the step, what was expected and what was there."""
    title = f"{path.name} {report.scenario.title}"
    failure = report.failure
    if failure is None:
        return _("✓ {title}（{n} 步，{seconds} 秒）", title=title, n=report.steps, seconds=f"{report.seconds:.1f}")
    return _(
        "✗ {title}\n  {path} 第 {step} 步 {what}\n    应为 {expected}\n    实为 {actual}",
        title=title,
        path=path,
        step=failure.step,
        what=failure.what,
        expected=failure.expected,
        actual=failure.actual,
    )
