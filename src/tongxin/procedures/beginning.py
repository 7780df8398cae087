"""How cases of a procedure begin, end and hear of others, and who takes part: what the publish check has against it."""

from collections.abc import Mapping

from tongxin import engine, forms
from tongxin.engine import Finding
from tongxin.procedures.package import CASE_ENDED, REPORTER, ProcedureFile
from tongxin.words import _


def shared(process: engine.Process, file: ProcedureFile, dictionary: forms.Dictionary) -> list[Finding]:
    """What all cases share is out of the residents' reach: their pages may not read or write other people's cases."""
    theirs = REPORTER in file.start.by or any(REPORTER in node.roles for node in process.nodes.values())
    theirs = theirs or any(message.by == REPORTER for message in file.messages)
    return [
        Finding(
            "error",
            "process.bpmn",
            name,
            _("居民能办的流程不能用数据存储“{name}”。", name=name),
            _("请把它放到只由工作人员办的流程里，或改用案件自己的变量。"),
        )
        for name in sorted(process.stores & dictionary.properties.keys())
        if theirs
    ]


def starts(process: engine.Process, file: ProcedureFile) -> list[Finding]:
    """How cases begin: by hand, or by themselves."""
    plain = any(node.event == "none" for node in process.starts.values())
    timed = [node for node in process.starts.values() if node.event == "timer"]
    findings = []
    if file.start.by and not plain:
        cause = _("写了谁可以打开（start.by），图里却没有普通的开始事件。")
        findings.append(Finding("error", "procedure.toml", "start.by", cause, _("请画上，或写 by = []。")))
    if timed and not file.start.each:
        cause = _("定时开始没有写在哪些单位各开一件。")
        advice = _("请在 procedure.toml 写 start.each（岗位）：有这个岗位的每个单位各开一件。")
        findings.append(Finding("error", timed[0].id, timed[0].name, cause, advice))
    if file.start.each and not timed:
        cause = _("写了 start.each，图里却没有定时开始事件。")
        findings.append(Finding("error", "procedure.toml", "start.each", cause, _("请画上，或删去 start.each。")))
    return findings


def between(process: engine.Process, file: ProcedureFile, dictionary: forms.Dictionary) -> list[Finding]:
    """What is told of a case's end, and how another's is waited for."""
    findings = [
        Finding(
            "error",
            "procedure.toml",
            name,
            _("{key} 里的“{name}”不是变量。", key=key, name=name),
            _("请改成 data.json 里的变量。"),
        )
        for key, names in (
            ("returns", file.returns),
            ("start.takes", file.start.takes),
            ("start.about", [file.start.about] if file.start.about else []),
        )
        for name in names
        if name not in dictionary.properties
    ]
    for node in process.nodes.values():
        if node.message is None or not node.message.name.startswith("platform."):
            continue
        if node.message.name != CASE_ENDED or node.throws:
            cause = _("平台不收发消息“{name}”。", name=node.message.name)
            advice = _("请改名；等别的事项办完，用 {name}。", name=CASE_ENDED)
            findings.append(Finding("error", node.id, node.name, cause, advice))
        elif node.message.key is None:
            cause = _("没有写等哪一件办完。")
            advice = _("请在消息上写 tx:key，值是那一件的 case（开始它的那一步得到的）。")
            findings.append(Finding("error", node.id, node.name, cause, advice))
    return findings


def taken_in(process: engine.Process, file: ProcedureFile, dictionary: forms.Dictionary) -> list[Finding]:
    """What is wrong with how a ledger kept elsewhere is taken in."""
    intake = file.intake
    if intake is None:
        return []
    findings = [
        Finding("error", "procedure.toml", heading, cause, _("请改成 data.json 里的变量。"))
        for heading, name in intake.columns.items()
        if name not in dictionary.properties
        for cause in [_("{key} 里的“{name}”不是变量。", key="intake.columns", name=name)]
    ]
    end = process.nodes.get(intake.outcome)
    if end is None or end.kind != "endEvent" or end.scope:
        cause = _("intake.outcome 的“{name}”不是图里的结束事件。", name=intake.outcome)
        findings.append(Finding("error", "procedure.toml", "intake.outcome", cause, _("请写结束事件的编号。")))
    return findings


def not_for_residents(process: engine.Process, file: ProcedureFile, known: Mapping[str, forms.Form]) -> list[Finding]:
    """Fields whose lists a resident must not see: who works here, and others' cases."""
    theirs = {node.form for node in process.nodes.values() if REPORTER in node.roles and node.form}
    theirs |= {message.form for message in file.messages if message.by == REPORTER and message.form}
    if REPORTER in file.start.by:
        theirs.add(file.start.form)
    return [
        Finding(
            "error",
            f"forms/{name}.json",
            field.name,
            _("居民填的表单里不能选人、选单位或选事项：“{title}”。", title=field.title),
            _("请改成文字或选项；只给工作人员填的，请加 x-visible，例如 case.by_staff。"),
        )
        for name in sorted(theirs & known.keys())
        for field in known[name].fields
        if field.names in ("person", "case", "unit") and field.is_writable and field.visible is None
    ]


def not_by_button(file: ProcedureFile, known: Mapping[str, forms.Form]) -> list[Finding]:
    """What a button's form does not take: files come by the form of a step."""
    return [
        Finding(
            "error",
            f"forms/{action.form}.json",
            field.name,
            _("“{button}”按钮的表单里不能交照片、附件和签名：“{title}”。", button=action.title, title=field.title),
            _("请放到步骤的表单里。"),
        )
        for action in file.messages
        for field in (known[action.form].fields if action.form and action.form in known else ())
        if field.widget in forms.FILES and field.is_writable
    ]


def telling_forms(known: Mapping[str, forms.Form], sensitive: Mapping[str, str]) -> list[Finding]:
    """Headings and texts above a form that would show to everybody what is masked for most."""
    return [
        Finding(
            "error",
            f"forms/{form.name}.json",
            form.title,
            _("表单的标题或说明里有要遮盖的“{name}”，谁都看得到。", name=name),
            _("请去掉它，改成一个只看的字段。"),
        )
        for form in known.values()
        for name in sorted({name for one in form.templates.values() for name in one.names} & sensitive.keys())
    ]
