"""The publish check of what is read: names that are nothing, variables nobody sets, comparisons that never hold."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from tongxin import feel
from tongxin.engine import Finding
from tongxin.feel import Comparison, Read
from tongxin.procedures.dataflow import kinds
from tongxin.procedures.dataflow.contents import CASE_FACTS, Contents
from tongxin.procedures.dataflow.order import Order
from tongxin.procedures.dataflow.places import Place, places
from tongxin.procedures.dataflow.writes import Writers, assigned
from tongxin.words import N_, _

MOST = 100  # findings that are told
_LONGEST = 60  # characters of a name in a finding
_KINDS = {"text": N_("一段文字"), "number": N_("一个数"), "boolean": N_("是或否"), "time": N_("日期或时间")}


def check(contents: Contents) -> list[Finding]:
    """What is wrong in the package's expressions, errors first, at most MOST."""
    found = dict.fromkeys(_Check(contents).findings())
    return sorted(found, key=lambda one: one.severity != "error")[:MOST]


class _Check:
    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._declared = contents.dictionary.properties
        self._places = list(places(contents))
        self._writers = Writers(contents)
        self._bits: dict[str, int] = {}
        self._order = self._ordered()
        self._parameters = list(contents.file.parameters)
        self._told: set[tuple[str, str]] = set()  # space and variable that nobody sets

    def _ordered(self) -> Order:
        nodes = self._contents.process.nodes.values()
        writes = {}
        for node in nodes:
            one = self._writers.by_node[node.id]
            writes[node.id] = -1 if one.anything else self._mask(one.names)  # -1: every bit
        inputs = {node.id: self._mask(assigned(node.inputs)) for node in nodes if node.calls}
        return Order(self._contents.process, writes, self._mask(self._contents.process.stores), inputs)

    def _mask(self, names: Iterable[str]) -> int:
        found = 0
        for name in names:
            found |= 1 << self._bits.setdefault(name, len(self._bits))
        return found

    def findings(self) -> Iterator[Finding]:
        for place in self._places:
            for read in place.reads:
                yield from self._of_read(place, read)
            if place.expression is not None and not place.space:
                for one in feel.comparisons(place.expression):
                    yield from self._of_comparison(place, one)
        yield from self._unused()
        yield from self._hidden()

    # names

    def _of_read(self, place: Place, read: Read) -> Iterator[Finding]:
        name = read.name
        if name in place.given or self._may_be_field(place, read):
            return
        known = self._known(place)
        if name not in known and name in ("parameters", "case"):
            yield from self._of_environment(place, read)
        elif name not in known:
            if place.space and place.space in self._writers.open_ended:
                return  # a message may bring it, and no dictionary tells
            yield self._nothing(place, read, known)
        elif not place.space and (wrong := kinds.unknown_field(self._declared, read)):
            what = _("“{name}”里没有“{field}”", name=read.name, field=_short(wrong[0]))
            yield self._warning(place, what, _nearest(wrong[0], wrong[1]) or _("请检查名称，或在 data.json 里补上。"))
        if name in known and name not in place.own:
            yield from self._never_set(place, name)

    def _known(self, place: Place) -> frozenset[str]:
        own = self._writers.known_in(place.space) | self._contents.process.stores | place.own
        return own | self._declared.keys()

    def _may_be_field(self, place: Place, read: Read) -> bool:
        """Whether a filter around it gives the name a meaning of its own, or may do so."""
        for filtered in read.filtered:
            known = None if filtered is None or place.space else kinds.fields_of(self._declared, filtered)
            if filtered is not None and filtered[0] in place.given:
                known = None
            if known is None or read.name in known:
                return True
        return False

    def _of_environment(self, place: Place, read: Read) -> Iterator[Finding]:
        facts = self._parameters if read.name == "parameters" else list(CASE_FACTS)
        if not read.fields or read.fields[0] in facts:
            return
        field = read.fields[0]
        if read.name == "parameters":
            what = _("没有参数“{field}”", field=_short(field))
            advice = _nearest(field, facts) or _("请在 procedure.toml 里补上这个参数，或改正名称。")
        else:
            what = _("case 里没有“{field}”", field=_short(field))
            advice = _nearest(field, facts) or _("可用：{choice}。", choice=_("、").join(facts))
        yield Finding("error", place.element, place.name, self._where(place, what), advice)

    def _nothing(self, place: Place, read: Read, known: frozenset[str]) -> Finding:
        names = [*sorted(known | place.given), "parameters", "case", *sorted(feel.FUNCTION_NAMES)]
        what = _("没有“{name}”这个变量，它的值总是空", name=_short(read.name))
        advice = _nearest(read.name, names) or _("请改正名称，或在 data.json 里声明它。文字要加引号。")
        return Finding("error", place.element, place.name, self._where(place, what), advice)

    def _never_set(self, place: Place, name: str) -> Iterator[Finding]:
        space = place.space
        if name in self._contents.process.stores:
            return
        if name not in self._writers.set_in(space):
            if space in self._writers.open_ended or (space, name) in self._told:
                return
            if space and name in self._writers.known_in(space):
                return  # the call says itself that it gives none
            self._told.add((space, name))
            if space:
                what = _("被调用的流程里没有变量“{name}”，它的值总是空", name=name)
                yield self._warning(place, what, _("请在调用它的步骤上用 tx:input 交给它，或在里面填写。"))
            else:
                what = _("“{name}”没有哪一步填写，它的值总是空", name=name)
                yield self._warning(place, what, _("请在表单、脚本或别的步骤里给它值，或去掉这里。"))
        elif place.nodes and not self._may_be_set(place, name):
            what = _("到这里时，“{name}”还没有哪一步填写过，它的值总是空", name=name)
            yield self._warning(place, what, _("请把填写它的步骤放到前面，或去掉这里。"))

    def _may_be_set(self, place: Place, name: str) -> bool:
        known = self._order.after if place.when == "after" else self._order.before
        bit = 1 << self._bits.setdefault(name, len(self._bits))
        return any(known[node] & bit for node in place.nodes)

    # kinds

    def _of_comparison(self, place: Place, found: Comparison) -> Iterator[Finding]:
        read = found.read
        if read.filtered or read.name in place.given:
            return
        schema = kinds.declared(self._declared, read)
        if schema is None:
            return
        path = ".".join((read.name, *read.fields))
        differ = kinds.differ(schema, found)
        if differ is not None:
            own, other = (_(_KINDS[one]) for one in differ)
            what = _("“{name}”是{own}，不能和{other}比", name=path, own=own, other=other)
            yield self._warning(place, what, _about(differ, found.value))
        elif kinds.is_none_of(schema, found):
            what = _("“{name}”不会是“{value}”", name=path, value=_short(str(found.value)))
            values = kinds.choices(schema) or []
            advice = _nearest(str(found.value), values, 0.5) or _("可用：{choice}。", choice=_("、").join(values[:10]))
            yield self._warning(place, what, advice)

    # the dictionary

    def _unused(self) -> Iterator[Finding]:
        used = {read.name for place in self._places for read in place.reads}
        for space in ("", *(node.id for node in self._contents.process.nodes.values() if node.calls)):
            used |= self._writers.known_in(space)
        public = self._contents.file.public
        used |= {*public.board, *public.photos, *self._contents.process.stores}
        used |= {public.satisfaction.variable} if public.satisfaction else set()
        used |= {field.name for form in self._contents.forms.values() for field in form.fields}
        for name in self._declared:
            if name not in used:
                what = _("变量“{name}”没有哪里用到。", name=name)
                yield Finding("warning", "data.json", name, what, _("不用的请删去。"))

    def _hidden(self) -> Iterator[Finding]:
        for form in self._contents.forms.values():
            for field in form.fields:
                shown = feel.results(field.visible) if field.visible is not None else None
                if shown is not None and True not in shown:
                    what = _("这一项永远不显示。")
                    yield Finding(
                        "warning", f"forms/{form.name}.json", field.title, what, _("请改正 x-visible，或删去它。")
                    )

    def _warning(self, place: Place, what: str, advice: str) -> Finding:
        return Finding("warning", place.element, place.name, self._where(place, what), advice)

    def _where(self, place: Place, what: str) -> str:
        """With the expression, so that one knows which of several is meant."""
        if place.expression is None:
            return _("{what}。", what=what)
        return _("表达式“{source}”：{what}。", source=_short(" ".join(place.expression.source.split())), what=what)


def _about(differ: tuple[str, str], value: object) -> str:
    if differ == ("number", "text"):
        return _("数字不加引号。")
    if differ[0] == "boolean":
        return _("请写 = true 或 = false。")
    if differ == ("time", "text"):
        return _(
            '日期请写成 date("2026-03-05")，时长写成 duration("P1D")，时刻写成 date and time("2026-03-05T08:00:00")。'
        )
    return _("文字要加引号：“{value}”。", value=value)


def _nearest(name: str, names: Iterable[str], alike: float = 0.6) -> str:
    close = get_close_matches(name[:_LONGEST], list(names), 1, alike)
    return _("是不是“{close}”？", close=close[0]) if close else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
