"""Records with a small place and enrolled terminals, on either engine: what the tests of the ingest stand on."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.time import Clock
from domain.wire.batch import MalformedTap, ReadTap, read_batch
from domain.wire.v1 import TapV1
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations.collectivity import CollectivityFacts, NewStructure, add_structures, set_collectivity
from records.operations.devices import NewDevice, enrol_device, register_device
from records.operations.services import NewService, add_service
from records.operations.tap_group import TapBatch
from tests.factories.wire import OCCURRED_AT, batch_body
from tests.harness import postgres

TIMEZONE = "Europe/Paris"
SCHOOL, SERVICE = "ecole", "cantine"
START = date(2026, 9, 1)
ENGINES = ("sqlite", "postgresql")


@dataclass
class HandClock:
    """A clock that stands until it is moved, in microseconds UTC."""

    now: int = OCCURRED_AT + 3_600_000_000

    def __call__(self) -> int:
        """Return the instant it was set to."""
        return self.now


@dataclass(frozen=True)
class Terminal:
    """An enrolled device of the school."""

    device_id: int
    device_ref: str
    token: str

    @property
    def token_hash(self) -> str:
        """What the records know of the token."""
        return hashlib.sha256(self.token.encode()).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """What it says with each request."""
        return {"authorization": f"Bearer {self.token}"}

    def batch(self, taps: Sequence[TapV1 | object], received_at: int = OCCURRED_AT + 3_600_000_000) -> TapBatch:
        """Return these taps as the store receives them."""
        items: list[ReadTap | MalformedTap] = read_batch(batch_body(taps))
        return TapBatch(self.device_id, self.token_hash, items, received_at)


def sqlite_records(folder: Path, template: Path, clock: Clock) -> Records:
    """Return records in a copy of a migrated file."""
    copy = folder / "records.db"
    shutil.copyfile(template, copy)
    return open_records(f"sqlite:///{copy}", clock)


def postgres_records(cluster: postgres.Cluster, clock: Clock) -> Records:
    """Return records in a copy of a migrated database."""
    template = postgres.template_database(
        cluster, "ingest_template", lambda url: make_school(records_url(Path(), url))
    )
    return open_records(records_url(Path(), postgres.fresh_database(template)), clock)


def make_school(url: str) -> None:
    """Migrate a database and found a collectivity with one school and one service."""
    migrations.upgrade(url)
    records = open_records(url)
    facts = CollectivityFacts("Collectivité d'essai", TIMEZONE, "A", "mairie@example.org", is_training=True)
    set_collectivity(records, SETUP, facts)
    add_structures(records, SETUP, [NewStructure(SCHOOL, "École d'essai", "school", TIMEZONE, "Commune")])
    add_service(records, SETUP, NewService(SERVICE, "Cantine", "canteen", "periscolaire_midday"))
    records.close()


def add_terminal(records: Records, ref: str = "borne-1") -> Terminal:
    """Register and enrol a terminal of the school."""
    code = register_device(records, SETUP, NewDevice(ref, f"Borne {ref}", SCHOOL, "badge"))
    enrolled = enrol_device(records, code)
    return Terminal(enrolled.device_id, enrolled.device_ref, enrolled.token)
