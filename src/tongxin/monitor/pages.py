"""The contexts of the monitor's overview, its list of cases, and its connectors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from tongxin import clock, config
from tongxin.cases import views, wording
from tongxin.cases.models import Incident
from tongxin.connectors import calls, registry
from tongxin.forms import Choice
from tongxin.monitor import case_list, queries
from tongxin.monitor.case_list import Filters, Waits
from tongxin.monitor.reach import Reach
from tongxin.people.models import LEVELS
from tongxin.procedures import catalogue
from tongxin.web.pages import ago
from tongxin.words import N_, _, retold, role_title

JOBS = {
    "call_connector": N_("调用外部系统"),
    "deliver_message": N_("事项之间送消息"),
    "pass_on": N_("找消息的收件人"),
    "open_case": N_("自动开始一件事"),
    "catch_up": N_("并单后补送结果"),
    "post_notice": N_("往外发提醒"),
    "migrate_case": N_("换流程版本"),
}
STATES: Mapping[case_list.State, str] = {
    "open": N_("在办"),
    "incident": N_("有故障"),
    "recent": N_("近 30 天办结"),
    "closed": N_("已办结"),
    "all": N_("全部"),
}
CONNECTORS = {
    "demo": N_("演示连接"),
    "failing": N_("从不应答的连接（试验用）"),
    "office_webhook": N_("办公通讯软件"),
}


def overview(session: Session, reach: Reach) -> dict[str, Any]:
    """Incidents first, then procedures by version, then what the workers do."""
    now = clock.now()
    versions = queries.versions(session, reach, now)
    waiting = queries.incidents(session, reach, resolved=False, before=None, limit=5)
    return {
        "tabs": tabs(session, reach),
        "versions": [
            {"row": one, "url": f"/monitor/cases?procedure={one.key}&version={one.version}"} for one in versions
        ],
        "totals": {name: sum(getattr(one, name) for one in versions) for name in ("running", "overdue", "closed")},
        "incidents": [incident_line(session, row) for row in waiting[:5]],
        "house": _house(session, now) if reach.whole else None,
    }


def tabs(session: Session, reach: Reach) -> list[dict[str, Any]]:
    """The monitor's own menu, with what waits there."""
    today = clock.now().date()
    found: list[dict[str, Any]] = [
        {"url": "/monitor", "word": _("总览"), "count": 0},
        {"url": "/monitor/cases", "word": _("事项"), "count": 0},
        {"url": "/monitor/incidents", "word": _("故障"), "count": queries.count_incidents(session, reach)},
        {"url": "/monitor/handovers", "word": _("待移交"), "count": queries.count_left(session, reach, today)},
    ]
    if reach.whole:
        found.append({"url": "/monitor/calendar", "word": _("节假日"), "count": 0})
        found.append({"url": "/monitor/connectors", "word": _("连接"), "count": 0})
    return found


def cases(session: Session, reach: Reach, filters: Filters, before: int | None) -> dict[str, Any]:
    """The list of cases with its filters."""
    now = clock.now()
    rows, following = case_list.page(session, reach, filters, now, before)
    ids = [row.id for row in rows]
    waits, stuck = (
        case_list.waits(session, [row.id for row in rows if row.status == "open"]),
        case_list.stuck(session, ids),
    )
    kept = {name: value for name, value in _asked(filters).items() if value}
    return {
        "tabs": tabs(session, reach),
        "filters": filters,
        "options": _options(session, reach, filters),
        "cases": [_case_line(session, row, waits.get(row.id, []), stuck.get(row.id), now) for row in rows],
        "next": f"/monitor/cases?{urlencode({**kept, 'before': following})}" if following else None,
        "first": before is None,
        "narrowed": kept != {"state": "open"},
    }


def connectors(session: Session, reach: Reach, *, switched: str = "") -> dict[str, Any]:
    """Each connector: whether it is set up, what it did in the last day, and in a demo its twin."""
    now, settings = clock.now(), config.settings()
    did, twins = calls.lately(session, now), calls.twins(session) if settings.demo else {}
    names = [*registry.BY_NAME, *sorted(did.keys() - registry.BY_NAME.keys())]
    if not settings.demo:
        names = [name for name in names if name not in registry.TWINS or name in did]
    return {
        "tabs": tabs(session, reach),
        "connectors": [_connector(name, settings, did.get(name, calls.Lately()), twins.get(name)) for name in names],
        "switchable": settings.demo,
        "flash": _("已切换，下一次调用起生效。") if switched in registry.BY_NAME else "",
    }


