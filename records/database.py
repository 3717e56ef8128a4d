"""Opening the records, and the one way to write to them: one operation, one short transaction.

SQLite runs in WAL with `synchronous=FULL` and each write begins with `BEGIN IMMEDIATE`: a deferred one fails
under several writers (docs/adr/0003). PostgreSQL is chosen by URL alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, literal, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from domain.errors import InvalidData, MarelleError
from domain.time import Clock, system_clock
from records.actors import Actor
from records.encryption import EncryptedText, Keyring, attach_keyring
from records.models import AuditEntry, Base

BUSY_TIMEOUT_SECONDS = 5
DATABASE_FILE = "records.db"
NEXT_CHANGE_SEQ = "update change_seq set value = value + 1 where id = 1 returning value"


@dataclass(slots=True)
class Write:
    """An open write transaction: its session, who acts, when, and its place in the order of changes."""

    session: Session
    actor: Actor
    operation: str
    now: int
    change_seq: int

    def audit(
        self, entity: str, entity_id: object, *, old: Mapping[str, Any] | None, new: Mapping[str, Any]
    ) -> None:
        """Add the audit row of one changed thing; values must be JSON-ready or dates."""
        self.session.add(
            AuditEntry(
                change_seq=self.change_seq,
                occurred_at=self.now,
                actor=self.actor.signature,
                operation=self.operation,
                entity=entity,
                entity_id=str(entity_id),
                old=None if old is None else _json(old),
                new=_json(new),
            )
        )


class Records:
    """The system of record of one collectivity. Safe to share between threads."""

    def __init__(self, engine: Engine, clock: Clock = system_clock) -> None:
        self.engine = engine
        self.clock = clock

    @property
    def is_postgresql(self) -> bool:
        """True when the records live in PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session over one consistent snapshot that writes nothing."""
        with self.engine.connect() as connection:
            if self.is_postgresql:
                connection.execute(text("set transaction isolation level repeatable read, read only"))
            else:
                connection.exec_driver_sql("begin")
            with Session(connection, expire_on_commit=False) as session:
                yield session
            connection.rollback()

    @contextmanager
    def write(self, actor: Actor, operation: str) -> Iterator[Write]:
        """Yield one short write transaction; commits at the end, rolls back on any error.

        Adds 1 to `change_seq` first, so writes take their turn and the sequence is their order. Raises InvalidData
        when the database itself refuses a value: operations check first, this is the last guard. What a column says
        itself, as KeyUnavailable of an encrypted one, is raised as it is.
        """
        with self.engine.connect() as connection:
            begin_write(connection)
            change_seq: int = connection.execute(text(NEXT_CHANGE_SEQ)).scalar_one()
            try:
                with Session(connection, expire_on_commit=False) as session:
                    yield Write(session, actor, operation, self.clock(), change_seq)
                    session.flush()
            except IntegrityError as refusal:
                raise InvalidData(
                    "Une des valeurs données n'est pas acceptée. Rien n'a été enregistré. "
                    "Vérifiez la saisie\u00a0; si elle est juste, signalez ce message.",
                    operation=operation,
                    refusal=str(refusal.orig),
                ) from refusal
            except StatementError as failure:
                raise _said_by_a_column(failure) from failure
            commit(connection)

    @contextmanager
    def upkeep(self) -> Iterator[Session]:
        """Yield a short write transaction for rows that are not records: sessions, log-in attempts, job progress.

        No audit row, and `change_seq` stands still: nothing that a warehouse snapshot could show has changed.
        """
        with self.engine.connect() as connection:
            begin_write(connection)
            try:
                with Session(connection, expire_on_commit=False) as session:
                    yield session
                    session.flush()
            except StatementError as failure:
                raise _said_by_a_column(failure) from failure
            commit(connection)

    def change_seq(self) -> int:
        """Return the watermark: how many operations have been committed."""
        with self.engine.connect() as connection:
            return int(connection.execute(text("select value from change_seq where id = 1")).scalar_one())

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


def begin_write(connection: Connection) -> None:
    """Begin a transaction that holds the write lock from its first statement on SQLite."""
    # Begun on the connection: a Session that finds no transaction would open and close its own.
    connection.begin()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("begin immediate")


def commit(connection: Connection) -> None:
    """Commit durably, or raise; a connection whose COMMIT failed is closed.

    SQLite may leave it inside its transaction, and the pool would lend it out like that, with the write lock.
    """
    try:
        connection.commit()
    except BaseException:
        connection.invalidate()
        raise


def records_url(home: Path, configured: str | None = None) -> str:
    """Return the database address: the configured one, else SQLite inside MARELLE_HOME."""
    if configured:
        return configured.replace("postgresql://", "postgresql+psycopg://", 1)
    return f"sqlite:///{home / DATABASE_FILE}"


def open_records(url: str, clock: Clock = system_clock) -> Records:
    """Open the records at a SQLAlchemy URL; the schema must already be there (`records.migrations.upgrade`)."""
    return Records(open_engine(url), clock)


def open_engine(url: str) -> Engine:
    """Return an engine with the pragmas and transaction rules that the promise rests on.

    Its encryption keys are beside the SQLite file, or in MARELLE_HOME for PostgreSQL (records.encryption).
    """
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True
        )
        attach_own_keyring(engine)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,  # an error must not quote an IBAN or a word about health
        # The connection given back last is taken next: its page cache is still warm.
        pool_use_lifo=True,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _configure_sqlite)
    attach_own_keyring(engine)
    return engine


def attach_own_keyring(engine: Engine) -> None:
    """Give an engine the keys of its database, to be read at first use; those it held are forgotten."""
    if engine.dialect.name == "postgresql":
        folder = Path(os.environ.get("MARELLE_HOME") or "data")
    else:
        folder = Path(engine.url.database or ".").parent
    attach_keyring(engine.dialect, Keyring(folder, partial(holds_encrypted_data, engine)))


def holds_encrypted_data(engine: Engine) -> bool:
    """Return whether a column holds something that only a key opens: then a missing key is a lost one."""
    with engine.connect() as connection:
        known = set(inspect(connection).get_table_names())
        found = (
            connection.execute(select(literal(1)).select_from(table).where(column.is_not(None)).limit(1)).first()
            for table in Base.metadata.sorted_tables
            if table.name in known
            for column in table.columns
            if isinstance(column.type, EncryptedText)
        )
        return any(row is not None for row in found)


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we write BEGIN ourselves: pysqlite would begin deferred
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "recursive_triggers=on"):
        connection.execute(f"pragma {pragma}")
    # A checkpoint every 32 MB of journal, not 4: taps touch the same index pages again and again (docs/adr/0007).
    # Many taps in one statement: SQLite notes the pages it touches, and would do so in a file (half of the insert).
    for pragma in ("wal_autocheckpoint=8000", "cache_size=-32768", "temp_store=memory"):
        connection.execute(f"pragma {pragma}")


def _said_by_a_column(failure: StatementError) -> Exception:
    """Return the error of ours that SQLAlchemy wrapped while it bound a value, else the failure itself."""
    return failure.orig if isinstance(failure.orig, MarelleError) else failure


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, default=str)
