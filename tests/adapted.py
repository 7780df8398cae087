"""Reference models that are marked executable, in our dialect: what other tools say their own way, said in ours.

The nodes, the flows, the events and the gateways stay as they are drawn.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from tongxin import engine
from tongxin.engine.reading import diagram

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_OURS = "{urn:tongxin:bpmn:1}"
_FOREIGN = ("extensionElements", "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "potentialOwner")
_FEEL = {
    "${approved}": "approved",
    "${!approved}": "not(approved)",
    "${clarified == 'yes'}": 'clarified = "yes"',
    "${clarified == 'no'}": 'clarified = "no"',
    "bpmn:getDataObject('approved')": "approved",
    "not(bpmn:getDataObject('approved'))": "not(approved)",
    "bpmn:getDataObject('clarified') = 'yes'": 'clarified = "yes"',
    "bpmn:getDataObject('clarified') = 'no'": 'clarified = "no"',
    "Service Level == 'Premium'": 'service_level = "Premium"',
}
_ASKED: dict[str, tuple[Any, ...]] = {  # by the conditions
    "approved": (True, False),
    "clarified": ("yes", "no"),
    "service_type": ("Warranty", "Emergency service", "Regular repair service"),
    "service_level": ("Standard", "Premium"),
    "successful": ("yes", "no"),
}
NOW = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
RUNS, MOST = 200, 500


def adapt(source: bytes) -> tuple[bytes, Counter[str]]:
    """The model with its executable process alone; how often each of the changes was made."""
    root = diagram.parse(source)
    made = Counter({text: change(root) for change, text in CHANGES.items()})
    return etree.tostring(root), made


def _translate(root: Any) -> int:
    found = list(root.iter(f"{_BPMN}conditionExpression"))
    for condition in found:
        condition.text = _FEEL[condition.text.strip()]
    return len(found)


def _name_conditions(root: Any) -> int:
    gateways = {one.get("id"): _variable(one.get("name")) for one in root.iter(f"{_BPMN}exclusiveGateway")}
    bare = [
        flow
        for flow in root.iter(f"{_BPMN}sequenceFlow")
        if flow.get("sourceRef") in gateways and flow.find(f"{_BPMN}conditionExpression") is None
    ]
    for flow in bare:
        condition = f'{gateways[flow.get("sourceRef")]} = "{flow.get("name")}"'
        etree.SubElement(flow, f"{_BPMN}conditionExpression").text = condition
    return len(bare)


def _variable(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")


def _give_roles(root: Any) -> int:
    lanes = list(root.iter(f"{_BPMN}lane"))
    for process in root.iter(f"{_BPMN}process"):
        if process.find(f"{_BPMN}laneSet") is None:
            lanes.append(etree.SubElement(etree.Element(f"{_BPMN}laneSet", id="lanes"), f"{_BPMN}lane", id="lane"))
            process.insert(0, lanes[-1].getparent())
            for task in process.iter(f"{_BPMN}userTask"):
                etree.SubElement(lanes[-1], f"{_BPMN}flowNodeRef").text = task.get("id")
    for lane in lanes:
        lane.set(f"{_OURS}role", "clerk")
    return len(lanes)


def _name_actions(root: Any) -> int:
    services = list(root.iter(f"{_BPMN}serviceTask"))
    for service in services:
        service.set(f"{_OURS}do", "act")
    return len(services)


def _fill(root: Any) -> int:
    empty = [one for one in root.iter(f"{_BPMN}subProcess") if one.find(f"{_BPMN}startEvent") is None]
    for number, scope in enumerate(empty):
        for kind in ("start", "end"):
            etree.SubElement(scope, f"{_BPMN}{kind}Event", id=f"{kind}{number}")
        ends = {"sourceRef": f"start{number}", "targetRef": f"end{number}"}
        etree.SubElement(scope, f"{_BPMN}sequenceFlow", id=f"through{number}", **ends)
    return len(empty)


def _once(root: Any) -> int:
    return _drop_attributes(root, lambda name, value: name in ("startQuantity", "completionQuantity") and value != "1")


def _drop_technology(root: Any) -> int:
    return _drop_attributes(root, lambda name, value: name == "implementation" and not value.startswith("##"))


def _drop_attributes(root: Any, wrong: Callable[[str, str], bool]) -> int:
    found = [(one, name) for one in root.iter() for name, value in one.attrib.items() if wrong(name, value)]
    for element, name in found:
        del element.attrib[name]
    return len(found)


def _drop_foreign(root: Any) -> int:
    found = list(root.iter(*(f"{_BPMN}{kind}" for kind in _FOREIGN)))
    for element in found:
        if element.getparent() is not None:
            element.getparent().remove(element)
    return len(found)


CHANGES: dict[Callable[[Any], int], str] = {
    _drop_foreign: "other tools' extensions, input/output specifications and potential owners are left out",
    _drop_technology: "`implementation` that names another technology is left out",
    _translate: "a condition in another language is written in FEEL",
    _name_conditions: "a flow out of an exclusive gateway that has a name instead of a condition gets one by this name",
    _give_roles: "lanes get a role; where there are none, one is put around the user tasks",
    _name_actions: "a service task says what to do",
    _once: "a quantity of 2 becomes 1",
    _fill: "a subprocess that is drawn without content gets a start and an end",
}


def unvisited(process: engine.Process) -> set[str]:
    """Nodes and flows that none of many random runs takes; every run has to reach its end."""
    missing = {*process.nodes, *(flow.id for flow in process.flows.values() if not flow.hidden)}
    for seed in range(RUNS):
        missing -= _run(process, random.Random(seed))
    return missing


def _run(process: engine.Process, choose: random.Random) -> set[str]:
    at = choose.choice(sorted(process.starts))
    step = engine.start(process, _answers(choose), NOW, {}, at=at)
    visited, waiting = {one.id for one in step.trail}, dict[int, str]()
    for _ in range(MOST):
        if step.ended:
            return visited
        live = engine.live_nodes(step.state)
        waiting = {key: verb for key, verb in (waiting | _begun(step)).items() if key in live}
        key, verb = choose.choice(sorted(waiting.items()))
        step = _happen(verb, (process, step.state, step.variables, key), choose)
        visited |= {one.id for one in step.trail}
    raise AssertionError(f"not at its end after {MOST} steps")


def _begun(step: engine.Step) -> dict[int, str]:
    return {
        **{one.key: "complete" for one in step.opened},
        **{one.key: "fire" for one in step.timers_set},
        **{one.key: "deliver" for one in step.waits_set},
        **{one.key: "resolve" for one in step.effects},
    }


def _happen(verb: str, case: Any, choose: random.Random) -> engine.Step:
    match verb:
        case "complete":
            return engine.complete(*case, _answers(choose), NOW, {})
        case "deliver":
            return engine.deliver(*case, None, NOW, {})
        case "fire":
            return engine.fire(*case, NOW, {})
    return engine.resolve(*case, None, NOW, {})


def _answers(choose: random.Random) -> dict[str, Any]:
    return {name: choose.choice(values) for name, values in _ASKED.items()}
