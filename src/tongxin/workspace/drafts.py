"""The verbs of a draft: write, put aside, throw away, go back, publish. None of them commits."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures import package as packages
from tongxin.procedures.models import DefinitionRow
from tongxin.procedures.package import Package
from tongxin.words import N_, _
from tongxin.workspace.models import DraftCopy, ProcedureDraft

LONGEST_NOTE = 500
NOTE_WANTED = N_("请写一句改了什么，办事的人和以后的人看得到。")


class Outdated(Exception):
    """这份草稿后来又改过了，您打开的已经不是最新的。"""


class Unfit(Exception):
    """That cannot be kept; the message says why."""


class NothingToPublish(Exception):
    """草稿和现在用的版本一样，没有要发布的改动。"""


@dataclass(frozen=True, slots=True)
class Work:
    """What an owner sees of a procedure: its draft, or while there is none, its current version."""

    key: str
    current: DefinitionRow
    draft: ProcedureDraft | None

    @property
    def package(self) -> Package:
        """The files to be shown and changed."""
        return self.draft.package if self.draft else self.current.package

    @property
    def revision(self) -> int:
        """What a page sends back with a change; 0 while there is no draft."""
        return self.draft.revision if self.draft else 0

    @property
    def base(self) -> int:
        """The version that is being changed."""
        return self.draft.based_on if self.draft else self.current.id

    @property
    def overtaken(self) -> bool:
        """Whether somebody has published since the draft began."""
        return self.base != self.current.id


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page was made from: its revision, and while there was no draft, the version."""

    revision: int
    base: int


def work(session: Session, key: str) -> Work:
    """The procedure as it stands; raises NoSuchProcedure."""
    newest = select(DefinitionRow).where(col(DefinitionRow.key) == key).order_by(col(DefinitionRow.version).desc())
    current = session.exec(newest.limit(1)).first()
    if current is None:
        raise catalogue.NoSuchProcedure(catalogue.NoSuchProcedure.__doc__)
    return Work(key, current, session.get(ProcedureDraft, key, populate_existing=True))


def write(
    session: Session, key: str, files: Mapping[str, str | None], by: Person, seen: Seen, *, anyway: bool = False
) -> ProcedureDraft:
    """Keep these files in the draft, which begins here if there is none; a file that is None is taken out.

    Raises Outdated when one of them was written by somebody else since; `anyway` puts the other's draft aside first.
    """
    _alone(session, key)
    now = work(session, key)
    _refuse_unfit(key, changed(now.package, files), files)
    if anyway and now.draft:
        _put_aside(session, key, now.draft.package, now.base, now.draft.changed_by)
    elif not anyway and _overtaken(now, files, seen):
        raise Outdated(Outdated.__doc__)
    draft = now.draft or _begin(session, now.current, now.current.package, by)
    draft.revision = _next_revision(session)
    draft.package = changed(draft.package, files)
    draft.written = {**draft.written, **dict.fromkeys(files, draft.revision)}
    draft.changed_at, draft.changed_by = clock.now(), by.id
    session.add(draft)
    session.flush()
    return draft


def changed(package: Package, files: Mapping[str, str | None]) -> dict[str, str]:
    """The package with these files written, or taken out."""
    return {path: text for path, text in {**package, **files}.items() if text is not None}


def keep_copy(session: Session, key: str, files: Mapping[str, str], by: Person) -> DraftCopy:
    """Put these files aside, beside what else is in the draft now."""
    now = work(session, key)
    _refuse_unfit(key, {**now.package, **files}, files)
    return _put_aside(session, key, {**now.package, **files}, now.base, by.id)


def throw_away(session: Session, key: str) -> None:
    """Back to the current version; the draft is put aside."""
    _alone(session, key)
    now = work(session, key)
    if now.draft is None:
        return
    _put_aside(session, key, now.draft.package, now.base, now.draft.changed_by)
    session.delete(now.draft)
    session.flush()


