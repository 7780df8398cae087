"""Published definitions: publishing a package, and finding a version compiled."""

from collections.abc import Sequence
from threading import Lock

from sqlalchemy import exists, text
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.procedures import package as packages
from tongxin.procedures import schedules, shared
from tongxin.procedures.definition import REPORTER, Definition, compile_package
from tongxin.procedures.models import BoardRule, DefinitionRow
from tongxin.procedures.package import Package
from tongxin.words import _

_compiled: dict[int, Definition] = {}
_startable: list[int] = []  # the newest versions, as of the last look
_lock = Lock()
_TRIAL = 2**30  # added to the numbers of versions that are only tried


class NoSuchProcedure(Exception):
    """没有这个流程，或还没有发布。"""


class MadeElsewhere(Exception):
    """The current version was made in the browser since the folder was last published; `changes` says what differs."""

    def __init__(self, key: str, version: int, changes: list[str]) -> None:
        super().__init__(
            _(
                "{key}：第 {version} 版是后来在网页上发布的，没有覆盖。"
                "要用文件夹的内容替换它，请加 --replace。不同之处：{changes}",
                key=key,
                version=version,
                changes="".join(f"\n  {change}" for change in changes),
            )
        )


class Overtaken(Exception):
    """您改的时候，别人发布了新的版本。"""


def publish_folder_package(session: Session, package: Package, *, replace: bool = False) -> DefinitionRow | None:
    """A new version if the folder differs from the last version that came from a folder, else None.

    Raises MadeElsewhere when somebody published in the browser since and `replace` is not given;
    Unreadable or Refused when the package is broken.
    """
    definition = compile_package(package)
    package = definition.package
    versions = _versions(session, definition.key)
    current = versions[0] if versions else None
    made_elsewhere = current is not None and current.source != "folder"
    last_folder = next((row for row in versions if row.source == "folder"), None)
    if last_folder is not None and last_folder.hash == packages.digest(package) and not (made_elsewhere and replace):
        return None
    if current is not None and made_elsewhere and not replace:
        raise MadeElsewhere(definition.key, current.version, packages.changed_files(current.package, package))
    return _publish(session, definition, current, source="folder", note=_("来自文件夹"), by=None)


def publish(session: Session, package: Package, *, by: int, note: str, after: int | None = None) -> DefinitionRow:
    """Publish a package made in the browser as the next version; `after`: only if this one is still the newest.

    Raises Overtaken; Unreadable or Refused when the package is broken.
    """
    definition = compile_package(package)
    versions = _versions(session, definition.key)
    if after is not None and (not versions or versions[0].id != after):
        raise Overtaken(Overtaken.__doc__)
    return _publish(session, definition, versions[0] if versions else None, source="workspace", note=note, by=by)


def try_out(session: Session, package: Package) -> Definition:
    """A package as a definition for a trial: whoever asks rolls the transaction back, then calls `forget`."""
    package = shared.complete(package)
    file = packages.read_procedure(package)
    row_id = session.connection().execute(text("SELECT nextval('definition_id_seq')")).scalar_one()
    row = DefinitionRow(
        id=row_id,
        key=file.key,
        version=_TRIAL + row_id,  # newer than what is published, and no other trial's
        title=file.title,
        package=dict(package),
        hash=packages.digest(package),
        source="trial",
        published_at=clock.now(),
        by_residents=REPORTER in file.start.by,
    )
    session.add(row)
    session.flush()
    _compiled[row_id] = compile_package(package, definition_id=row_id, version=row.version)
    return _compiled[row_id]


def forget(definition: Definition) -> None:
    """Drop a tried definition from the cache: it is never asked for again."""
    _compiled.pop(definition.id or 0, None)


def current(session: Session, key: str) -> Definition:
    """The version that new cases follow; raises NoSuchProcedure."""
    newest = session.exec(
        select(DefinitionRow.id).where(col(DefinitionRow.key) == key).order_by(col(DefinitionRow.version).desc())
    ).first()
    if newest is None:
        raise NoSuchProcedure(NoSuchProcedure.__doc__)
    return by_id(session, newest)


