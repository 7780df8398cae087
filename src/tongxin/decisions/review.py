"""Gaps and overlaps of decision tables: over numbers, dates and enumerations; elsewhere it says that it cannot tell."""

from collections.abc import Iterator, Sequence

from tongxin.decisions.columns import Cell, Column, Undecided, read
from tongxin.decisions.document import Element, attribute, child, children, kind, text_of
from tongxin.decisions.errors import Finding
from tongxin.decisions.types import Types
from tongxin.words import _

MOST_FINDINGS = 10  # of one kind, in one table
MOST_RULES = 1_500  # compared in pairs
MOST_STEPS = 100_000

Box = tuple[int, ...]  # a set of pieces for each column
_COMPLETE = {"UNIQUE", "ANY", "PRIORITY", "FIRST"}  # tables that ought to give a value for everything


def review(part: Element, types: Types, names: Sequence[str]) -> Iterator[Finding]:
    """Warnings about every table of one decision or knowledge model."""
    for table in part.iter():
        if isinstance(table.tag, str) and kind(table) == "decisionTable":
            for message, advice in _table(table, types, names):
                yield Finding("warning", attribute(part, "id"), attribute(part, "name"), message, advice)


def _table(table: Element, types: Types, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    rules = list(children(table, "rule"))
    try:
        columns = [_column(one, at, rules, types, names) for at, one in enumerate(children(table, "input"))]
        boxes = [tuple(column.sets[at] for column in columns) for at in range(len(rules))]
        gaps = list(_gaps(table, columns, boxes))
        pairs = list(_pairs(table, rules, boxes))
    except Undecided as reason:
        yield _("这张决策表查不出有没有遗漏和重叠：{why}", why=reason), _("请人工核对一遍")
        return
    for gap in gaps:
        yield _("没有规则管这种情况：{where}", where=_where(columns, gap)), _("请补一行规则，或写上默认输出")
    for one, other, kind_of_pair in pairs:
        box = tuple(a & b for a, b in zip(boxes[one], boxes[other], strict=True))
        yield _said(one + 1, other + 1, kind_of_pair, _where(columns, box))


def _said(one: int, other: int, kind_of_pair: str, where: str) -> tuple[str, str]:
    if kind_of_pair == "hidden":
        message = _("第 {other} 行规则永远轮不到：第 {one} 行已经包括它", one=one, other=other)
        return message, _("请调换这两行的先后，或删去一行")
    return _("第 {one} 行和第 {other} 行规则重叠：{where}", one=one, other=other, where=where), _("请把条件分清楚")


def _where(columns: Sequence[Column], box: Box) -> str:
    told = [
        f"{column.label} {column.text(pieces)}"
        for column, pieces in zip(columns, box, strict=False)
        if pieces != column.whole
    ]
    return _("，").join(told) or _("任何输入")


def _column(element: Element, at: int, rules: list[Element], types: Types, names: Sequence[str]) -> Column:
    source = text_of(element, "inputExpression", "text")
    label = attribute(element, "label") or source
    entries = [list(children(rule, "inputEntry")) for rule in rules]
    cells = [read(text_of(row[at], "text") if at < len(row) else "", names) for row in entries]
    name = attribute(child(element, "inputExpression"), "typeRef")
    allowed = text_of(element, "inputValues", "text") or types.allowed_text(name)
    domain: Cell | None = read(allowed, names) if allowed not in {"", "-"} else None
    return Column(label, cells, domain, types.base(name))


def _gaps(table: Element, columns: list[Column], boxes: list[Box]) -> Iterator[Box]:
    """What no rule matches: column by column, the pieces that the same rules accept taken together."""
    has_default = any(child(one, "defaultOutputEntry") is not None for one in children(table, "output"))
    if has_default or (attribute(table, "hitPolicy") or "UNIQUE") not in _COMPLETE:
        return
    groups = [_groups(column, [box[at] for box in boxes]) for at, column in enumerate(columns)]
    covered: set[tuple[int, int]] = set()  # column and rules of what was found complete
    steps = found = 0
    waiting: list[tuple[Box, int]] = [((), (1 << len(boxes)) - 1)]
    while waiting and found < MOST_FINDINGS:
        box, rules = waiting.pop()
        steps += 1
        if steps > MOST_STEPS:
            raise Undecided(_("组合太多"))
        if not rules:
            found += 1
            yield box
        elif len(box) < len(columns) and (len(box), rules) not in covered:
            covered.add((len(box), rules))
            waiting += [((*box, pieces), rules & accepted) for accepted, pieces in groups[len(box)].items()]


def _groups(column: Column, sets: list[int]) -> dict[int, int]:
    """Rules that accept the same pieces → those pieces."""
    groups: dict[int, int] = {}
    for piece in range(column.size):
        if column.whole >> piece & 1:
            accepted = sum(1 << rule for rule, pieces in enumerate(sets) if pieces >> piece & 1)
            groups[accepted] = groups.get(accepted, 0) | 1 << piece
    return groups


def _pairs(table: Element, rules: list[Element], boxes: list[Box]) -> Iterator[tuple[int, int, str]]:
    """Rules that overlap where only one may match, or that come too late."""
    policy = attribute(table, "hitPolicy") or "UNIQUE"
    if policy not in {"UNIQUE", "ANY", "FIRST"}:
        return
    if len(boxes) > MOST_RULES:
        raise Undecided(_("规则超过 {most} 行", most=MOST_RULES))
    results = [[text_of(one, "text") for one in children(rule, "outputEntry")] for rule in rules]
    found = 0
    for other, later in enumerate(boxes):
        for one, earlier in enumerate(boxes[:other]):
            if policy == "FIRST":
                hit = all(late & early == late for late, early in zip(later, earlier, strict=True)) and all(later)
            else:
                hit = all(late & early for late, early in zip(later, earlier, strict=True))
                hit = hit and (policy == "UNIQUE" or results[one] != results[other])
            if hit:
                yield one, other, "hidden" if policy == "FIRST" else "overlap"
                found += 1
                if found == MOST_FINDINGS:
                    return
