"""A report in words, for whoever wrote the scenario."""

from pathlib import Path

from tongxin.scenarios.runner import Report


def told(path: Path, report: Report) -> str:
    """One line when it passed; when not, also the step, what was expected and what was there."""
    title = f"{path.name} {report.scenario.title}"
    failure = report.failure
    if failure is None:
        return f"✓ {title}（{report.steps} 步，{report.seconds:.1f} 秒）"
    return (
        f"✗ {title}\n"
        f"  {path} 第 {failure.step} 步 {failure.what}\n"
        f"    应为 {failure.expected}\n"
        f"    实为 {failure.actual}"
    )
