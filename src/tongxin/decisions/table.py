"""Decision tables: cells to closures, the rules that match, and what is kept of them for people."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tongxin.decisions import hits
from tongxin.decisions.document import Element, attribute, child, children, text_of
from tongxin.decisions.evaluation import Evaluation, plain
from tongxin.decisions.hits import Output, Policy
from tongxin.decisions.scope import Names, Run, Scope
from tongxin.feel import Value
from tongxin.feel.frame import Frame
from tongxin.feel.unary import Matches
from tongxin.words import N_, _

MAX_RULES = 5_000
_NO_VALUE = N_("输入的值不在表的允许值之内")


class Input(NamedTuple):
    label: str
    run: Run
    allowed: Matches | None
    name: str = ""  # of the variable it is nothing but


class Rule(NamedTuple):
    number: int
    element: str
    cells: tuple[Matches | None, ...]  # None accepts everything
    outputs: tuple[Run, ...]
    annotations: tuple[str, ...]


def compile_table(scope: Scope, element: Element, names: Names) -> Run:
    inputs = [_input(scope, one, names) for one in children(element, "input")]
    outputs = [_output(scope, element, one, names) for one in children(element, "output")]
    policy = hits.policy(attribute(element, "hitPolicy") or "UNIQUE", attribute(element, "aggregation"))
    if policy is None:
        scope.error(
            element, _("不认识的命中策略“{name}”", name=attribute(element, "hitPolicy")), _("请改用标准的命中策略")
        )
    elif policy.needs_one_output and len(outputs) != 1:
        scope.error(element, _("汇总的决策表只能有一个输出"), _("请分成几张表，或去掉汇总"))
    elif policy.needs_order and not any(output.order for output in outputs):
        scope.error(element, _("按优先级命中的表没有写输出值的先后"), _("请在输出列的输出值里按优先级写出所有值"))
    elements = list(children(element, "rule"))
    if len(elements) > MAX_RULES:
        scope.error(element, _("决策表超过 {most} 行规则", most=MAX_RULES), _("请把表拆成几张"))
        elements = []
    rules = [_rule(scope, one, number, element, names) for number, one in enumerate(elements, 1)]
    rules = [one for one in rules if (len(one.cells), len(one.outputs)) == (len(inputs), len(outputs))]
    about: dict[str, Any] = {"decision": scope.owner[1], "element": scope.owner[0], "kind": "table"}
    if len(outputs) > 1:
        about["labels"] = {one.name: one.label for one in outputs}
    return _table(about, inputs, outputs, rules, policy or hits.UNIQUE)


def _input(scope: Scope, element: Element, names: Names) -> Input:
    asked = child(element, "inputExpression")
    source = text_of(element, "inputExpression", "text")
    run = scope.typed(asked, scope.expression(asked, source or "null", names))
    tests = _cell(scope, child(element, "inputValues"), names)
    return Input(attribute(element, "label") or source, run, tests, source if source.isidentifier() else "")


def _output(scope: Scope, table: Element, element: Element, names: Names) -> Output:
    name = attribute(element, "name")
    own_type = attribute(element, "typeRef")
    only = len(list(children(table, "output"))) == 1
    title = attribute(element, "label") or name or (attribute(table, "outputLabel") if only else "")
    coerce = scope.type(element, own_type).coerce
    values = child(element, "outputValues")
    source = text_of(element, "outputValues", "text") or scope.types.allowed_text(own_type)
    order = scope.expression(values, f"[{source}]", names) if source and source != "-" else None
    default = child(element, "defaultOutputEntry")
    text = text_of(element, "defaultOutputEntry", "text")
    run = scope.expression(default, text, names) if text else None
    return Output(name, title, coerce, order, run)


def _rule(scope: Scope, element: Element, number: int, table: Element, names: Names) -> Rule:
    cells = tuple(_cell(scope, cell, names) for cell in children(element, "inputEntry"))
    outputs = tuple(_entry(scope, cell, names) for cell in children(element, "outputEntry"))
    wanted = len(list(children(table, "input"))), len(list(children(table, "output")))
    if (len(cells), len(outputs)) != wanted:
        scope.error(element, _("第 {number} 行规则的格数和列数不同", number=number), _("请补齐或删去多余的格"))
    annotations = tuple(text_of(one, "text") for one in children(element, "annotationEntry"))
    description = text_of(element, "description")
    return Rule(number, attribute(element, "id"), cells, outputs, tuple(filter(None, annotations)) or (description,))


def _cell(scope: Scope, element: Element | None, names: Names) -> Matches | None:
    source = "" if element is None else text_of(element, "text")
    if element is None or source in {"", "-"} or not scope.is_feel(element):
        return None
    tests = scope.tests(element, source, names | {"?"})
    return tests.matches if tests else _never


def _never(frame: Frame, value: Value) -> bool:
    return False


def _entry(scope: Scope, element: Element, names: Names) -> Run:
    source = text_of(element, "text")
    scope.is_feel(element)
    return scope.expression(element, "null" if source in {"", "-"} else source, names)


def _table(about: dict[str, Any], inputs: list[Input], outputs: list[Output], rules: list[Rule], policy: Policy) -> Run:
    def table(frame: Frame) -> Value:
        values = [one.run(frame) for one in inputs]
        frames = [frame.inside({"?": value}) for value in values]
        refused = [
            one.label
            for one, inner, value in zip(inputs, frames, values, strict=True)
            if one.allowed and value is not None and not one.allowed(inner, value)
        ]
        found = [] if refused else _matching(rules, frames, values)
        problem = _(_NO_VALUE) if refused else None
        result, used = None, found
        if not refused:
            result, used, problem = _decided(policy, outputs, found, frame)
        if isinstance(frame.budget, Evaluation):
            shown = [_asked(one, value) for one, value in zip(inputs, values, strict=True)]
            entry = {**about, "hit_policy": policy.name, "inputs": shown, "rules": [_told(rule) for rule in used]}
            frame.budget.note({**entry, "value": plain(result), "problem": problem})
        return result

    return table


def _asked(asked: Input, value: Value) -> dict[str, Any]:
    name = {"name": asked.name} if asked.name and asked.name != asked.label else {}
    return {"label": asked.label, "value": plain(value), **name}


def _matching(rules: Sequence[Rule], frames: list[Frame], values: list[Value]) -> list[Rule]:
    """Column by column: what an input does not match is not looked at again."""
    left = rules
    for column, (frame, value) in enumerate(zip(frames, values, strict=True)):
        frame.budget.spend(len(left))
        left = [rule for rule in left if (cell := rule.cells[column]) is None or cell(frame, value)]
        if not left:
            break
    return list(left)


Decided = tuple[Value, list[Rule], str | None]


def _decided(policy: Policy, outputs: list[Output], found: list[Rule], frame: Frame) -> Decided:
    """The value, the rules it comes from, and what was wrong."""
    if not found:
        return hits.without_rule(policy, outputs, frame), [], None
    if policy.first_only:
        found = found[:1]
    rows = [[output.coerce(run(frame)) for output, run in zip(outputs, rule.outputs, strict=False)] for rule in found]
    value, chosen, problem = hits.apply(policy, outputs, rows, frame)
    return value, [found[index] for index in chosen], problem


def _told(rule: Rule) -> dict[str, Any]:
    return {"number": rule.number, "element": rule.element, "annotation": _("；").join(filter(None, rule.annotations))}
