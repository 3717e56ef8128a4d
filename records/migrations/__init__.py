"""Bringing a database to the schema of this release: one locked transaction, forward only (docs/adr/0002).

Two processes may ask at once: the second waits, then finds nothing to do. A failed migration changes nothing.
To go back, restore the backup taken before: a downgrade would have to throw facts away.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from records.database import begin_write, open_engine
from records.triggers import create_triggers, drop_triggers

_WAIT_SECONDS = 300
_LOCATION = "records:migrations"
_LOCK_KEY = 7_261_001  # any number, the same for ever: PostgreSQL's advisory lock of our migrations


def upgrade(url: str, *, more_versions: Path | None = None) -> None:
    """Bring the database at `url` to the newest revision, creating it when it is empty.

    `more_versions` is a folder of further revisions. Raises ValueError when rows would point nowhere.
    """
    _make_folder(url)
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            _begin_alone(connection)
            drop_triggers(connection)
            command.upgrade(_config(connection, more_versions), "head")
            create_triggers(connection)
            _check_references(connection)
            connection.commit()
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """Return the revision that the database is at, None when it has never been migrated."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def newest() -> str:
    """Return the revision that this release works with."""
    revision = ScriptDirectory.from_config(_config(None, None)).get_current_head()
    assert revision is not None
    return revision


def draft_revision(message: str, folder: Path) -> Path:
    """Write, in `folder`, the revision that takes the newest schema to today's models; for a person to review.

    `python -c "from records.migrations import *; draft_revision('add …', Path('records/migrations/versions'))"`
    """
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/records.db"
        upgrade(url)
        engine = open_engine(url)
        with engine.connect() as connection:
            config = _config(connection, folder)
            script = command.revision(config, message, autogenerate=True, version_path=str(folder))
        engine.dispose()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def _config(connection: Connection | None, more_versions: Path | None) -> Config:
    locations = [f"{_LOCATION}/versions", *([str(more_versions)] if more_versions else [])]
    config = Config()
    config.set_main_option("script_location", _LOCATION)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(locations).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _make_folder(url: str) -> None:
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)


def _begin_alone(connection: Connection) -> None:
    """Begin the one transaction of a migration, alone on the database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        return
    # Batch mode drops and recreates tables: with references enforced, dropping one would empty its children.
    connection.exec_driver_sql("pragma foreign_keys=off")
    # Whoever comes second waits for a whole migration, not for a write.
    connection.exec_driver_sql(f"pragma busy_timeout={_WAIT_SECONDS * 1000}")
    connection.commit()
    begin_write(connection)


def _check_references(connection: Connection) -> None:
    """Raise when a row of SQLite points nowhere (PostgreSQL checks by itself)."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
        if lost:
            raise ValueError(f"migration refused, rows would point nowhere: {lost[:5]}")
