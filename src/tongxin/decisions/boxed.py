"""Boxed expressions to closures."""

from collections.abc import Callable, Mapping, Sequence

from tongxin.decisions.document import EXPRESSIONS, Element, attribute, child, children, expression, kind, text_of
from tongxin.decisions.scope import Names, Run, Scope, nothing
from tongxin.decisions.table import compile_table
from tongxin.decisions.types import component_names
from tongxin.feel import FunctionValue, Value, iteration
from tongxin.feel.builtins import NAMES as BUILTINS
from tongxin.feel.frame import Frame
from tongxin.feel.operators import in_order
from tongxin.words import _

_LOOP_COST = 5  # steps of a turn of a boxed loop, besides what its parts spend


def compile_box(scope: Scope, element: Element | None, names: Names) -> Run:
    """The closure of a boxed expression; a missing one gives null."""
    if element is None:
        return nothing
    return scope.typed(element, _COMPILE[kind(element)](scope, element, names))


def _inside(scope: Scope, element: Element, name: str, names: Names) -> Run:
    """The expression in a wrapper such as `<if>` or `<in>`."""
    wrapper = child(element, name)
    inner = expression(wrapper)
    if inner is None:
        scope.error(element, _("“{kind}”缺少“{name}”部分", kind=kind(element), name=name), _("请补上"))
    return scope.typed(wrapper, compile_box(scope, inner, names))


def _literal(scope: Scope, element: Element, names: Names) -> Run:
    if child(element, "importedValues") is not None:
        scope.error(element, _("不支持从外部导入的值"), _("请把表达式写在决策里"))
        return nothing
    source = text_of(element, "text")
    if not scope.is_feel(element) or not source:
        return nothing
    return scope.expression(element, source, names)


def _context(scope: Scope, element: Element, names: Names) -> Run:
    entries: list[tuple[str, Run]] = []
    result: Run | None = None
    for entry in children(element, "contextEntry"):
        variable, body = child(entry, "variable"), expression(entry)
        name = attribute(variable, "name")
        itself = {name} if name and body is not None and kind(body) == "functionDefinition" else set()
        run = scope.typed(variable, compile_box(scope, body, names | itself))
        if variable is None:
            result = run
        else:
            entries.append((name, run))
            names = names | {name}

    def context(frame: Frame) -> Value:
        built: dict[str, Value] = {}
        inner = frame.inside(built)
        for name, run in entries:
            built[name] = run(inner)
        return built if result is None else result(inner)

    return context


def _invocation(scope: Scope, element: Element, names: Names) -> Run:
    function = compile_box(scope, expression(element), names)
    bound: list[str] = []
    runs: list[Run] = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        bound.append(attribute(parameter, "name"))
        runs.append(scope.typed(parameter, compile_box(scope, expression(binding), names)))

    def invocation(frame: Frame) -> Value:
        found = function(frame)
        if not isinstance(found, FunctionValue):
            return None
        values = [run(frame) for run in runs]
        return found.invoke(frame, in_order(found, bound, values) if bound else ())

    return invocation


def _relation(scope: Scope, element: Element, names: Names) -> Run:
    columns = list(children(element, "column"))
    titles = [attribute(column, "name") for column in columns]
    rows = []
    for row in children(element, "row"):
        cells = list(children(row, *EXPRESSIONS))
        rows.append([scope.typed(c, compile_box(scope, cell, names)) for c, cell in zip(columns, cells, strict=False)])
        if len(cells) != len(columns):
            scope.error(row, _("这一行的格数和列数不同"), _("请补齐或删去多余的格"))

    def relation(frame: Frame) -> Value:
        frame.budget.items(len(rows))
        return [dict(zip(titles, [cell(frame) for cell in row], strict=False)) for row in rows]

    return relation


def _list(scope: Scope, element: Element, names: Names) -> Run:
    items = [compile_box(scope, item, names) for item in children(element, *EXPRESSIONS)]
    return lambda frame: [item(frame) for item in items]


def _function(scope: Scope, element: Element, names: Names) -> Run:
    return compile_function(scope, element, names)


def compile_function(scope: Scope, element: Element, names: Names) -> Callable[[Frame], FunctionValue]:
    """A function definition as a maker of the function: the frame given is the one around its body."""
    parameters = [(attribute(one, "name"), one) for one in children(element, "formalParameter")]
    titles = [name for name, _element in parameters]
    coerce = [scope.type(one, attribute(one, "typeRef")).coerce for _name, one in parameters]
    body: Run = nothing
    if attribute(element, "kind") not in {"", "FEEL"}:
        advice = _("请用 FEEL 写这个函数")
        scope.error(element, _("不支持 {kind} 函数", kind=attribute(element, "kind")), advice)
    else:
        body = compile_box(scope, expression(element), names | set(titles))

    def make(outer: Frame) -> FunctionValue:
        def invoke(frame: Frame, arguments: Sequence[Value]) -> Value:
            frame.budget.spend(10)
            if len(arguments) != len(titles):
                return None
            bound: dict[str, Value] = {}
            for title, convert, argument in zip(titles, coerce, arguments, strict=True):
                bound[title] = convert(argument)
                if argument is not None and bound[title] is None:
                    return None
            return body(Frame(outer.inside(bound).names, frame.now, frame.budget))

        return FunctionValue(titles, invoke)

    return make


def _conditional(scope: Scope, element: Element, names: Names) -> Run:
    condition, then, otherwise = (_inside(scope, element, part, names) for part in ("if", "then", "else"))
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


def _filter(scope: Scope, element: Element, names: Names) -> Run:
    fields = frozenset(component_names(element.getroottree().getroot())) - BUILTINS
    items = _inside(scope, element, "in", names)
    matches = _inside(scope, element, "match", names | fields | {"item"})

    def kept(frame: Frame) -> Value:
        found = items(frame)
        everything = found if isinstance(found, list) else [] if found is None else [found]
        frame.budget.spend(_LOOP_COST * len(everything))
        results = [matches(iteration.about(item, frame)) for item in everything]
        if not all(result is None or isinstance(result, bool) for result in results):
            return None
        return [item for item, result in zip(everything, results, strict=True) if result]

    return kept


def _for(scope: Scope, element: Element, names: Names) -> Run:
    name = attribute(element, "iteratorVariable")
    source = iteration.Source(name, _inside(scope, element, "in", names), None)
    return iteration.for_each([source], _inside(scope, element, "return", names | {name, "partial"}), _LOOP_COST)


def _quantified(scope: Scope, element: Element, names: Names) -> Run:
    name = attribute(element, "iteratorVariable")
    source = iteration.Source(name, _inside(scope, element, "in", names), None)
    condition = _inside(scope, element, "satisfies", names | {name})
    return iteration.quantified([source], condition, _LOOP_COST, kind(element) == "every")


_COMPILE: Mapping[str, Callable[[Scope, Element, Names], Run]] = {
    "literalExpression": _literal,
    "decisionTable": compile_table,
    "context": _context,
    "invocation": _invocation,
    "relation": _relation,
    "list": _list,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "every": _quantified,
    "some": _quantified,
}
