"""Who is asked to do a step, and what the step is called: what the publish check has against it."""

from collections.abc import Mapping

from tongxin import engine, feel
from tongxin.engine import Finding
from tongxin.people.models import LEVELS
from tongxin.words import _


def unknown_levels(process: engine.Process) -> list[Finding]:
    """Levels of lanes that no unit has, as far as they are written out."""
    findings = []
    for lane in process.lanes:
        written = (lane.level,) if lane.level_by is None else feel.results(lane.level_by) or (None,)
        wrong = [one for one in written if one not in LEVELS and (one is not None or len(written) > 1)]
        if wrong:
            cause = _("没有“{level}”这个层级。", level="null" if wrong[0] is None else wrong[0])
            advice = _("请从这些里选：{levels}。", levels=_("、").join(LEVELS))
            findings.append(Finding("error", lane.id, lane.name, cause, advice))
    return findings


def telling_titles(process: engine.Process, sensitive: Mapping[str, str]) -> list[Finding]:
    """Titles of steps that would show to everybody what is masked for most."""
    return [
        Finding(
            "error",
            node.id,
            node.name,
            _("步骤的标题里有要遮盖的“{name}”，谁都看得到。", name=name),
            _("请从 tx:title 里去掉它。"),
        )
        for node in process.nodes.values()
        if node.title is not None
        for name in sorted((node.title.names | node.title.possible_names) & sensitive.keys())
    ]
