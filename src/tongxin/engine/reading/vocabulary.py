"""The BPMN we execute: what may stand in a diagram and what each element may carry. All else is refused."""

from collections.abc import Mapping

from tongxin.words import N_

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
TX = "urn:tongxin:bpmn:1"

EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
HUMAN = frozenset({"userTask", "manualTask"})
EFFECTS = frozenset({"serviceTask", "sendTask"})
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
NESTED = SUBPROCESSES | {"callActivity"}
WAITING = HUMAN | EFFECTS | NESTED | {"receiveTask"}  # activities that last
ACTIVITIES = WAITING | {"scriptTask", "businessRuleTask"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
FLOW_NODES = EVENTS | ACTIVITIES | GATEWAYS
LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})

# Drawn for people only; nothing in them asks to be executed. A data object is the variable of its name.
DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference"})
PICTURE = frozenset({"documentation", "extensionElements", "textAnnotation", "association", "group"}) | DATA
SCOPE = FLOW_NODES | PICTURE | {"sequenceFlow", "laneSet"}

_NODE = frozenset({"documentation", "extensionElements", "incoming", "outgoing"})
_DATA_FLOW = frozenset({"dataInputAssociation", "dataOutputAssociation", "property"})
_TASK = _NODE | _DATA_FLOW | LOOPS


def _definitions(*names: str) -> frozenset[str]:
    return frozenset(f"{name}EventDefinition" for name in names)


_WAITS = _definitions("message", "signal", "timer", "conditional")
_NESTED = _TASK | SCOPE
CHILDREN: Mapping[str, frozenset[str]] = {
    "process": SCOPE,
    "subProcess": _NESTED,
    "transaction": _NESTED,
    "adHocSubProcess": _NESTED | {"completionCondition"},
    "callActivity": _TASK,
    "userTask": _TASK,
    "manualTask": _TASK,
    "serviceTask": _TASK,
    "sendTask": _TASK,
    "receiveTask": _TASK,
    "businessRuleTask": _TASK,
    "scriptTask": _TASK | {"script"},
    "startEvent": _NODE | _DATA_FLOW | _WAITS | _definitions("error", "escalation", "compensate"),
    "endEvent": _NODE
    | _DATA_FLOW
    | _definitions("terminate", "error", "escalation", "signal", "message", "compensate", "cancel"),
    "intermediateCatchEvent": _NODE | _DATA_FLOW | _WAITS | _definitions("link"),
    "intermediateThrowEvent": _NODE
    | _DATA_FLOW
    | _definitions("message", "signal", "escalation", "compensate", "link"),
    "boundaryEvent": _NODE | _DATA_FLOW | _WAITS | _definitions("error", "escalation", "compensate", "cancel"),
    "exclusiveGateway": _NODE,
    "parallelGateway": _NODE,
    "inclusiveGateway": _NODE,
    "eventBasedGateway": _NODE,
    "sequenceFlow": frozenset({"documentation", "extensionElements", "conditionExpression"}),
    "timerEventDefinition": frozenset({"timeDate", "timeDuration", "timeCycle"}),
    "conditionalEventDefinition": frozenset({"condition"}),
    **dict.fromkeys(
        _definitions("message", "signal", "error", "escalation", "compensate", "cancel", "terminate"),
        frozenset(),
    ),
    "linkEventDefinition": frozenset({"source", "target"}),
    "multiInstanceLoopCharacteristics": frozenset({"extensionElements", "completionCondition", "loopCardinality"}),
    "standardLoopCharacteristics": frozenset({"loopCondition"}),
    "dataInputAssociation": frozenset({"documentation", "sourceRef", "targetRef"}),
    "dataOutputAssociation": frozenset({"documentation", "sourceRef", "targetRef"}),
}

