# mypy: allow-subclassing-any
"""What stands where SpiffWorkflow would evaluate Python: compiled FEEL, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

from tongxin import feel
from tongxin.engine.errors import Failed
from tongxin.engine.spiff import BasePythonScriptEngineEnvironment, PythonScriptEngine
from tongxin.engine.step import Value
from tongxin.words import _, told


class Names(Mapping[str, Value]):
    """What an expression sees: values of its multi-instance item, variables scope by scope, then the environment."""

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[str, Value]) -> None:
        self._layers = layers

    def get(self, name: str, default: Value = None) -> Value:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return default

    def __getitem__(self, name: str) -> Value:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name for layer in self._layers for name in layer})

    def __len__(self) -> int:
        return len(set(self))


class FeelEngine(PythonScriptEngine):
    """Takes compiled expressions only; text is refused, so nothing in a diagram can become Python."""

    def __init__(self) -> None:
        super().__init__(BasePythonScriptEngineEnvironment())  # its evaluate and execute only raise

    def evaluate(
        self,
        task: Any,
        expression: feel.Expression,
        external_context: Mapping[str, Value] | None = None,
        *,
        alone: bool = False,
    ) -> Value:
        """`external_context` are names for this one expression, in front of all others, or `alone`."""
        if not isinstance(expression, feel.Expression):
            raise TypeError("only compiled FEEL is evaluated")
        case, given = task.workflow.top_workflow, external_context or {}
        names = given if alone else Names(given, task.data, *task.workflow.lookup)
        try:
            return expression.evaluate(names, case.now)
        except (ValueError, ArithmeticError) as error:  # a spent budget, or a function of the calendar
            raise Failed(
                task.task_spec.node.id,
                _("表达式“{source}”没有算出来：{error}", source=expression.source.strip(), error=told(error)),
            ) from error

    def names(self, task: Any) -> Names:
        """Everything an expression at the task sees."""
        return Names(task.data, *task.workflow.lookup)

    def execute(self, task: Any, script: Any, external_context: Mapping[str, Value] | None = None) -> bool:
        raise TypeError("scripts are lines of FEEL: see Script")

    def validate(self, expression: Any) -> None:
        raise TypeError("expressions are compiled with the diagram")

    def call_service(self, task: Any, **kwargs: Any) -> None:
        raise TypeError("services are called outside the engine: see Effect")
