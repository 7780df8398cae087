"""A package compiled: the diagram, its forms, its texts and its expressions, ready to run and immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tongxin import calendar, engine, feel, forms
from tongxin.engine import Finding
from tongxin.feel import Template
from tongxin.forms import Form
from tongxin.procedures import beginning, dataflow, dmn, lanes, names, shared
from tongxin.procedures import board as boards
from tongxin.procedures import package as packages
from tongxin.procedures.package import Package, ProcedureFile
from tongxin.words import _, told

Value = Any
REPORTER: Final = packages.REPORTER
PLATFORM_ACTIONS = frozenset(
    f"platform.{name}"
    for name in (
        "merge",
        "send_to_merged",
        "start_case",
        "waiting_cases",
        "send",
        "people",
        "ledger",
        "notify",
        "hand_over",
        "publish",
    )
)


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
    decisions: Mapping[str, dmn.Asked]
    facts: Form  # every variable, for showing; sensitive when it is so on any form
    parameters: Mapping[str, Value]
    title: feel.Expression
    urgent: feel.Expression
    colour: feel.Expression
    answer: feel.Expression
    share_when: feel.Expression
    share: Template | None
    ledger: Mapping[str, feel.Expression]
    closed_when: feel.Expression  # of the rows that are taken in
    board: boards.Board
    board_text: Template | None
    package: Package
    warnings: tuple[Finding, ...]  # they do not stop it

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
        nodes = (node for node in self.process.nodes.values() if not node.assignee and node.form is not None)
        return frozenset(role for node in nodes for role in node.roles) - {REPORTER}

    @property
    def sensitive(self) -> dict[str, str]:
        """Variable → how it is masked for those who need not know it."""
        return _sensitive(self.facts)

    def form_of(self, name: str | None) -> Form | None:
        """The form a task shows; None for a task that takes no values."""
        return self.forms[name] if name else None


def compile_package(package: Package, *, definition_id: int | None = None, version: int = 0) -> Definition:
    """Check and compile; raises Unreadable or Refused with everything found.

    What is not published yet gets the shared processes it calls; a version has them already.
    """
    if definition_id is None:
        package = shared.complete(package)
    file = packages.read_procedure(package)
    findings: list[Finding] = []
    dictionary = _dictionary(package)
    compiled_forms = _forms(package, dictionary, findings)
    published = definition_id is not None
    known_decisions = dmn.compile_models(package, findings, review=not published)
    process = _process(package, known_decisions, findings, published=published)
    findings += _unknown(process, file, compiled_forms)
    if not published:
        findings += beginning.starts(process, file)
        findings += beginning.taken_in(process, file, dictionary)
        findings += beginning.shared(process, file, dictionary)
        findings += beginning.between(process, file, dictionary)
    facts, reader = _facts(dictionary, compiled_forms, findings), _Reader(findings)
    board, unfit = boards.read(file.public, facts, process, file.messages)
    unfit += [*beginning.not_for_residents(process, file, compiled_forms), *names.taken_by_functions(dictionary)]
    unfit += [
        *beginning.not_by_button(file, compiled_forms),
        *beginning.telling_forms(compiled_forms, _sensitive(facts)),
    ]
    unfit += [*lanes.unknown_levels(process), *lanes.telling_titles(process, _sensitive(facts))]
    findings += [] if published else unfit  # what was published before a rule was made still runs
    definition = Definition(
        id=definition_id,
        version=version,
        file=file,
        process=process,
        dictionary=dictionary,
        forms=compiled_forms,
        decisions=known_decisions,
        facts=facts,
        parameters=parameters_of(file),
        title=reader.expression("start.title", file.start.title),
        urgent=reader.expression("urgent", file.urgent),
        colour=reader.expression("colour", file.colour),
        answer=reader.expression("public.answer", file.public.answer),
        share_when=reader.expression("public.share_when", file.public.share_when),
        share=reader.template(package, file.public.share),
        ledger={column.name: reader.expression(f"ledger.{column.name}", column.value) for column in file.ledger},
        closed_when=reader.expression("intake.closed_when", file.intake.closed_when if file.intake else "false"),
        board=board,
        board_text=reader.template(package, file.public.board_text),
        package=package,
        warnings=(*process.warnings, *(one for one in findings if one.severity == "warning")),
    )
    if not published:
        findings += _unknown_colours(definition.colour)
    if not published and not _has_errors(findings):
        found = dataflow.check(contents_of(definition))
        findings += found
        definition = replace(definition, warnings=(*definition.warnings, *found))
    if _has_errors(findings):
        raise Refused(tuple(findings))
    return definition


def _unknown_colours(colour: feel.Expression) -> list[Finding]:
    strange = [one for one in feel.results(colour) or () if one is not None and one not in packages.COLOURS]
    known = _("、").join(packages.COLOURS)
    cause, advice = _("颜色（colour）只能是 {known}。", known=known), _("请改正这个表达式。")
    return [Finding("error", "procedure.toml", "colour", cause, advice)] if strange else []


def _has_errors(findings: list[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def contents_of(definition: Definition) -> dataflow.Contents:
    """Everything in it that reads or sets variables."""
    file = definition.file
    expressions = {
        "start.title": definition.title,
        "urgent": definition.urgent,
        "colour": definition.colour,
        "public.answer": definition.answer,
        "public.share_when": definition.share_when,
        **{f"ledger.{name}": value for name, value in definition.ledger.items()},
    }
    texts = {file.public.share: definition.share, file.public.board_text: definition.board_text}
    return dataflow.Contents(
        file=file,
        process=definition.process,
        dictionary=definition.dictionary,
        forms=definition.forms,
        expressions=expressions,
        texts={f"texts/{name}": text for name, text in texts.items() if text is not None},
        asked={name: decision.inputs for name, decision in definition.decisions.items()},
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Compiles the expressions of procedure.toml, noting what cannot be read."""

    findings: list[Finding]

    def expression(self, where: str, source: str) -> feel.Expression:
        try:
            return feel.compile(source, functions=calendar.FUNCTIONS)
        except feel.FeelError as error:
            self.findings.append(
                Finding("error", "procedure.toml", where, f"{where}: {told(error)}", _("请改正这个表达式。"))
            )
            return feel.compile("null")

    def template(self, package: Package, name: str | None) -> Template | None:
        if name is None:
            return None
        path = f"texts/{name}"
        if path not in package:
            self.findings.append(
                Finding("error", path, name, _("找不到这段文字。"), _("请补上文件，或去掉对它的引用。"))
            )
            return None
        try:
            return Template(package[path], calendar.FUNCTIONS)
        except feel.FeelError as error:
            self.findings.append(
                Finding("error", path, name, _("文字里的表达式有错：{error}", error=told(error)), _("请改正。"))
            )
            return None


