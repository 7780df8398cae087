"""Writes DMN documents for tests, with nothing in them but what a test is about."""

from xml.sax.saxutils import escape

DMN = "https://www.omg.org/spec/DMN/20211108/MODEL/"


def document(body: str, namespace: str = "urn:test") -> bytes:
    text = f'<definitions xmlns="{DMN}" id="d" name="试验" namespace="{namespace}">{body}</definitions>'
    return text.encode()


def literal(source: str, type_ref: str = "") -> str:
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{typed}><text>{escape(source)}</text></literalExpression>"


def data(name: str, type_ref: str = "") -> str:
    return f'<inputData id="in_{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/></inputData>'


def decision(name: str, logic: str, *, inputs: str = "", needs: str = "", knows: str = "", type_ref: str = "") -> str:
    """`inputs`, `needs` (decisions) and `knows` (functions): ids with spaces between them."""
    links = "".join(
        f'<informationRequirement><requiredInput href="#in_{one}"/></informationRequirement>' for one in inputs.split()
    )
    links += "".join(
        f'<informationRequirement><requiredDecision href="#{one}"/></informationRequirement>' for one in needs.split()
    )
    links += "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{one}"/></knowledgeRequirement>' for one in knows.split()
    )
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<decision id="{name}" name="{name}"><variable name="{name}"{typed}/>{links}{logic}</decision>'


def table(
    inputs: list[str], outputs: list[str], rules: list[str], policy: str = "UNIQUE", aggregation: str = ""
) -> str:
    """A rule is `cell | cell -> value | value # annotation`; an output `name`, or `name: "allowed", "values"`."""
    collected = f' aggregation="{aggregation}"' if aggregation else ""
    text = f'<decisionTable id="t" hitPolicy="{policy}"{collected}>'
    for one in inputs:
        text += f"<input><inputExpression><text>{escape(one)}</text></inputExpression></input>"
    for one in outputs:
        name, _colon, rest = one.partition(": ")
        values, _mark, default = rest.partition(" ?? ")
        text += f'<output name="{name}">'
        text += f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
        text += f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        text += "</output>"
    return text + "".join(map(_rule, rules)) + "</decisionTable>"


def _rule(rule: str) -> str:
    conditions, _arrow, rest = rule.partition(" -> ")
    values, _mark, annotation = rest.partition(" # ")
    cells = "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in conditions.split(" | "))
    cells += "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in values.split(" | "))
    note = f"<annotationEntry><text>{escape(annotation)}</text></annotationEntry>" if annotation else ""
    return f"<rule>{cells}{note}</rule>"
