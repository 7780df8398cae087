"""Trees as BPMN: for our engine with FEEL, for the library as shipped with Python."""

from dataclasses import dataclass
from functools import singledispatchmethod
from itertools import pairwise
from xml.sax.saxutils import escape

from tests.oracle.blocks import (
    VARIABLES,
    Again,
    Block,
    Call,
    Catch,
    Choice,
    Each,
    Edge,
    Every,
    Handler,
    Loop,
    Multi,
    Race,
    Script,
    Seq,
    Service,
    Signal,
    Some,
    Sub,
    Task,
)
from tests.oracle.dialects import Feel

_DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1" id="d"
targetNamespace="urn:tongxin:oracle">
<error id="E1" name="E1" errorCode="E1"/><error id="E2" name="E2" errorCode="E2"/>
<error id="E9" name="E9" errorCode="E9"/>{declared}
<process id="{process}" isExecutable="true">{lanes}
<startEvent id="s"/>{xml}<endEvent id="e"/>{flows}</process></definitions>"""
_LANES = '<laneSet id="lanes"><lane id="lane" tx:role="clerk">{refs}</lane></laneSet>'
_WAITS = {"message": "intermediateCatchEvent", "timer": "intermediateCatchEvent", "receive": "receiveTask"}
_TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


@dataclass(frozen=True, slots=True)
class Drawn:
    """XML, and the nodes by which it is entered and left."""

    xml: str
    first: str
    last: str


def draw(tree: Block, dialect: Feel) -> bytes:
    """The process alone, without those it calls."""
    return diagrams(tree, dialect)[0]


def diagrams(tree: Block, dialect: Feel) -> tuple[bytes, dict[str, bytes]]:
    """The process, and those it calls, by their ids."""
    called: dict[str, bytes] = {}
    return _diagram(tree, dialect, "p", called), called


def _diagram(tree: Block, dialect: Feel, process: str, called: dict[str, bytes]) -> bytes:
    drawing = Drawing(dialect, called)
    drawn = drawing.block(tree)
    refs = "".join(f"<flowNodeRef>{task}</flowNodeRef>" for task in drawing.humans)
    return _DIAGRAM.format(
        process=process,
        declared="".join(dict.fromkeys(drawing.declared)),
        lanes=_LANES.format(refs=refs) if dialect.lanes else "",
        xml=drawn.xml,
        flows=_flow("s", drawn.first) + _flow(drawn.last, "e"),
    ).encode()


def _flow(source: str, target: str, condition: str = "") -> str:
    inner = condition and f"<conditionExpression>{escape(condition)}</conditionExpression>"
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


class Drawing:
    """One diagram: what it declares, and its human steps, come together while its blocks are drawn."""

    def __init__(self, dialect: Feel, called: dict[str, bytes]) -> None:
        self.dialect, self.called = dialect, called
        self.declared: list[str] = []
        self.humans: list[str] = []

    def block(self, block: Block) -> Drawn:
        drawn = self.draw(block)
        if not block.edges:
            return drawn
        xml = drawn.xml + "".join(self._edge(block, edge) for edge in block.edges)
        if not block.merges:
            return Drawn(xml, drawn.first, drawn.last)
        out = f"{block.name}x"
        return Drawn(f'{xml}<exclusiveGateway id="{out}"/>{_flow(block.name, out)}', drawn.first, out)

    def _edge(self, block: Block, edge: Edge) -> str:
        cancel = str(edge.interrupting).lower()
        definition = self._definition(edge.name, edge.event, edge.code or edge.reads)
        xml = f'<boundaryEvent id="{edge.name}" attachedToRef="{block.name}" cancelActivity="{cancel}">{definition}'
        task, out = f"{edge.name}t", f"{block.name}x" if edge.interrupting else f"{edge.name}te"
        if not edge.interrupting:
            xml += "</boundaryEvent>" + f'<endEvent id="{out}"/>'
        else:
            xml += "</boundaryEvent>"
            if not edge.detour:
                return xml + _flow(edge.name, out)
        return xml + self._user(task) + _flow(edge.name, task) + _flow(task, out)

    def _definition(self, node: str, event: str, code: str | None = None, writes: str | None = None) -> str:
        match event:
            case "timer":
                return _TIMER
            case "error":
                return "<errorEventDefinition" + (f' errorRef="{code}"/>' if code else "/>")
            case "escalation":
                return self._escalation(code)
            case "conditional":
                condition = f"<condition>{self.dialect.equals(str(code), 2)}</condition>"
                return f"<conditionalEventDefinition>{condition}</conditionalEventDefinition>"
        payload = f' tx:payload="{writes}"' if writes else ""
        self.declared.append(f'<message id="m{node}" name="m{node}"{payload}/>')
        return f'<messageEventDefinition messageRef="m{node}"/>'

    def _escalation(self, code: str | None) -> str:
        if code:
            self.declared.append(f'<escalation id="{code}" escalationCode="{code}"/>')
        return "<escalationEventDefinition" + (f' escalationRef="{code}"/>' if code else "/>")

    def _waits(self, node: str, event: str, writes: str | None = None) -> str:
        kind, definition = _WAITS[event], self._definition(node, event, writes=writes)
        if event == "receive":
            return f'<{kind} id="{node}" messageRef="m{node}"/>'
        return f'<{kind} id="{node}">{definition}</{kind}>'

    def _user(self, name: str, inner: str = "") -> str:
        self.humans.append(name)
        return f'<userTask id="{name}">{inner}</userTask>'

    @singledispatchmethod
    def draw(self, block: Block) -> Drawn:
        raise NotImplementedError(type(block))

    @draw.register
    def _(self, block: Task) -> Drawn:
        return Drawn(self._user(block.name), block.name, block.name)

    @draw.register
    def _(self, block: Script) -> Drawn:
        name, script = block.name, f"{block.name}script"
        line = f"{block.writes} = {self.dialect.turned(block.reads)}"
        xml = f'{self._user(name)}<scriptTask id="{script}"><script>{line}</script></scriptTask>{_flow(name, script)}'
        return Drawn(xml, name, script)

    @draw.register
    def _(self, block: Service) -> Drawn:
        output = f'<extensionElements><tx:output name="{block.writes}" value="result"/></extensionElements>'
        return Drawn(f'<serviceTask id="{block.name}" tx:do="act">{output}</serviceTask>', block.name, block.name)

    @draw.register
    def _(self, block: Catch) -> Drawn:
        return Drawn(self._waits(block.name, block.event, block.writes), block.name, block.name)

    @draw.register
    def _(self, block: Multi) -> Drawn:
        return Drawn(self._user(block.name, self.dialect.loop(block)), block.name, block.name)

    @draw.register
    def _(self, block: Seq) -> Drawn:
        drawn = [self.block(part) for part in block.parts]
        flows = "".join(_flow(one.last, two.first) for one, two in pairwise(drawn))
        return Drawn("".join(part.xml for part in drawn) + flows, drawn[0].first, drawn[-1].last)

    @draw.register
    def _(self, block: Choice) -> Drawn:
        conditions = [self.dialect.equals(block.reads, i) for i in range(len(block.parts) - 1)]
        return self._gateways("exclusiveGateway", block, [*conditions, ""])

    @draw.register
    def _(self, block: Some) -> Drawn:
        conditions = [f"{block.reads} >= {i + 1}" for i in range(len(block.parts) - 1)]
        return self._gateways("inclusiveGateway", block, [*conditions, ""])

    @draw.register
    def _(self, block: Every) -> Drawn:
        return self._gateways("parallelGateway", block, [""] * len(block.parts))

    def _gateways(self, kind: str, block: Block, conditions: list[str]) -> Drawn:
        split, join = f"{block.name}a", f"{block.name}b"
        drawn = [self.block(part) for part in block.parts]
        default = f' default="{split}_{drawn[-1].first}"' if any(conditions) else ""
        xml = f'<{kind} id="{split}"{default}/><{kind} id="{join}"/>'
        for part, condition in zip(drawn, conditions, strict=True):
            xml += part.xml + _flow(split, part.first, condition) + _flow(part.last, join)
        return Drawn(xml, split, join)

    @draw.register
    def _(self, block: Loop) -> Drawn:
        name, body = block.name, self.block(block.parts[0])
        first, begin, count, again, out = (f"{name}{letter}" for letter in "iacbx")
        xml = (
            f'<scriptTask id="{first}"><script>{name} = 0</script></scriptTask><exclusiveGateway id="{begin}"/>'
            f'<scriptTask id="{count}"><script>{name} = {name} + 1</script></scriptTask>'
            f'<exclusiveGateway id="{again}" default="{again}_{out}"/><exclusiveGateway id="{out}"/>'
        )
        flows = _flow(first, begin) + _flow(begin, body.first) + _flow(body.last, count) + _flow(count, again)
        flows += _flow(again, out) + _flow(again, begin, self.dialect.again(block))
        return Drawn(body.xml + xml + flows, first, out)

    @draw.register
    def _(self, block: Sub) -> Drawn:
        name = block.name
        inner = self._together(block) if block.ends != "none" else self.block(block.parts[0])
        xml = f'<startEvent id="{name}s"/>{inner.xml}<endEvent id="{name}e"/>'
        flows = _flow(f"{name}s", inner.first) + _flow(inner.last, f"{name}e")
        flows += "".join(map(self._handler, block.handlers))
        return Drawn(f'<subProcess id="{name}">{xml}{flows}</subProcess>', name, name)

    def _handler(self, handler: Handler) -> str:
        name, start, task, end = handler.name, *(f"{handler.name}{letters}" for letters in ("s", "st", "e"))
        definition = self._definition(start, handler.event, handler.code)
        xml = f'<startEvent id="{start}" isInterrupting="{str(handler.interrupting).lower()}">{definition}</startEvent>'
        xml += self._user(task) + f'<endEvent id="{end}"/>' + _flow(start, task) + _flow(task, end)
        return f'<subProcess id="{name}" triggeredByEvent="true">{xml}</subProcess>'

    @draw.register
    def _(self, block: Each) -> Drawn:
        name, first, inner = block.name, f"{block.name}t", self.block(block.parts[0])
        output = f' tx:output="{name}out"' if block.keeps else ""
        xml = (
            f'<multiInstanceLoopCharacteristics tx:collection="{[*range(1, block.size + 1)]}"'
            f' isSequential="{str(block.sequential).lower()}"{output}/>'
            f'<startEvent id="{name}s"/>{self._user(first)}{inner.xml}<endEvent id="{name}e"/>'
        )
        flows = _flow(f"{name}s", first) + _flow(first, inner.first) + _flow(inner.last, f"{name}e")
        return Drawn(f'<subProcess id="{name}">{xml}{flows}</subProcess>', name, name)

    @draw.register
    def _(self, block: Call) -> Drawn:
        name = block.name
        self.called[name] = _diagram(block.parts[0], self.dialect, name, self.called)
        lines = "".join(
            f'<tx:input name="{inner}" value="{outer}"/>' for inner, outer in zip(VARIABLES, block.given, strict=True)
        )
        lines += f'<tx:output name="{block.writes}" value="v0"/>'
        xml = f"<extensionElements>{lines}</extensionElements>"
        return Drawn(f'<callActivity id="{name}" calledElement="{name}">{xml}</callActivity>', name, name)

    @draw.register
    def _(self, block: Again) -> Drawn:
        attributes = f'testBefore="{str(block.first).lower()}" loopMaximum="{block.most}"'
        condition = f"<loopCondition>{self.dialect.equals(block.reads, 1)}</loopCondition>"
        loop = f"<standardLoopCharacteristics {attributes}>{condition}</standardLoopCharacteristics>"
        return Drawn(self._user(block.name, loop), block.name, block.name)

    @draw.register
    def _(self, block: Signal) -> Drawn:
        name = block.name
        split, join, wait, after, before, throw = (f"{name}{letter}" for letter in "abwutk")
        self.declared.append(f'<signal id="g{name}" name="g{name}"/>')
        event = f'<signalEventDefinition signalRef="g{name}"/>'
        xml = (
            f'<parallelGateway id="{split}"/><parallelGateway id="{join}"/>{self._user(after)}{self._user(before)}'
            f'<intermediateCatchEvent id="{wait}">{event}</intermediateCatchEvent>'
            f'<intermediateThrowEvent id="{throw}">{event}</intermediateThrowEvent>'
        )
        xml += _flow(split, wait) + _flow(wait, after) + _flow(after, join)
        xml += _flow(split, before) + _flow(before, throw) + _flow(throw, join)
        return Drawn(xml, split, join)

    def _together(self, block: Sub) -> Drawn:
        """Two parts at once, each with an end of its own; a task stands before the end that is early."""
        name = block.name
        one, two = self.block(block.parts[0]), self.block(block.parts[1])
        split, last, choice, early, other = (f"{name}{letter}" for letter in "pgqko")
        kind = block.ends
        end = "<terminateEventDefinition/>" if kind == "terminate" else self._definition(early, kind, block.code)
        xml = (
            f'<parallelGateway id="{split}"/>{one.xml}{two.xml}{self._user(last)}'
            f'<exclusiveGateway id="{choice}" default="{choice}_{name}e"/>'
            f'<endEvent id="{early}">{end}</endEvent><endEvent id="{other}"/>'
        )
        flows = _flow(split, one.first) + _flow(split, two.first) + _flow(one.last, last) + _flow(last, choice)
        flows += _flow(choice, early, self.dialect.equals(block.reads, 1)) + _flow(two.last, other)
        return Drawn(xml + flows, split, choice)

    @draw.register
    def _(self, block: Race) -> Drawn:
        name, out = block.name, f"{block.name}x"
        xml = f'<eventBasedGateway id="{name}"/><exclusiveGateway id="{out}"/>'
        for i, (event, part) in enumerate(zip(block.events, block.parts, strict=True)):
            first, drawn = f"{name}h{i}", self.block(part)
            xml += self._waits(first, event) + drawn.xml
            xml += _flow(name, first) + _flow(first, drawn.first) + _flow(drawn.last, out)
        return Drawn(xml, name, out)