def _process(
    package: Package, decisions: Mapping[str, engine.Decision], findings: list[Finding], *, published: bool
) -> engine.Process:
    called = {path.removesuffix(".bpmn"): text.encode() for path, text in package.items() if path.endswith(".bpmn")}
    try:
        return engine.compile(
            called.pop("process", b""),
            functions=calendar.FUNCTIONS,
            decisions=decisions,
            called=called,
            published=published,
        )
    except engine.Refused as refused:
        drawn = (replace(one, element=one.element or "process.bpmn") for one in refused.findings)
        raise Refused((*findings, *drawn)) from None


def _dictionary(package: Package) -> forms.Dictionary:
    try:
        return forms.Dictionary(packages.read_json(package, "data.json"))
    except forms.FormError as error:
        raise Refused((Finding("error", "data.json", "", str(error), _("请改正数据字典。")),)) from None


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
            findings.append(Finding("error", path, name, str(error), _("请改正这张表单。")))
    return compiled


def _sensitive(facts: Form) -> dict[str, str]:
    kinds = {field.name: field.sensitive or _of_cells(field) for field in facts.fields}
    return {name: kind for name, kind in kinds.items() if kind}


def _declared_sensitive(field: forms.Field) -> str | None:
    """How a form masks the whole of a field; a part of an address has a mask of its own."""
    return field.sensitive if field.widget == "id-number" else field.schema.get("x-sensitive")


def _facts(dictionary: forms.Dictionary, compiled: Mapping[str, Form], findings: list[Finding]) -> Form:
    fields = [field for form in compiled.values() for field in form.fields]
    marked = {field.name: one for field in fields if (one := _declared_sensitive(field))}
    properties = {
        name: {
            "$ref": f"../data.json#/properties/{name}",
            "readOnly": True,
            **({"x-sensitive": marked[name]} if name in marked else {}),
        }
        for name, schema in dictionary.properties.items()
        if schema["type"] != "object" or schema.get("format") in forms.OBJECTS  # no widget shows any other
    }
    try:
        return forms.load("facts", {"type": "object", "title": "", "properties": properties}, dictionary)
    except forms.FormError as error:
        finding = Finding("error", "data.json", "", str(error), _("请改正数据字典。"))
        raise Refused((*findings, finding)) from None


def _unknown(process: engine.Process, file: ProcedureFile, known: Mapping[str, forms.Form]) -> list[Finding]:
    wanted = [(node.id, node.name, node.form) for node in process.nodes.values() if node.form]
    wanted += [("procedure.toml", action.title, action.form) for action in file.messages if action.form]
    if file.start.by:
        wanted.append(("procedure.toml", "start", file.start.form))
    findings = [
        Finding(
            "error",
            element,
            name,
            _("找不到表单“{form}”。", form=form),
            _("请添加 forms/{form}.json，或改用已有的表单。", form=form),
        )
        for element, name, form in wanted
        if form not in known
    ]
    for action in sorted(process.actions):
        if action.startswith("platform.") and action not in PLATFORM_ACTIONS:
            findings.append(
                Finding(
                    "error", action, action, _("平台没有“{action}”这个动作。", action=action), _("请检查 do 的写法。")
                )
            )
    if "platform.publish" in process.actions and not file.public.board:
        cause = _("图里有公示（platform.publish），这个流程却不上公示栏。")
        advice = _("请在 procedure.toml 的 [public] 写 board，例如类别。")
        findings.append(Finding("error", "procedure.toml", "public.board", cause, advice))
    for message in file.messages:
        if message.name not in process.messages:
            findings.append(
                Finding(
                    "error",
                    "procedure.toml",
                    message.title,
                    _("图里没有哪一步等待消息“{name}”。", name=message.name),
                    _("请检查名称。"),
                )
            )
    return findings


def parameters_of(file: ProcedureFile) -> dict[str, Value]:
    """The procedure's own parameters as FEEL reads them."""
    return {name: _parameter(each.value) for name, each in file.parameters.items()}


def _of_cells(field: forms.Field) -> str | None:
    """A table with a sensitive column is hidden where it cannot be shown cell by cell."""
    return "hidden" if any(column.sensitive for column in field.columns) else None


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
