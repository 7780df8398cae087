"""The BPMN we execute: what may stand in a diagram and what each element may carry. All else is refused."""

from collections.abc import Mapping

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
TX = "urn:tongxin:bpmn:1"

EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
HUMAN = frozenset({"userTask", "manualTask"})
EFFECTS = frozenset({"serviceTask", "sendTask"})
ACTIVITIES = HUMAN | EFFECTS | {"scriptTask", "receiveTask", "subProcess"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
FLOW_NODES = EVENTS | ACTIVITIES | GATEWAYS

# Drawn for people only; nothing in them asks to be executed.
PICTURE = frozenset({"documentation", "extensionElements", "textAnnotation", "association", "group"})
SCOPE = FLOW_NODES | PICTURE | {"sequenceFlow", "laneSet"}

_NODE = frozenset({"documentation", "extensionElements", "incoming", "outgoing"})
_TASK = _NODE | {"multiInstanceLoopCharacteristics"}
CHILDREN: Mapping[str, frozenset[str]] = {
    "process": SCOPE,
    "subProcess": _NODE | SCOPE,
    "userTask": _TASK,
    "manualTask": _TASK,
    "serviceTask": _NODE,
    "sendTask": _NODE,
    "receiveTask": _NODE,
    "scriptTask": _NODE | {"script"},
    "startEvent": _NODE,
    "endEvent": _NODE | {"terminateEventDefinition", "errorEventDefinition"},
    "intermediateCatchEvent": _NODE | {"messageEventDefinition", "timerEventDefinition"},
    "intermediateThrowEvent": _NODE,
    "boundaryEvent": _NODE | {"messageEventDefinition", "timerEventDefinition", "errorEventDefinition"},
    "exclusiveGateway": _NODE,
    "parallelGateway": _NODE,
    "inclusiveGateway": _NODE,
    "eventBasedGateway": _NODE,
    "sequenceFlow": frozenset({"documentation", "extensionElements", "conditionExpression"}),
    "timerEventDefinition": frozenset({"timeDate", "timeDuration"}),
    "messageEventDefinition": frozenset(),
    "errorEventDefinition": frozenset(),
    "terminateEventDefinition": frozenset(),
    "multiInstanceLoopCharacteristics": frozenset({"extensionElements", "completionCondition"}),
}

# Plain attributes. A tuple lists the only values we can honour; an empty one takes any.
Choices = dict[str, tuple[str, ...]]
_ANY: tuple[str, ...] = ()
_NAMED: Choices = {"id": _ANY, "name": _ANY}
_ACTIVITY: Choices = {
    **_NAMED,
    "default": _ANY,
    "isForCompensation": ("false",),
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
}
_WORK: Choices = {**_ACTIVITY, "implementation": ("##unspecified", "##WebService")}
_GATEWAY: Choices = {**_NAMED, "gatewayDirection": _ANY}
ATTRIBUTES: Mapping[str, Choices] = {
    "process": {**_NAMED, "isExecutable": _ANY, "processType": _ANY, "isClosed": ("false",)},
    "subProcess": {**_ACTIVITY, "triggeredByEvent": ("false",)},
    "userTask": _WORK,
    "manualTask": _ACTIVITY,
    "serviceTask": _WORK,
    "sendTask": _WORK,
    "receiveTask": {**_WORK, "messageRef": _ANY, "instantiate": ("false",)},
    "scriptTask": {**_ACTIVITY, "scriptFormat": _ANY},
    "startEvent": {**_NAMED, "isInterrupting": ("true",), "parallelMultiple": ("false",)},
    "endEvent": _NAMED,
    "intermediateCatchEvent": {**_NAMED, "parallelMultiple": ("false",)},
    "intermediateThrowEvent": _NAMED,
    "boundaryEvent": {
        **_NAMED,
        "attachedToRef": _ANY,
        "cancelActivity": ("true", "false"),
        "parallelMultiple": ("false",),
    },
    "exclusiveGateway": {**_GATEWAY, "default": _ANY},
    "inclusiveGateway": {**_GATEWAY, "default": _ANY},
    "parallelGateway": _GATEWAY,
    "eventBasedGateway": {**_GATEWAY, "instantiate": ("false",), "eventGatewayType": ("Exclusive",)},
    "sequenceFlow": {**_NAMED, "sourceRef": _ANY, "targetRef": _ANY, "isImmediate": ("true", "false")},
    "messageEventDefinition": {**_NAMED, "messageRef": _ANY},
    "timerEventDefinition": _NAMED,
    "errorEventDefinition": {**_NAMED, "errorRef": _ANY},
    "terminateEventDefinition": _NAMED,
    "multiInstanceLoopCharacteristics": {"id": _ANY, "isSequential": ("true", "false"), "behavior": ("All",)},
}

# Our own attributes; bpmn/extensions.json tells the modeler the same.
_PUBLIC = frozenset({"publicName"})
OURS: Mapping[str, frozenset[str]] = {
    **{kind: _PUBLIC for kind in FLOW_NODES},
    "lane": frozenset({"role", "level"}),
    "userTask": _PUBLIC | {"form", "limit", "assignee"},
    "manualTask": _PUBLIC | {"limit", "assignee"},
    "serviceTask": _PUBLIC | {"do"},
    "sendTask": _PUBLIC | {"do"},
    "message": frozenset({"key", "payload"}),
    "multiInstanceLoopCharacteristics": frozenset({"collection", "element", "output"}),
}
OUR_ELEMENTS: Mapping[str, frozenset[str]] = dict.fromkeys(EFFECTS, frozenset({"input", "output"}))

# What people call the things we refuse, and what to draw instead.
REFUSED: Mapping[str, tuple[str, str]] = {
    "task": ("未定类型的任务", "请把它改成用户任务、脚本任务或服务任务"),
    "businessRuleTask": ("业务规则任务", "请改用脚本任务写出判断"),
    "callActivity": ("调用活动", "请把被调用的流程画成内嵌子流程"),
    "transaction": ("事务子流程", "请改用普通子流程"),
    "adHocSubProcess": ("即席子流程", "请改用普通子流程，画出先后"),
    "complexGateway": ("复杂网关", "请改用排他、并行或包容网关"),
    "linkEventDefinition": ("链接事件", "请用顺序流直接相连"),
    "compensateEventDefinition": ("补偿事件", "请画出撤回时要做的步骤"),
    "cancelEventDefinition": ("取消事件", "请改用错误事件或中断型消息边界事件"),
    "conditionalEventDefinition": ("条件事件", "请改用消息事件或定时事件"),
    "signalEventDefinition": ("信号事件", "请改用消息事件"),
    "escalationEventDefinition": ("升级事件", "请改用错误事件或消息事件"),
    "standardLoopCharacteristics": ("标准循环", "请用网关把线画回前面的步骤"),
    "timeCycle": ("循环定时", "请改用日期或时长，或把线画回定时事件"),
    "dataObject": ("数据对象", "请在 data.json 里声明变量"),
    "dataObjectReference": ("数据对象", "请在 data.json 里声明变量"),
    "dataStoreReference": ("数据存储", "请在 data.json 里声明变量"),
    "dataInputAssociation": ("数据输入关联", "请直接使用变量"),
    "dataOutputAssociation": ("数据输出关联", "请直接使用变量"),
    "ioSpecification": ("输入输出规格", "请直接使用变量"),
    "property": ("属性", "请在 data.json 里声明变量"),
    "loopCardinality": ("多实例次数", "请在多实例上写 tx:collection"),
    "loopDataInputRef": ("多实例输入集合", "请在多实例上写 tx:collection"),
    "loopDataOutputRef": ("多实例输出集合", "请在多实例上写 tx:output"),
    "inputDataItem": ("多实例输入项", "请在多实例上写 tx:element"),
    "outputDataItem": ("多实例输出项", "请在多实例上写 tx:output"),
    "potentialOwner": ("潜在办理人", "请用泳道的 tx:role 或任务的 tx:assignee"),
    "humanPerformer": ("办理人", "请用泳道的 tx:role 或任务的 tx:assignee"),
    "performer": ("办理人", "请用泳道的 tx:role 或任务的 tx:assignee"),
    "messageEventDefinition": ("这里的消息事件", "请改用中间捕获事件、接收任务或发送任务"),
    "timerEventDefinition": ("这里的定时事件", "请改用中间捕获事件或边界事件"),
    "errorEventDefinition": ("这里的错误事件", "错误只能由结束事件抛出、由边界事件接住"),
    "terminateEventDefinition": ("这里的终止事件", "终止只能用在结束事件上"),
    "multiInstanceLoopCharacteristics": ("这里的多实例", "多实例只能用在用户任务和手工任务上"),
}
