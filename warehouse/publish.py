"""From a finished build to what readers see: a new read-only file, then the pointer. Readers never wait."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb

from warehouse.project import DATABASE
from warehouse.replayed import keep_replay
from warehouse.snapshot import Snapshot, published_folder, read_pointer, sync_folder, write_pointer

KEPT_SNAPSHOTS = 3
_MARTS = "marts"
_READ_ONLY = 0o444
_CHUNK = 1 << 20


def copy_marts(build_file: Path, target: Path) -> None:
    """Write a new file with the marts and what replays rest on, ordered, and make it durable.

    Raw data and badges stay behind.
    """
    target.unlink(missing_ok=True)
    connection = duckdb.connect(str(target))
    try:
        quoted = str(build_file).replace("'", "''")
        # Its views name the database that they were made in.
        connection.execute(f"attach '{quoted}' as {DATABASE} (read_only)")
        connection.execute(f"create schema {_MARTS}")
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by all",
            [DATABASE, _MARTS],
        ).fetchall():
            connection.execute(
                f"create table {_MARTS}.{name} as select * from {DATABASE}.{_MARTS}.{name} order by all"  # noqa: S608 (ours)
            )
        keep_replay(connection)
        connection.execute(f"detach {DATABASE}")
        connection.execute("checkpoint")
    finally:
        connection.close()
    with target.open("rb") as handle:
        os.fsync(handle.fileno())
    target.chmod(_READ_ONLY)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def publish(home: Path, new_file: Path, snapshot: Snapshot) -> None:
    """Give the file its name, then make it current; a crash between the two leaves the former one current."""
    new_file.replace(snapshot.path)
    sync_folder(snapshot.path.parent)
    write_pointer(home, snapshot)


def prune(home: Path, kept: int = KEPT_SNAPSHOTS) -> None:
    """Remove all but the last `kept` snapshots; the current one always stays, open ones stay readable."""
    current = read_pointer(home).path
    files = sorted(published_folder(home).glob(f"{DATABASE}-*.duckdb"), key=lambda path: path.stat().st_mtime_ns)
    others = [path for path in files if path != current]
    for path in others[: len(others) - (kept - 1)]:
        path.unlink(missing_ok=True)