# Plain attributes. A tuple lists the only values we can honour; an empty one takes any.
Choices = dict[str, tuple[str, ...]]
_ANY: tuple[str, ...] = ()
_BOOLEAN = ("true", "false")
_NAMED: Choices = {"id": _ANY, "name": _ANY}
_ACTIVITY: Choices = {
    **_NAMED,
    "default": _ANY,
    "isForCompensation": _BOOLEAN,
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
}
_WORK: Choices = {**_ACTIVITY, "implementation": ("##unspecified", "##WebService")}
_GATEWAY: Choices = {**_NAMED, "gatewayDirection": _ANY}
_CATCH: Choices = {**_NAMED, "parallelMultiple": ("false",)}
ATTRIBUTES: Mapping[str, Choices] = {
    "process": {**_NAMED, "isExecutable": _ANY, "processType": _ANY, "isClosed": _ANY},
    "subProcess": {**_ACTIVITY, "triggeredByEvent": _BOOLEAN},
    "transaction": {**_ACTIVITY, "triggeredByEvent": ("false",), "method": ("##Compensate",)},
    "adHocSubProcess": {
        **_ACTIVITY,
        "triggeredByEvent": ("false",),
        "ordering": ("Parallel",),
        "cancelRemainingInstances": ("true",),
    },
    "callActivity": {**_ACTIVITY, "calledElement": _ANY},
    "userTask": _WORK,
    "manualTask": _ACTIVITY,
    "serviceTask": _WORK,
    "sendTask": {**_WORK, "messageRef": _ANY},
    "businessRuleTask": _WORK,
    "receiveTask": {**_WORK, "messageRef": _ANY, "instantiate": ("false",)},
    "scriptTask": {**_ACTIVITY, "scriptFormat": _ANY},
    "startEvent": {**_CATCH, "isInterrupting": _BOOLEAN},
    "endEvent": _NAMED,
    "intermediateCatchEvent": _CATCH,
    "intermediateThrowEvent": _NAMED,
    "boundaryEvent": {**_CATCH, "attachedToRef": _ANY, "cancelActivity": _BOOLEAN},
    "exclusiveGateway": {**_GATEWAY, "default": _ANY},
    "inclusiveGateway": {**_GATEWAY, "default": _ANY},
    "parallelGateway": _GATEWAY,
    "eventBasedGateway": {**_GATEWAY, "instantiate": ("false",), "eventGatewayType": ("Exclusive",)},
    "sequenceFlow": {**_NAMED, "sourceRef": _ANY, "targetRef": _ANY, "isImmediate": _BOOLEAN},
    "messageEventDefinition": {**_NAMED, "messageRef": _ANY},
    "signalEventDefinition": {**_NAMED, "signalRef": _ANY},
    "timerEventDefinition": _NAMED,
    "conditionalEventDefinition": _NAMED,
    "errorEventDefinition": {**_NAMED, "errorRef": _ANY},
    "escalationEventDefinition": {**_NAMED, "escalationRef": _ANY},
    "compensateEventDefinition": {**_NAMED, "activityRef": _ANY, "waitForCompletion": ("true",)},
    "cancelEventDefinition": _NAMED,
    "linkEventDefinition": _NAMED,
    "terminateEventDefinition": _NAMED,
    "multiInstanceLoopCharacteristics": {"id": _ANY, "isSequential": _BOOLEAN, "behavior": ("All",)},
    "standardLoopCharacteristics": {"id": _ANY, "testBefore": _BOOLEAN, "loopMaximum": _ANY},
}

