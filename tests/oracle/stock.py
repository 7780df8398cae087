"""SpiffWorkflow as shipped, as a player: its own parser, Python expressions, and serializer at every step."""

import warnings
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())


def parse(source: bytes) -> tuple[Any, Any]:
    parser = BpmnParser()
    parser.add_bpmn_str(source)
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


def begin(specs: tuple[Any, Any], variables: Mapping[str, Any]) -> Any:
    """A case that has run until it waits."""
    workflow = BpmnWorkflow(*specs)
    workflow.get_tasks(state=TaskState.READY)[0].data.update(variables)
    workflow.do_engine_steps()
    return workflow


def ready(workflow: Any) -> list[Any]:
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def save(workflow: Any) -> str:
    return str(SERIALIZER.serialize_json(workflow))


def load(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, about itself
        return SERIALIZER.deserialize_json(text)


class Stock:
    """A case, as text between two steps."""

    def __init__(self, source: bytes, variables: Mapping[str, Any]) -> None:
        workflow = begin(parse(source), variables)
        self._keep(workflow)

    def _keep(self, workflow: Any) -> None:
        self.text = save(workflow)
        self.open = sorted(task.task_spec.bpmn_id for task in ready(workflow))
        self.over = bool(workflow.completed)

    def complete(self, node: str, values: Mapping[str, Any]) -> None:
        workflow = load(self.text)
        task = next(task for task in ready(workflow) if task.task_spec.bpmn_id == node)
        task.data.update(values)
        task.run()
        workflow.do_engine_steps()
        self._keep(workflow)

    def deliver(self, message: str) -> None:
        workflow = load(self.text)
        workflow.send_event(BpmnEvent(MessageEventDefinition(message)))
        workflow.do_engine_steps()
        self._keep(workflow)
