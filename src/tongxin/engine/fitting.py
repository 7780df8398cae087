"""Does what stands at a step of one version have a place in another?"""

from collections.abc import Callable
from typing import Any

from tongxin.engine.specs.activities import Decide, Human, Receive, Script, Send, Service
from tongxin.engine.specs.catching import Boundary, Catch, EventStart
from tongxin.engine.specs.compensation import Compensating
from tongxin.engine.specs.gateways import EventGateway, Join
from tongxin.engine.specs.loops import MultiInstance, StandardLoop
from tongxin.engine.specs.scopes import AdHoc, Call, EventSubprocess, Subprocess
from tongxin.words import N_, _

# Of two specs the first kind that one of them is of must be the other's, too.
_KINDS: tuple[type, ...] = (
    MultiInstance, StandardLoop, Human, Service, Receive, Boundary, EventStart, Catch, EventGateway, Join,
    EventSubprocess, Call, AdHoc, Subprocess, Compensating, Script, Send, Decide,
)  # fmt: skip
_MISSING = N_("新版里没有这一步，请指定它对应的步骤")


def obstacle(was: Any, spec: Any, around: Any, renamed: Callable[[str], str]) -> str | None:
    """Why a token at `was` cannot stand at `spec`; None when it can.

    `around`: the new spec of what it listens on, is an instance of or stands in; None at the top.
    """
    if spec is None:
        return _(_MISSING)
    if _kind(was) is not _kind(spec) or was.node.event != spec.node.event:
        return _("新版里这一步换了类型，或等的是另一种事件")
    if not _stands_around(was, spec, around):
        return _("新版里这一步在别的子流程里，或挂在别的步骤上")
    if isinstance(was, Join) and flows_between(was, spec, renamed) is None:
        return _("新版里汇合处少了线")
    return _instances(was, spec)


def _instances(was: Any, spec: Any) -> str | None:
    """What is kept of a multi-instance step under way must mean the same."""
    if isinstance(was, MultiInstance):
        if was.loop.sequential != spec.loop.sequential:
            return _("新版里多实例由依次改成了同时，或反过来")
        if was.loop.element != spec.loop.element:
            return _("新版里多实例的每一项换了名称")
    if isinstance(was, Subprocess) and was.gathers != spec.gathers:
        return _("新版里多实例的答案收到别处")
    return None


def undoes_alike(was: Any, spec: Any) -> bool:
    """Whether what was done at `was` can be undone by what undoes `spec`."""
    if spec is None or (was.compensation is None) != (getattr(spec, "compensation", None) is None):
        return False
    if was.compensation is not None:
        return True
    both = isinstance(was, Subprocess) and isinstance(spec, Subprocess)
    return both and (was.inner.compensation is None) == (spec.inner.compensation is None)


def _kind(spec: Any) -> type:
    return next((kind for kind in _KINDS if isinstance(spec, kind)), type(spec))


def _stands_around(was: Any, spec: Any, around: Any) -> bool:
    if isinstance(was, Boundary):
        return around is not None and spec.node.attached_to == around.node.id
    scope = spec.node.scope[:-1] if isinstance(was, EventStart) else spec.node.scope  # it waits outside of its own
    inmost = scope[-1] if scope else None
    if around is None:
        return inmost is None
    if isinstance(around, EventGateway):
        return any(flow.target == spec.node.id for flow in around.outgoing)
    if spec.name.endswith("[]"):
        return around.node.id in (spec.node.id, inmost)
    return isinstance(around, Compensating) or bool(inmost == around.node.id)


def flows_between(was: Any, spec: Any, renamed: Callable[[str], str]) -> dict[str, str] | None:
    """Each flow into the join `was` with one into `spec`: of the same id, else from the same source. None: not all."""
    found: dict[str, str] = {}
    free = {flow.id: flow for flow in spec.incoming}
    for flow in was.incoming:
        if flow.id in free:
            found[flow.id] = free.pop(flow.id).id
    for flow in was.incoming:
        if flow.id not in found:
            fitting = next((one.id for one in free.values() if one.source == renamed(flow.source)), None)
            if fitting is None:
                return None
            found[flow.id] = free.pop(fitting).id
    return found