# Our own attributes; bpmn/extensions.json tells the modeler the same.
_PUBLIC = frozenset({"publicName"})
_PAUSING = _PUBLIC | {"pauses"}  # where a case may wait
OURS: Mapping[str, frozenset[str]] = {
    **{kind: _PUBLIC for kind in FLOW_NODES},
    **dict.fromkeys(NESTED | {"receiveTask", "intermediateCatchEvent"}, _PAUSING),
    "lane": frozenset({"role", "level"}),
    "userTask": _PAUSING | {"form", "limit", "assignee", "title"},
    "manualTask": _PAUSING | {"limit", "assignee", "title"},
    "serviceTask": _PAUSING | {"do"},
    "sendTask": _PUBLIC | {"do"},
    "businessRuleTask": _PUBLIC | {"decision", "result"},
    "message": frozenset({"key", "payload"}),
    "signal": frozenset({"payload"}),
    "multiInstanceLoopCharacteristics": frozenset({"collection", "element", "output"}),
}
_BOTH = frozenset({"input", "output"})
OUR_ELEMENTS: Mapping[str, frozenset[str]] = {
    "serviceTask": _BOTH,
    "sendTask": _BOTH,
    "callActivity": _BOTH,
    "intermediateThrowEvent": frozenset({"input"}),
    "endEvent": frozenset({"input"}),
}

_VARIABLES = N_("请直接使用变量")
_OWNER = N_("请用泳道的 tx:role 或任务的 tx:assignee")
_COLLECTION = N_("请在多实例上写 tx:collection")
# What people call the things we refuse, and what to draw instead.
REFUSED: Mapping[str, tuple[str, str]] = {
    "task": (N_("未定类型的任务"), N_("请把它改成用户任务、脚本任务或服务任务")),
    "complexGateway": (N_("复杂网关"), N_("请改用排他、并行或包容网关")),
    "ioSpecification": (N_("输入输出规格"), _VARIABLES),
    "property": (N_("属性"), N_("请在 data.json 里声明变量")),
    "assignment": (N_("数据关联里的赋值"), _VARIABLES),
    "transformation": (N_("数据关联里的转换"), _VARIABLES),
    "loopDataInputRef": (N_("多实例输入集合"), _COLLECTION),
    "loopDataOutputRef": (N_("多实例输出集合"), N_("请在多实例上写 tx:output")),
    "inputDataItem": (N_("多实例输入项"), N_("请在多实例上写 tx:element")),
    "outputDataItem": (N_("多实例输出项"), N_("请在多实例上写 tx:output")),
    "complexBehaviorDefinition": (N_("多实例的复杂行为"), N_("请用完成条件")),
    "potentialOwner": (N_("潜在办理人"), _OWNER),
    "humanPerformer": (N_("办理人"), _OWNER),
    "performer": (N_("办理人"), _OWNER),
    "resourceRole": (N_("办理人"), _OWNER),
    "messageEventDefinition": (N_("这里的消息事件"), N_("请改用中间事件、边界事件、接收任务或发送任务")),
    "signalEventDefinition": (N_("这里的信号事件"), N_("请改用中间事件、边界事件或结束事件")),
    "timerEventDefinition": (N_("这里的定时事件"), N_("请改用中间捕获事件或边界事件")),
    "conditionalEventDefinition": (N_("这里的条件事件"), N_("请改用中间捕获事件或边界事件")),
    "errorEventDefinition": (N_("这里的错误事件"), N_("错误只能由结束事件抛出，由边界事件或事件子流程接住")),
    "escalationEventDefinition": (
        N_("这里的升级事件"),
        N_("升级由中间抛出事件或结束事件抛出，由边界事件或事件子流程接住"),
    ),
    "compensateEventDefinition": (
        N_("这里的补偿事件"),
        N_("补偿由中间抛出事件或结束事件抛出，由边界事件或事件子流程接住"),
    ),
    "cancelEventDefinition": (N_("这里的取消事件"), N_("取消只能由事务里的结束事件抛出，由事务的边界事件接住")),
    "linkEventDefinition": (N_("这里的链接事件"), N_("链接由中间抛出事件到中间捕获事件")),
    "terminateEventDefinition": (N_("这里的终止事件"), N_("终止只能用在结束事件上")),
    "multiInstanceLoopCharacteristics": (N_("这里的多实例"), N_("多实例只能用在任务、子流程和调用活动上")),
    "standardLoopCharacteristics": (N_("这里的循环"), N_("循环只能用在任务、子流程和调用活动上")),
}
