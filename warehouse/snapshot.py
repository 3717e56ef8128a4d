"""What a published snapshot is, where it lives, and the pointer that names the current one."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.errors import SnapshotDamaged, SnapshotMissing

POINTER = "pointer.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published file: `id` names its content, `change_seq` the state of records it shows (docs/adr/0008).

    `as_of` is the instant, in µs UTC, at which slots count as over or not; `built_at` when it was published.
    `current_until`, in µs UTC, is when time alone changes something in it: a slot ends, a day begins.
    """

    id: str
    path: Path
    sha256: str
    change_seq: int
    built_at: int
    as_of: int
    current_until: int
    models_hash: str
    parameters_hash: str


def folder(home: Path) -> Path:
    """Return the folder of everything the warehouse writes in a MARELLE_HOME."""
    return home / "warehouse"


def published_folder(home: Path) -> Path:
    """Return the folder of published files and their pointer."""
    return folder(home) / "published"


def read_pointer(home: Path) -> Snapshot:
    """Return the current snapshot; raises SnapshotMissing or SnapshotDamaged."""
    path = published_folder(home) / POINTER
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SnapshotMissing(
            "Aucun chiffre n'a encore été calculé ici. Lancez « marelle warehouse build ».", home=str(home)
        ) from None
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    try:
        content["path"] = published_folder(home) / content.pop("file")
        return Snapshot(**content)
    except (KeyError, TypeError) as error:
        raise _damaged(path, error) from error


def write_pointer(home: Path, snapshot: Snapshot) -> None:
    """Make a published file the current one, durably and at once: readers see the old or the new pointer."""
    target = published_folder(home) / POINTER
    content = asdict(snapshot)
    content["file"] = content.pop("path").name
    temporary = target.with_suffix(".json.new")
    with temporary.open("w", encoding="utf-8") as handle:
        json.dump(content, handle, indent=1, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(target)
    sync_folder(target.parent)


def sync_folder(path: Path) -> None:
    """Make renames inside a folder durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path, error: Exception) -> SnapshotDamaged:
    return SnapshotDamaged(
        f"Le fichier {path.name}, qui désigne les derniers chiffres publiés, est illisible. Rien n'est perdu : "
        "relancez « marelle warehouse build ».",
        path=str(path),
        error=str(error),
    )
