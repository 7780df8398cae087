"""Brings a database to this release's schema, or says in what it differs."""

from datetime import date

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from tongxin import clock, db, rights, workdays
from tongxin.cases import recounting
from tongxin.config import PROJECT

_ONE_AT_A_TIME = 7_210_933  # advisory lock: two processes starting at once migrate one after the other


def upgrade(engine: Engine) -> None:
    """Apply what is missing, and give the roles that exist their rights.

    The schema of a later release stays as it is: after a rollback this one runs on it.
    """
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        if _missing(connection) is None:
            return
        command.upgrade(_config(connection), "head")
        brought = workdays.seed(connection, clock.now())
        if brought:
            with db.savepoint(connection) as session:
                recounting.again(session, date(min(brought), 1, 1), date(max(brought), 12, 31))
        rights.grant(connection)


def missing(engine: Engine) -> list[str] | None:
    """The migrations still to apply, in their order; None when the schema is of a later release than this."""
    with engine.connect() as connection:
        return _missing(connection)


def differences(engine: Engine) -> str | None:
    """What the models have and the migrated schema has not, or the reverse; None when they agree."""
    with engine.begin() as connection:
        try:
            command.check(_config(connection))
        except CommandError as error:
            return str(error)
    return None


def revision(engine: Engine, message: str) -> None:
    """Write a new migration from the difference between models and schema (maintainers only)."""
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def _missing(connection: Connection) -> list[str] | None:
    scripts = ScriptDirectory.from_config(_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    if current not in {None, *(one.revision for one in scripts.walk_revisions())}:
        return None
    return [one.revision for one in scripts.iterate_revisions("head", current or "base")][::-1]


def _config(connection: Connection) -> Config:
    config = Config(toml_file=PROJECT / "pyproject.toml")
    config.set_main_option("script_location", "tongxin:migrations")
    config.attributes["connection"] = connection
    return config
