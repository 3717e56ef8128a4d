"""The records a server starts from: migrated by the shipped migrations, with a school and enrolled terminals."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from domain.taps import TapKind
from domain.wire.batch import read_envelope
from domain.wire.v1 import TapV1
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations.collectivity import CollectivityFacts, NewStructure, add_structures, set_collectivity
from records.operations.devices import NewDevice, enrol_device, register_device
from records.operations.tap_rows import TapBatch
from tests.simulation.power.disk import Image
from tests.simulation.power.taps import KEPT_AT, identity_of

SCHOOL = "ecole"
_ZONE = "Europe/Paris"
_HOUR = 3_600_000_000
TERMINALS = 3


@dataclass(frozen=True, slots=True)
class SentBy:
    """An enrolled terminal as the server knows it."""

    device_id: int
    token_hash: str

    def batch(self, taps: Sequence[TapV1 | str]) -> TapBatch:
        """Return what this terminal sends; a string is a tap that cannot be read."""
        written = [tap if isinstance(tap, str) else tap.model_dump_json(exclude_none=True) for tap in taps]
        body = f'{{"protocol": 1, "taps": [{",".join(written)}]}}'
        return TapBatch(self.device_id, self.token_hash, read_envelope(body.encode()).items, KEPT_AT + _HOUR)


@dataclass(frozen=True, slots=True)
class School:
    """The records' file, and the terminals enrolled in it."""

    image: Image
    terminals: tuple[SentBy, ...]
    change_seq: int

    def as_options(self) -> dict[str, Any]:
        """Return what a scenario must be told of it."""
        return {"terminals": [asdict(terminal) for terminal in self.terminals]}

    @classmethod
    def found(cls, folder: Path) -> Self:
        """Make the records in an empty folder."""
        url = records_url(folder)
        migrations.upgrade(url)
        records = open_records(url, lambda: KEPT_AT)
        facts = CollectivityFacts("Collectivité d'essai", _ZONE, "A", "mairie@example.org", is_training=True)
        set_collectivity(records, SETUP, facts)
        add_structures(records, SETUP, [NewStructure(SCHOOL, "École d'essai", "school", _ZONE, "Commune")])
        terminals = tuple(_enrol(records, number) for number in range(TERMINALS))
        change_seq = records.change_seq()
        records.close()
        [file] = list(folder.iterdir())
        return cls(Image({file.name: file.read_bytes()}), terminals, change_seq)


def tap_of(epoch: str, seq: int) -> TapV1:
    """Return the tap of that number in an epoch; every word of it follows from the two."""
    tap_id = identity_of(epoch, seq)
    return TapV1(
        tap_id=tap_id,
        epoch=epoch,
        seq=seq,
        kind=TapKind.BADGE,
        badge_uid=tap_id[:8].upper(),
        occurred_at=KEPT_AT + seq * 1_000_000,
        mono_ms=1_000 * seq,
        boot_id=f"boot-{epoch[:4]}",
        clock_offset_ms=0,
        clock_offset_age_ms=1_000,
    )


def unreadable(number: int) -> str:
    """Return a tap that nobody can read."""
    return json.dumps({"tap_id": "?", "number": number})


def content_hash(content: str) -> str:
    """Return the name that the quarantine gives to these bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


def _enrol(records: Records, number: int) -> SentBy:
    code = register_device(records, SETUP, NewDevice(f"borne-{number}", f"Borne {number}", SCHOOL, "badge"))
    enrolled = enrol_device(records, code)
    return SentBy(enrolled.device_id, hashlib.sha256(enrolled.token.encode()).hexdigest())
