"""The BPMN we execute: what may stand in a diagram and what each element may carry. All else is refused."""

from collections.abc import Mapping

from tongxin.words import N_

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
    "task": (N_("未定类型的任务"), N_("请把它改成用户任务、脚本任务或服务任务")),
    "businessRuleTask": (N_("业务规则任务"), N_("请改用脚本任务写出判断")),
    "callActivity": (N_("调用活动"), N_("请把被调用的流程画成内嵌子流程")),
    "transaction": (N_("事务子流程"), N_("请改用普通子流程")),
    "adHocSubProcess": (N_("即席子流程"), N_("请改用普通子流程，画出先后")),
    "complexGateway": (N_("复杂网关"), N_("请改用排他、并行或包容网关")),
    "linkEventDefinition": (N_("链接事件"), N_("请用顺序流直接相连")),
    "compensateEventDefinition": (N_("补偿事件"), N_("请画出撤回时要做的步骤")),
    "cancelEventDefinition": (N_("取消事件"), N_("请改用错误事件或中断型消息边界事件")),
    "conditionalEventDefinition": (N_("条件事件"), N_("请改用消息事件或定时事件")),
    "signalEventDefinition": (N_("信号事件"), N_("请改用消息事件")),
    "escalationEventDefinition": (N_("升级事件"), N_("请改用错误事件或消息事件")),
    "standardLoopCharacteristics": (N_("标准循环"), N_("请用网关把线画回前面的步骤")),
    "timeCycle": (N_("循环定时"), N_("请改用日期或时长，或把线画回定时事件")),
    "dataObject": (N_("数据对象"), N_("请在 data.json 里声明变量")),
    "dataObjectReference": (N_("数据对象"), N_("请在 data.json 里声明变量")),
    "dataStoreReference": (N_("数据存储"), N_("请在 data.json 里声明变量")),
    "dataInputAssociation": (N_("数据输入关联"), N_("请直接使用变量")),
    "dataOutputAssociation": (N_("数据输出关联"), N_("请直接使用变量")),
    "ioSpecification": (N_("输入输出规格"), N_("请直接使用变量")),
    "property": (N_("属性"), N_("请在 data.json 里声明变量")),
    "loopCardinality": (N_("多实例次数"), N_("请在多实例上写 tx:collection")),
    "loopDataInputRef": (N_("多实例输入集合"), N_("请在多实例上写 tx:collection")),
    "loopDataOutputRef": (N_("多实例输出集合"), N_("请在多实例上写 tx:output")),
    "inputDataItem": (N_("多实例输入项"), N_("请在多实例上写 tx:element")),
    "outputDataItem": (N_("多实例输出项"), N_("请在多实例上写 tx:output")),
    "potentialOwner": (N_("潜在办理人"), N_("请用泳道的 tx:role 或任务的 tx:assignee")),
    "humanPerformer": (N_("办理人"), N_("请用泳道的 tx:role 或任务的 tx:assignee")),
    "performer": (N_("办理人"), N_("请用泳道的 tx:role 或任务的 tx:assignee")),
    "messageEventDefinition": (N_("这里的消息事件"), N_("请改用中间捕获事件、接收任务或发送任务")),
    "timerEventDefinition": (N_("这里的定时事件"), N_("请改用中间捕获事件或边界事件")),
    "errorEventDefinition": (N_("这里的错误事件"), N_("错误只能由结束事件抛出、由边界事件接住")),
    "terminateEventDefinition": (N_("这里的终止事件"), N_("终止只能用在结束事件上")),
    "multiInstanceLoopCharacteristics": (N_("这里的多实例"), N_("多实例只能用在用户任务和手工任务上")),
}