def all_current(session: Session) -> list[Definition]:
    """The current version of every procedure."""
    newest = {key: by_id(session, definition_id) for key, _title, definition_id in _current(session)}
    _startable[:] = [definition.id or 0 for definition in newest.values()]
    return list(newest.values())


def titles(session: Session) -> dict[str, str]:
    """Every procedure's key and current title."""
    rows = _current(session)
    _startable[:] = [by_id(session, definition_id).id or 0 for _key, _title, definition_id in rows]
    return {key: title for key, title, _id in rows}


def starting_roles() -> frozenset[str] | None:
    """Roles that may open something, as this process last saw it; None when it has not looked yet. Asks nothing."""
    known = [_compiled[one] for one in tuple(_startable) if one in _compiled]
    return frozenset(role for definition in known for role in definition.file.start.by) if known else None


def by_id(session: Session, definition_id: int) -> Definition:
    """One version, compiled at its first use in this process; versions never change, so neither does the cache."""
    found = _compiled.get(definition_id)
    if found is None:
        row = session.get_one(DefinitionRow, definition_id)
        with _lock:
            found = _compiled.get(definition_id) or compile_package(
                row.package, definition_id=row.id, version=row.version
            )
            _compiled[definition_id] = found
    return found


def by_version(session: Session, key: str, number: int) -> Definition | None:
    """A published version by its number; None when there is none."""
    mine = (col(DefinitionRow.key) == key, col(DefinitionRow.version) == number, col(DefinitionRow.source) != "trial")
    found = session.exec(select(DefinitionRow.id).where(*mine)).first()
    return None if found is None else by_id(session, found)


def enter_boards(session: Session) -> None:
    """What stands on the board, of versions published before the database was told."""
    untold = select(DefinitionRow.id).where(~exists().where(col(BoardRule.definition_id) == col(DefinitionRow.id)))
    for definition_id in session.exec(untold).all():
        row = insert(BoardRule).values(definition_id=definition_id, rule=by_id(session, definition_id).board.rule)
        session.execute(row.on_conflict_do_nothing())


def roles(session: Session) -> frozenset[str]:
    """Every role that a published procedure gives something to do, its residents' aside."""
    found: set[str] = set()
    for definition in all_current(session):
        found |= {role for node in definition.process.nodes.values() for role in node.roles}
        found |= set(definition.file.start.by)
    return frozenset(found) - {REPORTER}


def _versions(session: Session, key: str) -> Sequence[DefinitionRow]:
    session.connection().execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"publish {key}"})
    return session.exec(
        select(DefinitionRow).where(col(DefinitionRow.key) == key).order_by(col(DefinitionRow.version).desc())
    ).all()


def _publish(
    session: Session, definition: Definition, before: DefinitionRow | None, *, source: str, note: str, by: int | None
) -> DefinitionRow:
    row = DefinitionRow(
        key=definition.key,
        version=before.version + 1 if before else 1,
        title=definition.file.title,
        package=dict(definition.package),
        hash=packages.digest(definition.package),
        source=source,
        published_at=clock.now(),
        published_by=by,
        note=note,
        by_residents=REPORTER in definition.file.start.by,
    )
    session.add(row)
    session.flush()
    session.add(BoardRule(definition_id=row.id, rule=definition.board.rule))
    session.flush()
    schedules.enter(session, definition, clock.now())
    return row


def _current(session: Session) -> Sequence[tuple[str, str, int]]:
    """Key, title and id of every procedure's newest version."""
    statement = (
        select(DefinitionRow.key, DefinitionRow.title, DefinitionRow.id)
        .ext(distinct_on(col(DefinitionRow.key)))
        .order_by(col(DefinitionRow.key), col(DefinitionRow.version).desc())
    )
    return session.exec(statement).all()
