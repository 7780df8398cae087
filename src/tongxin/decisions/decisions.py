"""What callers hold: a compiled model. Immutable and safe between threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tongxin.decisions.cycles import circle
from tongxin.decisions.document import attribute, children, parse
from tongxin.decisions.errors import Failed, Finding, NoSuchDecision, Refused
from tongxin.decisions.evaluation import Evaluation
from tongxin.decisions.model import Model, Part, Values
from tongxin.decisions.review import review
from tongxin.decisions.types import component_names
from tongxin.feel import FeelError, Function, Value
from tongxin.feel.frame import Frame
from tongxin.words import _, told

_NO_FUNCTIONS: Mapping[str, Function] = MappingProxyType({})
_NO_IMPORTS: Mapping[str, bytes] = MappingProxyType({})
MAX_IMPORTS = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """`explanation`: JSON-ready, an entry for each decision table in the order they were evaluated.

    An entry: `decision`, `element`, `kind` ("table"), `hit_policy`, `inputs` (`label`, `value`), `rules` (`number`
    from 1, `element`, `annotation`), `value`, `problem` (a sentence, or None).
    """

    value: Value
    explanation: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Input:
    """A value the caller gives: its name, and the name of the type declared for it (may be empty)."""

    name: str
    type: str


class Decisions:
    """`findings` are the warnings; with `strict=False` the errors too."""

    __slots__ = ("_by_name", "_model", "findings", "name")

    def __init__(self, model: Model, findings: tuple[Finding, ...]) -> None:
        self._model = model
        self.name = attribute(model.root, "name")
        self.findings = findings
        own = [part for part in model.parts.values() if part.key[0] == model.path]
        self._by_name = {attribute(part.element, "name"): part for part in own if part.kind != "inputData"}

    @property
    def names(self) -> tuple[str, ...]:
        """The decisions, in the order of the document."""
        return self._of_kind("decision")

    @property
    def services(self) -> tuple[str, ...]:
        return self._of_kind("decisionService")

    def _of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(name for name, part in self._by_name.items() if part.kind == kind)

    def inputs(self, name: str) -> tuple[Input, ...]:
        """What evaluating the decision, service or knowledge model of that name reads."""
        part = self._part(name)
        if part.function is not None:
            return tuple(Input(one, "") for one in part.function.parameters)
        needed = [key for one in self._model.order([part.key], ()) for key in (need.key for need in one.requires)]
        found = [self._model.parts[key] for key in dict.fromkeys(needed) if self._model.parts[key].kind == "inputData"]
        return tuple(Input(one.name, _declared(one)) for one in found)

    def evaluate(self, name: str, inputs: Mapping[str, Value], now: datetime | None) -> Outcome:
        """The decision (or service, or knowledge model, with its parameters as inputs) of that name.

        What cannot be computed is null. A stopped evaluation raises Failed.
        """
        part = self._part(name)
        evaluation = Evaluation()
        frame = Frame({}, now, evaluation)
        try:
            value = self._value(part, inputs, frame)
        except FeelError as error:
            raise Failed(name, told(error)) from error
        except RecursionError:
            raise Failed(name, _("决策调用自己太多层，已停止")) from None
        return Outcome(value, evaluation.fired)

    def review(self) -> tuple[Finding, ...]:
        """Warnings about gaps and overlaps of the document's tables; seconds for tables of 1,000 rules."""
        names = sorted(set(component_names(self._model.root)))
        types = self._model.scope.types
        own = [part for part in self._by_name.values() if part.kind != "decisionService"]
        return tuple(finding for part in own for finding in review(part.element, types, names))

    def _value(self, part: Part, inputs: Mapping[str, Value], frame: Frame) -> Value:
        if part.function is not None:
            return part.function.invoke(frame, [inputs.get(name) for name in part.function.parameters])
        values: Values = {}
        for key, one in self._model.parts.items():
            if one.kind == "inputData":
                values[key] = one.type.coerce(self._given(one, inputs))
        self._model.evaluate([part.key], values, frame)
        return values.get(part.key)

    def _given(self, part: Part, inputs: Mapping[str, Value]) -> Value:
        """An input by its name; one of an imported document also within contexts of the imports' names."""
        inner: Value = inputs
        for name in part.key[0]:
            inner = inner.get(name) if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping) and part.name in inner:
            return inner[part.name]
        return inputs.get(part.name)

    def _part(self, name: str) -> Part:
        part = self._by_name.get(name)
        if part is None:
            raise NoSuchDecision(name)
        return part


def _declared(part: Part) -> str:
    variable = next(iter(children(part.element, "variable")), None)
    return attribute(variable, "typeRef")


def compile(
    source: bytes,
    *,
    functions: Mapping[str, Function] = _NO_FUNCTIONS,
    imports: Mapping[str, bytes] = _NO_IMPORTS,
    strict: bool = True,
) -> Decisions:
    """Compile a DMN document. `imports`: other documents by file name, found by their namespace.

    Raises Refused if anything is wrong; not `strict`, only what is no DMN at all is refused, what is broken gives
    null, and `findings` tell.
    """
    findings: list[Finding] = []
    roots = {}
    for one in imports.values():
        root = parse(one)
        roots[attribute(root, "namespace")] = root
    model = _Reader(roots, findings, functions).model(parse(source), (), ())
    cycle = circle(model)
    if cycle:
        findings.append(Finding("error", cycle[0].key[1], cycle[0].name, _("决策互相依赖成了圈"), _("请去掉一条连线")))
    if strict and any(finding.severity == "error" for finding in findings):
        raise Refused(tuple(findings))
    return Decisions(model, tuple(findings))


class _Reader:
    """Compiles a document after those it imports."""

    def __init__(self, roots: Mapping[str, Any], findings: list[Finding], functions: Mapping[str, Function]) -> None:
        self._roots = roots
        self._findings = findings
        self._functions = functions
        self._count = 0

    def model(self, root: Any, path: tuple[str, ...], importing: tuple[str, ...]) -> Model:
        model = Model(root, path, self._findings, self._functions)
        importing = (*importing, model.namespace)
        for one in children(root, "import"):
            name, namespace = attribute(one, "name"), attribute(one, "namespace")
            if "DMN" not in attribute(one, "importType").upper():
                self._refuse(one, _("只能导入 DMN 文件"), _("请去掉这个导入"))
            elif namespace in importing or self._count >= MAX_IMPORTS:
                self._refuse(one, _("决策文件互相导入成了圈，或导入太多"), _("请去掉一个导入"))
            elif namespace not in self._roots:
                message = _("找不到导入的决策文件：{namespace}", namespace=namespace)
                self._refuse(one, message, _("请把那个文件放在一起"))
            else:
                self._count += 1
                model.imports[name] = self.model(self._roots[namespace], (*path, name), importing)
        model.compile()
        return model

    def _refuse(self, element: Any, message: str, advice: str) -> None:
        finding = Finding("error", attribute(element, "id"), attribute(element, "name"), message, advice)
        self._findings.append(finding)
