"""The whole build: load, compute, publish. One at a time in a MARELLE_HOME; a failure changes nothing for readers.

A snapshot's identity is the SHA-256 of all that decides its content: the watermark of records, the models, the
minute of the build and the national parameters (docs/adr/0008).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from domain.time import MICROS_PER_MINUTE, instant_at, local_day, system_clock
from records.database import open_records
from warehouse.compute import computed
from warehouse.errors import BuildInProgress, SnapshotDamaged, SnapshotMissing
from warehouse.load import Loaded, load, parameters_hash
from warehouse.project import BUILD_FILE, DATABASE, compiled_project, models_hash
from warehouse.publish import KEPT_SNAPSHOTS, file_sha256, prune, publish, seal
from warehouse.snapshot import Snapshot, folder, published_folder, read_pointer

__all__ = ["Progress", "Snapshot", "build"]

Progress = Callable[[float, str], None]
"""Called with the part done (0 to 1) and a French sentence."""

_LOADED, _BUILT = 0.2, 0.9
_ID_LENGTH = 16
_COMPUTING = "Calcul des présences, des prix, des repas et des heures CAF…"


@dataclass(frozen=True, slots=True)
class _Identity:
    change_seq: int
    models: str
    as_of: int
    parameters: str

    def id(self) -> str:
        content = [self.change_seq, self.models, self.as_of, self.parameters]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:_ID_LENGTH]


def build(
    home: Path, url: str, *, full: bool = False, now: int | None = None, progress: Progress | None = None
) -> Snapshot:
    """Build and publish a snapshot of the records at a SQLAlchemy URL; return the one that is now current.

    Without `full` nothing is computed when the current snapshot already shows this state of records.
    Raises BuildInProgress, BuildFailed or WarehouseError; then the former snapshot stays current.
    """
    tell = progress or _silent
    as_of = (system_clock() if now is None else now) // MICROS_PER_MINUTE * MICROS_PER_MINUTE
    with _alone(home):
        current = None if full else _still_true(home, url, as_of)
        if current is not None:
            tell(1.0, "Les chiffres publiés sont à jour.")
            return current
        work = folder(home) / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            return _build(home, url, as_of, tell)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _build(home: Path, url: str, as_of: int, tell: Progress) -> Snapshot:
    file = folder(home) / "work" / BUILD_FILE
    tell(0.0, "Lecture des données…")
    loaded = load(url, file, as_of, lambda table: None)
    tell(_LOADED, _COMPUTING)
    project = compiled_project(folder(home))
    published_folder(home).mkdir(parents=True, exist_ok=True)
    new_file = published_folder(home) / "new.duckdb"
    with computed(
        project, file, new_file, lambda done: tell(_LOADED + (_BUILT - _LOADED) * done, _COMPUTING)
    ) as connection:
        until = _current_until(connection, as_of)
    tell(_BUILT, "Publication…")
    snapshot = _publish(home, new_file, loaded, until)
    tell(1.0, "Les nouveaux chiffres sont publiés.")
    return snapshot


def _publish(home: Path, new_file: Path, loaded: Loaded, current_until: int) -> Snapshot:
    """Publish a computed file; return what is now current."""
    seal(new_file)
    as_of = loaded.context.as_of
    identity = _Identity(loaded.change_seq, models_hash(), as_of, parameters_hash())
    snapshot = Snapshot(
        id=identity.id(),
        path=published_folder(home) / f"{DATABASE}-{identity.id()}.duckdb",
        sha256=file_sha256(new_file),
        change_seq=identity.change_seq,
        built_at=system_clock(),
        as_of=as_of,
        models_hash=identity.models,
        parameters_hash=identity.parameters,
        current_until=current_until,
    )
    former = _published_seq(home)
    publish(home, new_file, snapshot)
    # What was published before a purge still names whom it erased.
    prune(home, 1 if former < loaded.purged_seq else KEPT_SNAPSHOTS)
    return snapshot


def _published_seq(home: Path) -> int:
    """Return the watermark of the current snapshot, 0 when there is none that can be read."""
    try:
        return read_pointer(home).change_seq
    except (SnapshotMissing, SnapshotDamaged):
        return 0


def _still_true(home: Path, url: str, as_of: int) -> Snapshot | None:
    """Return the current snapshot when building again would give the same content."""
    try:
        current = read_pointer(home)
    except (SnapshotMissing, SnapshotDamaged):
        return None
    same_inputs = (
        current.path.exists()
        and current.models_hash == models_hash()
        and current.parameters_hash == parameters_hash()
        and current.change_seq == _change_seq(url)
    )
    return current if same_inputs and current.as_of <= as_of < current.current_until else None


def _change_seq(url: str) -> int:
    records = open_records(url)
    try:
        return records.change_seq()
    finally:
        records.close()


def _current_until(connection: duckdb.DuckDBPyConnection, as_of: int) -> int:
    """Return the next instant at which the same records would give something else."""
    waits = connection.execute(
        "select count(*) from published.intermediate.int_attendance__stays_told as stays inner join "
        "intermediate.int_calendar__service_days using (service_id, structure_id, day) "
        "where stays.is_open and needs_departure"
    ).fetchall()[0][0]
    next_end = connection.execute(
        "select min(slot_end_at) from intermediate.int_calendar__service_days where slot_end_at > ?", [as_of]
    ).fetchall()[0][0]
    zones = connection.execute("select distinct timezone from raw.structure").fetchall()
    if waits:
        return as_of + MICROS_PER_MINUTE
    midnights = [instant_at(local_day(as_of, zone) + timedelta(days=1), 0, zone) for (zone,) in zones]
    return min([*midnights, next_end or as_of], default=as_of)


def _silent(done: float, sentence: str) -> None:
    """Tell nobody."""


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the home's build lock; the system releases it if this process dies."""
    folder(home).mkdir(parents=True, exist_ok=True)
    with (folder(home) / "build.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildInProgress(
                "Un calcul est déjà en cours dans ce dossier. Les derniers chiffres publiés restent consultables ; "
                "réessayez dans une minute.",
                home=str(home),
            ) from None
        yield