def begin_with(session: Session, key: str, package: Package, by: Person) -> None:
    """Make a version or a copy the draft, to be published after the current version; the draft before is put aside."""
    _alone(session, key)
    now = work(session, key)
    throw_away(session, key)
    session.add(_begin(session, now.current, package, by))
    session.flush()


def rebase(session: Session, key: str, version: int) -> None:
    """Go on after a version that somebody published meanwhile, once its differences have been seen."""
    _alone(session, key)
    now = work(session, key)
    if now.draft is None or now.current.version != version:
        raise Outdated(Outdated.__doc__)
    now.draft.based_on, now.draft.revision = now.current.id, _next_revision(session)
    session.add(now.draft)
    session.flush()


def publish(session: Session, key: str, note: str, by: Person, revision: int) -> DefinitionRow:
    """The draft as the next version. Raises Unfit, Outdated, NothingToPublish, catalogue.Overtaken; Unreadable and
    Refused when the check finds errors."""
    _alone(session, key)
    now = work(session, key)
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise Unfit(_(NOTE_WANTED) if not note.strip() else _("请控制在 {most} 个字以内。", most=LONGEST_NOTE))
    if now.draft is None or packages.digest(now.draft.package) == now.current.hash:
        raise NothingToPublish(NothingToPublish.__doc__)
    if now.draft.revision != revision:
        raise Outdated(Outdated.__doc__)
    row = catalogue.publish(session, now.draft.package, by=by.id, note=note.strip(), after=now.draft.based_on)
    session.delete(now.draft)
    session.flush()
    return row


def _alone(session: Session, key: str) -> None:
    """One change of a draft after the other, also of one that does not exist yet."""
    session.connection().execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"draft {key}"})


def _overtaken(now: Work, files: Mapping[str, str | None], seen: Seen) -> bool:
    draft = now.draft
    if draft is None:
        return seen.revision != 0 or seen.base != now.base
    if seen.revision == 0:
        return seen.base != draft.based_on or any(draft.written.get(path, 0) for path in files)
    return seen.revision < draft.begun or any(draft.written.get(path, 0) > seen.revision for path in files)


def _begin(session: Session, current: DefinitionRow, package: Package, by: Person) -> ProcedureDraft:
    revision = _next_revision(session)
    written = {} if package is current.package else dict.fromkeys(package, revision)
    return ProcedureDraft(
        key=current.key,
        based_on=current.id,
        package=dict(package),
        begun=revision,
        revision=revision,
        written=written,
        changed_at=clock.now(),
        changed_by=by.id,
    )


def _next_revision(session: Session) -> int:
    return int(session.connection().execute(text("SELECT nextval('revision')")).scalar_one())


def _put_aside(session: Session, key: str, package: Package, base: int, made_by: int) -> DraftCopy:
    copy = DraftCopy(key=key, based_on=base, package=dict(package), kept_at=clock.now(), made_by=made_by)
    session.add(copy)
    session.flush()
    return copy


def _refuse_unfit(key: str, package: Package, files: Mapping[str, str | None]) -> None:
    written = [content for content in files.values() if content is not None]
    if any(len(content.encode("utf-8", "replace")) > packages.LARGEST_FILE for content in written):
        raise Unfit(_("文件太大，每个文件请控制在 2 MB 以内。"))
    if any("\0" in content for content in written):
        raise Unfit(_("里面有不能保存的字符。"))
    if len(package) > packages.MOST_FILES:
        raise Unfit(_("文件太多（超过 {most} 个）。", most=packages.MOST_FILES))
    try:
        renamed = "procedure.toml" in files and packages.read_procedure(package).key != key
    except packages.Unreadable:
        return  # unfinished is allowed in a draft; the check says what is wrong
    if renamed:
        raise Unfit(_("procedure.toml 里的 key 是流程的固定名字，不能改。请改回“{key}”。", key=key))
