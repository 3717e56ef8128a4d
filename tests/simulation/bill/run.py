"""Play the worlds, each twice, in one process."""

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from domain.time import instant_at
from records import migrations
from records.database import open_records
from records.models import Base
from tests.simulation.bill.life import ZONE, Act
from tests.simulation.bill.stage import BillFaults, Stage
from tests.simulation.bill.town import START, write_bare
from tests.simulation.week.checkers import Scene, liveness
from tests.simulation.week.faults import FAMILIES
from tests.simulation.week.seams import shipped_seams
from tests.simulation.week.server import Server

_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Twin:
    """What one run left at the server: rows as column → value, `device_ref` in the place of `device_id`."""

    seed: str
    taps: list[dict[str, Any]]
    epochs: list[dict[str, Any]]  # what the server knows of each device's epochs
    revoked: dict[str, int]  # device ref → since when, in µs UTC
    act_of: dict[str, Act]
    unsure: set[str]
    fired: Counter[str]
    broken: list[str]  # what keeps this run from being compared: none, please


class Worlds:
    """Plays worlds. Use `worlds()`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = Server(_template(folder / "bare.db"), folder)

    def play(self, seed: str, *, has_faults: bool) -> Twin:
        """Play one world to its end, when all terminals have sent what they hold."""
        homes = Path(tempfile.mkdtemp(prefix="homes-", dir=self.folder))
        try:
            with shipped_seams(), _quiet():
                stage = Stage(seed, self._server, homes, has_faults=has_faults)
                return _lived(stage)
        finally:
            shutil.rmtree(homes)
            for backup in self.folder.glob("backup-*"):
                backup.unlink()

    def close(self) -> None:
        """End the server."""
        self._server.close()


@contextmanager
def worlds() -> Iterator[Worlds]:
    """Yield a player that works in memory where the machine allows it."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="marelle-bill-", dir=place) as folder:
        found = Worlds(Path(folder))
        try:
            yield found
        finally:
            found.close()


def seed_of(number: int) -> str:
    """Return the seed of a world: each family of faults in turn."""
    return f"{list(FAMILIES)[number % len(FAMILIES)]}.{number}"


def _lived(stage: Stage) -> Twin:
    try:
        if stage.has_faults:
            BillFaults(stage).plan()
        stage.play()
        stage.heal()
        stage.settle()
        scene = Scene(stage.server, stage.ledger, stage.machines, stage.has_twins, stage.was_restored, True)
        broken = [*stage.witness.violations, *liveness(scene)]
        broken += [f"never recorded: {act}" for act in stage.unrecorded]
        return Twin(
            seed=stage.world.seed,
            taps=_rows(stage, Base.metadata.tables["tap"]),
            epochs=_rows(stage, Base.metadata.tables["device_epoch"]),
            revoked=_revoked(stage),
            act_of=stage.act_of,
            unsure=stage.unsure,
            fired=stage.world.fired,
            broken=broken,
        )
    finally:
        stage.end()


def _rows(stage: Stage, table: Table) -> list[dict[str, Any]]:
    """Return the rows of what devices sent, with the device's ref in the place of ids."""
    names = [column.name for column in table.columns if column.name not in ("id", "device_id")]
    columns = ", ".join(f"sent.{name}" for name in names)
    rows = stage.server.rows(
        f"select device.ref, {columns} from {table.name} as sent "
        "join device on device.id = sent.device_id order by sent.id"
    )
    return [dict(zip(("device_ref", *names), row, strict=True)) for row in rows]


def _revoked(stage: Stage) -> dict[str, int]:
    return dict(stage.server.rows("select ref, revoked_at from device where revoked_at is not null"))


def _template(path: Path) -> Path:
    url = f"sqlite:///{path}"
    migrations.upgrade(url)
    records = open_records(url, lambda: instant_at(START, 480, ZONE))
    write_bare(records)
    records.close()
    return path


@contextmanager
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
