"""What of a case may stand on the public board: which columns, who was satisfied, which endings were withdrawals."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tongxin import engine
from tongxin.engine import Finding
from tongxin.forms import Field, Form
from tongxin.procedures.package import MessageAction, Public, Satisfaction
from tongxin.words import N_, _

LARGEST_NUMBER = 999_999  # whatever takes more digits could be a telephone or identity number
_PLAIN = frozenset({"choice", "choices", "yes-no", "rating", "date", "date-time"})
_NUMBERS = frozenset({"number", "money"})
_UNLIMITED = N_("“{name}”是没有上限的数字，电话和身份证号也填得进去，不能公示。")
_SOMEBODY = N_("“{name}”指向具体的人、电话、事项或地点，不能公示。")
_FREE_TEXT = N_("“{name}”是自由文字，里面可能有姓名、电话和门牌，不能公示。")
_REFUSED = {  # by widget
    **dict.fromkeys(("photo", "file", "signature"), N_("“{name}”是照片或附件，不能公示。")),
    **dict.fromkeys(("person", "phone", "case", "place", "address", "geo", "unit", "id-number"), _SOMEBODY),
    **dict.fromkeys(_NUMBERS, _UNLIMITED),
}


@dataclass(frozen=True, slots=True)
class Board:
    """The columns that may be shown, as a form to show them by."""

    form: Form
    satisfaction: Satisfaction | None
    withdrawn: frozenset[str]  # ends that only a resident's own message leads to

    @property
    def rule(self) -> dict[str, Any]:
        """The same for the database, which shows the residents' pages nothing else."""
        felt = self.satisfaction
        return {
            "columns": list(self.form.by_name),
            "kind": self.kind.name if self.kind else None,
            "withdrawn": sorted(self.withdrawn),
            "satisfaction": felt.variable if felt else None,
            "satisfied": [as_text(one) for one in felt.satisfied] if felt else [],
            "dissatisfied": [as_text(one) for one in felt.dissatisfied] if felt else [],
        }

    @property
    def kind(self) -> Field | None:
        """The column that says what it is about: the first with choices."""
        return next((field for field in self.form.fields if field.widget == "choice" and field.choices), None)


def read(
    public: Public, facts: Form, process: engine.Process, messages: Iterable[MessageAction]
) -> tuple[Board, list[Finding]]:
    """The board, and what was declared for it and cannot be.

    Earlier versions may have declared more than is allowed: of those only what is allowed is shown.
    """
    findings: list[Finding] = []
    allowed = []
    for name in public.board:
        reason = refusal(name, facts)
        if reason:
            findings.append(_finding(name, reason))
        else:
            allowed.append(facts.by_name[name])
    satisfaction = public.satisfaction
    if satisfaction is not None:
        reason = refusal(satisfaction.variable, facts)
        if reason:
            findings.append(_finding(satisfaction.variable, reason))
            satisfaction = None
    form = Form("board", "", "", tuple(allowed), {field.name: field for field in allowed})
    return Board(form, satisfaction, _withdrawn(process, messages)), findings


def refusal(name: str, facts: Form) -> str:
    """Why a variable cannot stand on the board; empty when it can."""
    field = facts.by_name.get(name)
    if field is None:
        return _("data.json 里没有“{name}”，或它不是一项可以显示的变量。", name=name)
    if field.sensitive:
        return _("“{name}”是敏感信息（x-sensitive），不能公示。", name=name)
    if field.widget in _PLAIN or (field.widget in _NUMBERS and _is_small(field)):
        return ""
    return _(_REFUSED.get(field.widget, _FREE_TEXT), name=name)


def _is_small(field: Field) -> bool:
    largest = field.schema.get("maximum")
    return isinstance(largest, (int, float, Decimal)) and largest <= LARGEST_NUMBER


def _finding(name: str, reason: str) -> Finding:
    advice = _(
        "公示栏只放选项（enum）、评价、日期、是否和有上限（maximum，不超过 {largest}）的数字；"
        "办理结果由工作人员在事项页面上另行公开，不用写在这里。请改 [public]。",
        largest=LARGEST_NUMBER,
    )
    return Finding("error", "procedure.toml", name, reason, advice)


def _withdrawn(process: engine.Process, messages: Iterable[MessageAction]) -> frozenset[str]:
    """Ends of the process that are reached after a resident's message and in no other way."""
    theirs = {message.name for message in messages if message.by == "reporter"}
    nodes = process.nodes
    waiting = {node.id for node in nodes.values() if node.message is not None and node.message.name in theirs}
    begins = {node.id for node in nodes.values() if node.kind == "startEvent" and not node.scope}
    usual = _reached(process, begins, without=waiting)
    ends = {node.id for node in nodes.values() if node.kind == "endEvent" and not node.scope}
    return frozenset((ends & _reached(process, waiting)) - usual)


def _reached(process: engine.Process, begins: set[str], without: Iterable[str] = ()) -> set[str]:
    ways: dict[str, list[str]] = {}
    for flow in process.flows.values():
        ways.setdefault(flow.source, []).append(flow.target)
    for node in process.nodes.values():
        if node.attached_to is not None:
            ways.setdefault(node.attached_to, []).append(node.id)
        if node.kind == "startEvent" and node.scope:
            ways.setdefault(node.scope[-1], []).append(node.id)
    reached: set[str] = set()
    ahead = list(begins)
    while ahead:
        at = ahead.pop()
        if at not in reached and at not in without:
            reached.add(at)
            ahead += ways.get(at, [])
    return reached


def as_text(value: Any) -> str:
    """A declared value as PostgreSQL writes it when a JSON value is read as text."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