def _connector(name: str, settings: config.Settings, did: calls.Lately, twin: str | None) -> dict[str, Any]:
    known = registry.BY_NAME.get(name)
    missing = known.check_config(settings) if known else _("没有“{action}”这个连接。", action=name)
    return {
        "name": name,
        "title": _(CONNECTORS.get(name, name)),
        "missing": missing,
        "stand_in": bool(settings.demo and known and missing and twin is None),
        "twin": twin,
        "known": known is not None,
        "did": did,
        "last_error": retold(did.last_error or ""),
        "last_text": ago(did.last_at) if did.last_at else "",
    }


def _house(session: Session, now: datetime) -> dict[str, Any]:
    """Workers and what waits for them: of the whole installation."""
    soon, late, held = queries.timers(session, now)
    workers = queries.workers(session)
    return {
        "alive": sum(silent <= queries.ALIVE_SECONDS for _worker, silent in workers),
        "silent": [
            {"id": worker, "text": _("{length}没有消息", length=_("{n} 分钟", n=max(1, silent // 60)))}
            for worker, silent in workers
            if silent > queries.ALIVE_SECONDS
        ],
        "jobs": [
            {"job": one, "title": _(JOBS.get(one.kind, one.kind)), "oldest_text": ago(one.oldest) if one.oldest else ""}
            for one in queries.jobs(session)
        ],
        "timers": {"soon": soon, "late": late, "held": held},
    }


def incident_line(session: Session, row: Any) -> dict[str, Any]:
    incident, code, title, definition_id, unit = row
    definition = catalogue.by_id(session, definition_id)
    return {
        "id": str(incident.id),
        "step": wording.step_name(incident.node, definition),
        "cause": plain_cause(incident),
        "code": code,
        "title": title,
        "unit": unit,
        "procedure": _("{title} 第 {version} 版", title=definition.file.title, version=definition.version),
        "times": incident.times,
        "at": incident.last_at or incident.at,
        "resolved_at": incident.resolved_at,
        "retried": incident.retried_at is not None,
        "note": incident.note,
    }


def plain_cause(incident: Incident) -> str:
    """Why it failed, without the name the diagram gives the place; of a call what the other side said."""
    told = retold(str((incident.input.get("error") if incident.kind == "call" else None) or incident.cause))
    where, colon, what = told.partition(": ")
    return what if colon and where.replace("_", "").isalnum() and where.isascii() else told


def _case_line(
    session: Session, row: Any, waits: Sequence[Waits], incident: int | None, now: datetime
) -> dict[str, Any]:
    timed = [one for one in waits if not one.timer and (one.due_at or one.paused_at)]  # what stands still comes last
    first = views.due(timed[0].due_at, now, timed[0].paused_at) if timed else None
    return {
        "row": row,
        "unit": row.place or row.unit,
        "since": wording.moment(row.opened_at),
        "closed": wording.moment(row.closed_at) if row.closed_at else "",
        "waits": [_waiting(session, row.definition_id, one) for one in waits[:2]],
        "more": len(waits) - 2,
        "due": first,
        "incident": incident,
        "colour": wording.colour(row.colour if row.status == "open" else None),
    }


def _waiting(session: Session, definition_id: int, one: Waits) -> str:
    if one.timer:
        definition = catalogue.by_id(session, definition_id)
        if one.paused_at:
            step = wording.step_name(one.node, definition)
            return _("{step}（{paused}）", step=step, paused=wording.paused(one.paused_at))
        at = wording.moment(one.due_at) if one.due_at else ""
        return _("{step}（{time} 自动处理）", step=wording.step_name(one.node, definition), time=at)
    return _("{who}：{step}", who=one.assignee or role_title(one.role), step=one.name)


def _asked(filters: Filters) -> dict[str, Any]:
    return {
        "state": filters.state,
        "procedure": filters.procedure,
        "version": filters.version,
        "unit": filters.unit,
        "who": filters.who,
        "overdue": 1 if filters.overdue else None,
        "q": filters.q,
    }


def _options(session: Session, reach: Reach, filters: Filters) -> dict[str, list[Choice]]:
    roles, people = case_list.waited_for(session, reach)
    places = case_list.units(session, reach)
    top = max((LEVELS.index(unit.level) for unit in places), default=0)
    return {
        "state": [Choice(state, _(word)) for state, word in STATES.items()],
        "procedure": [Choice(key, title) for key, title in catalogue.titles(session).items()],
        "version": [
            Choice(str(number), _("第 {version} 版", version=number))
            for number in queries.versions_of(session, filters.procedure)
        ],
        "unit": [Choice(unit.code, "\N{EM SPACE}" * (top - LEVELS.index(unit.level)) + unit.name) for unit in places],
        "who": [
            *(Choice(f"role:{role}", role_title(role), _("岗位")) for role in roles),
            *(Choice(f"person:{account_id}", name, _("人")) for account_id, name in people),
        ],
    }
