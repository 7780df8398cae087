"""The parts of SpiffWorkflow that carry our rules. Nothing of the library is patched; it is imported here only.

What we take: tasks and their states, workflows and subworkflows, specs with their hooks, the script engine's seat.
What we do ourselves, and why, stands beside each override: prediction, joins, boundary events and ends
(docs/architecture.md has the whole story).
"""

from importlib.metadata import version

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import ManualTask, ScriptTask, SubWorkflowTask, UserTask
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

__all__ = [
    "BasePythonScriptEngineEnvironment",
    "BpmnProcessSpec",
    "BpmnSpecMixin",
    "BpmnSubWorkflow",
    "BpmnWorkflow",
    "ManualTask",
    "PythonScriptEngine",
    "ScriptTask",
    "SubWorkflowTask",
    "Task",
    "TaskState",
    "UserTask",
    "WorkflowSpec",
]

EXPECTED = "3.2.0"  # our subclasses override its internals: another version has to be tried first

if version("SpiffWorkflow") != EXPECTED:
    raise ImportError(f"SpiffWorkflow {EXPECTED} is needed, {version('SpiffWorkflow')} is installed")
