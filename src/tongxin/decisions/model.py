"""A model: decisions, business knowledge models and services joined by what they require."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tongxin.decisions.boxed import compile_box, compile_function
from tongxin.decisions.document import Element, attribute, child, children, expression, text_of
from tongxin.decisions.errors import Finding
from tongxin.decisions.scope import Run, Scope, nothing
from tongxin.decisions.types import ANY, Type, Types, component_names
from tongxin.feel import Function, FunctionValue, Value
from tongxin.feel.frame import Frame
from tongxin.words import _

Path = tuple[str, ...]  # the names of the imports that lead to a document; empty for the one that was compiled
Key = tuple[Path, str]  # and an element's id: a document imported twice is there twice, with inputs of its own
Values = dict[Key, Value]


@dataclass(slots=True)
class Requirement:
    """Something another element reads: under its name, or within the context of the import it comes from."""

    key: Key
    name: str
    prefix: str


@dataclass(slots=True)
class Part:
    """Input data, a decision, a business knowledge model, or a decision service."""

    key: Key
    name: str
    kind: str
    element: Element
    type: Type = ANY
    requires: list[Requirement] = field(default_factory=list)  # of values: inputs and decisions
    functions: list[Requirement] = field(default_factory=list)
    run: Run = nothing
    function: FunctionValue | None = None


class Model:
    """One document. `parts` holds those of the documents it imports, too."""

    def __init__(self, root: Element, path: Path, findings: list[Finding], functions: Mapping[str, Function]) -> None:
        self.root = root
        self.path = path
        self.namespace = attribute(root, "namespace")
        self.imports: dict[str, Model] = {}  # by the name they are imported under
        self.parts: dict[Key, Part] = {}
        self._functions = functions
        self._findings = findings
        self.scope: Scope

    def compile(self) -> None:
        """Read types and parts, then compile every part; the imported models have been compiled."""
        hints = frozenset(name for model in self.all() for name in component_names(model.root))
        self.scope = Scope(self._functions, hints, self._findings)
        self.scope.owner = ("", attribute(self.root, "name"))
        imported = {name: model.scope.types for name, model in self.imports.items()}
        self.scope.declare(Types(self.root, self.scope.broken, imported))
        for model in self.imports.values():
            self.parts.update(model.parts)
        own = list(self._read_parts())
        self.parts.update({part.key: part for part in own})
        for part in own:
            self._require(part)
        for part in own:
            self.scope.owner = (part.key[1], part.name)
            part.type = self.scope.type(child(part.element, "variable"), _type_name(part.element))
            _COMPILE[part.kind](self, part)
        self.scope.owner = ("", "")

    def all(self) -> "Iterator[Model]":
        """This document and all it imports, nearest first."""
        yield self
        for model in self.imports.values():
            yield from model.all()

    def _read_parts(self) -> Iterator[Part]:
        for element in children(self.root, *_COMPILE):
            name = attribute(child(element, "variable"), "name") or attribute(element, "name")
            kind = str(element.tag).rpartition("}")[2]
            key = attribute(element, "id") or attribute(element, "name")
            yield Part((self.path, key), name, kind, element)

    def _require(self, part: Part) -> None:
        self.scope.owner = (part.key[1], part.name)
        for requirement in children(part.element, "informationRequirement", "knowledgeRequirement"):
            for link in children(requirement, "requiredInput", "requiredDecision", "requiredKnowledge"):
                found = self.linked(link)
                if found is None:
                    continue
                is_value = self.parts[found.key].kind in {"decision", "inputData"}
                (part.requires if is_value else part.functions).append(found)

    def linked(self, link: Element) -> Requirement | None:
        """What an `href` points to: `#id` here, or `namespace#id` in an imported model."""
        namespace, _hash, key = attribute(link, "href").rpartition("#")
        if namespace in {"", self.namespace} and (self.path, key) in self.parts:
            return Requirement((self.path, key), self.parts[self.path, key].name, "")
        for prefix, model in self.imports.items():
            found = next((one.parts.get((one.path, key)) for one in model.all() if one.namespace == namespace), None)
            if found is not None:
                return Requirement(found.key, found.name, prefix)
        self.scope.error(link, _("“{link}”指向的元素不存在", link=attribute(link, "href")), _("请重新连线"))
        return None

    # parts

    def names(self, part: Part) -> frozenset[str]:
        return frozenset(one.prefix or one.name for one in (*part.requires, *part.functions))

    def _decision(self, part: Part) -> None:
        body = expression(part.element)
        if body is None:
            self.scope.warning(part.element, _("这个决策没有写逻辑，结果总是空"), _("请补上表达式或决策表"))
        part.run = compile_box(self.scope, body, self.names(part))

    def _knowledge(self, part: Part) -> None:
        logic = child(part.element, "encapsulatedLogic")
        part.requires = []
        if logic is None:
            return
        itself = {part.name}
        make = compile_function(self.scope, logic, self.names(part) | itself)
        result = self.scope.type(logic, attribute(logic, "typeRef"))
        parameters = [attribute(one, "name") for one in children(logic, "formalParameter")]

        def invoke(frame: Frame, arguments: Iterable[Value]) -> Value:
            names = self.functions_of(part)
            names[part.name] = part.function
            value = make(Frame(names, frame.now, frame.budget)).invoke(frame, list(arguments))
            return part.type.coerce(result.coerce(value))

        part.function = FunctionValue(parameters, invoke)

    def functions_of(self, part: Part) -> dict[str, Value]:
        """The functions a part requires, by the names it calls them."""
        names: dict[str, Value] = {}
        for one in part.functions:
            bind(names, one, self.parts[one.key].function)
        return names

    def _input(self, part: Part) -> None:
        """Nothing to compile: its type is read already."""

    def _service(self, part: Part) -> None:
        from_input = [found for one in children(part.element, "inputData") if (found := self.linked(one))]
        from_decision = [found for one in children(part.element, "inputDecision") if (found := self.linked(one))]
        outputs = [found for one in children(part.element, "outputDecision") if (found := self.linked(one))]
        if not outputs or any(self.parts[one.key].kind != "decision" for one in outputs):
            message = _("决策服务没有输出决策，或输出的不是决策")
            self.scope.error(part.element, message, _("请把要输出的决策放进服务的上半部分"))
        given = [*from_input, *from_decision]
        part.function = FunctionValue([one.name for one in given], self._served(part, given, outputs))

    def _served(
        self, part: Part, given: list[Requirement], outputs: list[Requirement]
    ) -> Callable[[Frame, Iterable[Value]], Value]:
        wanted = [one.key for one in outputs]

        def invoke(frame: Frame, arguments: Iterable[Value]) -> Value:
            frame.budget.spend(10)
            found = list(arguments)
            if len(found) != len(given):
                return None
            values: Values = {}
            for one, value in zip(given, found, strict=True):
                values[one.key] = self.parts[one.key].type.coerce(value)
                if value is not None and values[one.key] is None:
                    return None
            self.evaluate(wanted, values, frame)
            results = {one.name: values.get(one.key) for one in outputs}
            return part.type.coerce(results[outputs[0].name] if len(outputs) == 1 else results)

        return invoke

    # evaluation

    def order(self, wanted: Iterable[Key], given: Iterable[Key]) -> list[Part]:
        """The decisions to evaluate, each after those it requires; what is given is not evaluated.

        A circle of requirements is refused when the model is compiled; here it ends where it closes.
        """
        seen = set(given)
        found: list[Part] = []
        waiting: list[tuple[Key, bool]] = [(key, False) for key in wanted]
        while waiting:
            key, done = waiting.pop()
            if done:
                found.append(self.parts[key])
            elif key not in seen:
                seen.add(key)
                waiting.append((key, True))
                waiting += [(one.key, False) for one in self.parts[key].requires]
        return [part for part in found if part.kind == "decision"]

    def evaluate(self, wanted: Iterable[Key], values: Values, frame: Frame) -> None:
        """Add the wanted decisions, and those they require, to the values."""
        for part in self.order(wanted, values):
            names = self.functions_of(part)
            for one in part.requires:
                bind(names, one, values.get(one.key))
            inner = Frame(names, frame.now, frame.budget)
            values[part.key] = part.type.coerce(part.run(inner))


def bind(names: dict[str, Value], one: Requirement, value: Value) -> None:
    if one.prefix:
        names.setdefault(one.prefix, {})[one.name] = value
    else:
        names[one.name] = value


def _type_name(element: Element) -> str:
    return attribute(child(element, "variable"), "typeRef") or text_of(element, "typeRef")


_COMPILE: Mapping[str, Callable[[Model, Part], None]] = {
    "inputData": Model._input,
    "decision": Model._decision,
    "businessKnowledgeModel": Model._knowledge,
    "decisionService": Model._service,
}
