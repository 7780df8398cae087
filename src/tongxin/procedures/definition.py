"""A package compiled: the diagram, its forms, its texts and its expressions, ready to run and immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tongxin import calendar, engine, feel, forms
from tongxin.engine import Finding
from tongxin.forms import Form
from tongxin.procedures import package as packages
from tongxin.procedures.package import Package, ProcedureFile
from tongxin.procedures.texts import Template

Value = Any
REPORTER: Final = "reporter"
PLATFORM_ACTIONS = frozenset({"platform.merge", "platform.send_to_merged"})


class Refused(Exception):
    """The package cannot be published; `findings` say which element and why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(f"{finding.element}:{finding.message}{finding.advice}" for finding in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a procedure. `id` is None while it is only being checked."""

    id: int | None
    version: int
    file: ProcedureFile
    process: engine.Process
    dictionary: forms.Dictionary
    forms: Mapping[str, Form]
    facts: Form  # every variable, for showing
    parameters: Mapping[str, Value]
    title: feel.Expression
    urgent: feel.Expression
    answer: feel.Expression
    share_when: feel.Expression
    share: Template | None
    ledger: Mapping[str, feel.Expression]
    package: Package

    @property
    def key(self) -> str:
        """The procedure's stable name."""
        return self.file.key

    @property
    def diagram(self) -> str:
        """The BPMN document."""
        return self.package["process.bpmn"]

    @property
    def working_roles(self) -> frozenset[str]:
        """Roles that see every case of their area: those whose tasks name no assignee."""
        return frozenset(
            node.role
            for node in self.process.nodes.values()
            if node.role and not node.assignee and node.form is not None
        ) - {REPORTER}

    def form_of(self, name: str | None) -> Form | None:
        """The form a task shows; None for a task that takes no values."""
        return self.forms[name] if name else None


def compile_package(package: Package, *, definition_id: int | None = None, version: int = 0) -> Definition:
    """Check and compile; raises Unreadable or Refused with everything found."""
    file = packages.read_procedure(package)
    findings: list[Finding] = []
    dictionary = _dictionary(package)
    compiled_forms = _forms(package, dictionary, findings)
    try:
        process = engine.compile(package.get("process.bpmn", "").encode(), functions=calendar.FUNCTIONS)
    except engine.Refused as refused:
        drawn = (replace(one, element=one.element or "process.bpmn") for one in refused.findings)
        raise Refused((*findings, *drawn)) from None
    findings += _unknown(process, file, compiled_forms)
    reader = _Reader(findings)
    definition = Definition(
        id=definition_id,
        version=version,
        file=file,
        process=process,
        dictionary=dictionary,
        forms=compiled_forms,
        facts=_facts(dictionary),
        parameters={name: _parameter(each.value) for name, each in file.parameters.items()},
        title=reader.expression("start.title", file.start.title),
        urgent=reader.expression("urgent", file.urgent),
        answer=reader.expression("public.answer", file.public.answer),
        share_when=reader.expression("public.share_when", file.public.share_when),
        share=reader.template(package, file.public.share),
        ledger={column.name: reader.expression(f"ledger.{column.name}", column.value) for column in file.ledger},
        package=package,
    )
    if any(finding.severity == "error" for finding in findings):
        raise Refused(tuple(findings))
    return definition


@dataclass(frozen=True, slots=True)
class _Reader:
    """Compiles the expressions of procedure.toml, noting what cannot be read."""

    findings: list[Finding]

    def expression(self, where: str, source: str) -> feel.Expression:
        try:
            return feel.compile(source, functions=calendar.FUNCTIONS)
        except feel.FeelError as error:
            self.findings.append(Finding("error", "procedure.toml", where, f"{where}:{error}", "请改正这个表达式。"))
            return feel.compile("null")

    def template(self, package: Package, name: str | None) -> Template | None:
        if name is None:
            return None
        path = f"texts/{name}"
        if path not in package:
            self.findings.append(Finding("error", path, name, "找不到这段文字。", "请补上文件，或去掉对它的引用。"))
            return None
        try:
            return Template(package[path])
        except feel.FeelError as error:
            self.findings.append(Finding("error", path, name, f"文字里的表达式有错：{error}", "请改正。"))
            return None


def _dictionary(package: Package) -> forms.Dictionary:
    try:
        return forms.Dictionary(packages.read_json(package, "data.json"))
    except forms.FormError as error:
        raise Refused((Finding("error", "data.json", "", str(error), "请改正数据字典。"),)) from None


def _forms(package: Package, dictionary: forms.Dictionary, findings: list[Finding]) -> dict[str, forms.Form]:
    compiled = {}
    for path in package:
        if not (path.startswith("forms/") and path.endswith(".json")):
            continue
        name = path.removeprefix("forms/").removesuffix(".json")
        try:
            compiled[name] = forms.load(
                name, packages.read_json(package, path), dictionary, functions=calendar.FUNCTIONS
            )
        except (forms.FormError, packages.Unreadable) as error:
            findings.append(Finding("error", path, name, str(error), "请改正这张表单。"))
    return compiled


def _facts(dictionary: forms.Dictionary) -> Form:
    properties = {
        name: {"$ref": f"../data.json#/properties/{name}", "readOnly": True} for name in dictionary.properties
    }
    return forms.load("facts", {"type": "object", "title": "", "properties": properties}, dictionary)


def _unknown(process: engine.Process, file: ProcedureFile, known: Mapping[str, forms.Form]) -> list[Finding]:
    wanted = [(node.id, node.name, node.form) for node in process.nodes.values() if node.form]
    wanted += [("procedure.toml", action.title, action.form) for action in file.messages if action.form]
    wanted.append(("procedure.toml", "start", file.start.form))
    findings = [
        Finding("error", element, name, f"找不到表单“{form}”。", f"请添加 forms/{form}.json，或改用已有的表单。")
        for element, name, form in wanted
        if form not in known
    ]
    for action in sorted(process.actions):
        if action.startswith("platform.") and action not in PLATFORM_ACTIONS:
            findings.append(Finding("error", action, action, f"平台没有“{action}”这个动作。", "请检查 do 的写法。"))
    for message in file.messages:
        if message.name not in process.messages:
            findings.append(
                Finding(
                    "error",
                    "procedure.toml",
                    message.title,
                    f"图里没有哪一步等待消息“{message.name}”。",
                    "请检查名称。",
                )
            )
    return findings


def _parameter(value: Any) -> Value:
    """A parameter as FEEL reads it: text that is an ISO 8601 duration becomes one."""
    if isinstance(value, str) and value.startswith("P"):
        try:
            return feel.duration(value)
        except feel.FeelError:
            return value
    return value


def parameters_for(definition: Definition, deviations: Mapping[str, Any]) -> dict[str, Value]:
    """The procedure's parameters with an area's deviations (already reduced to the nearest unit's)."""
    return {**definition.parameters, **{name: _parameter(value) for name, value in deviations.items()}}
