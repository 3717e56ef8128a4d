"""The smallest day there is, without any fault: a planted mistake must still get through it.

So that what the proof suites find is the broken promise, never a program that does not even start.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import terminal
from domain.taps import TapKind
from domain.time import system_clock
from ingest_api.app import create_app
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records
from records.operations.devices import NewDevice, register_device
from terminal.clock import Timekeeper, system_instruments
from terminal.outbox import Outbox, TapDraft, borrowed_store
from terminal.outbox.sync_state import ask_enrolment
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import IdentityStore
from tests.factories.town import SCHOOL, make_town
from tests.harness.in_process import client_of

BADGES = ("04A1B2C3D4E5F6", "04000000000002", "04000000000003")
PATIENCE_SECONDS = 60


def main(folder: Path) -> int:
    """Enrol, badge three children, send, and look at the server; return 0 when the three arrived."""
    home = Path(str(terminal.__file__)).parent.parent
    assert home == Path.cwd(), f"the terminal comes from {home}"
    url = f"sqlite:///{folder / 'records.db'}"
    migrations.upgrade(url)
    records = open_records(url)
    make_town(records)
    box = Outbox(folder / "outbox", system_clock)
    moment = Timekeeper(system_instruments()).moment()
    for badge in BADGES:
        box.keep(TapDraft(TapKind.BADGE, moment, badge_uid=badge))
    with client_of(create_app(records)) as http:
        _send(box, ServerClient(http), records, folder)
    with records.engine.connect() as connection:
        arrived = tuple(row[0] for row in connection.exec_driver_sql("select badge_uid from tap order by seq"))
    box.close()
    records.close()
    assert arrived == BADGES, arrived
    print("three badges, three taps")
    return 0


def _send(box: Outbox, server: ServerClient, records: Records, folder: Path) -> None:
    code = register_device(records, SETUP, NewDevice("borne-1", "Borne du hall", SCHOOL, "badge"))
    place = SyncPlace(
        lambda: borrowed_store(box.folder),
        RosterStore(folder / "roster.json"),
        IdentityStore(folder / "identity.json"),
        "smoke",
    )
    engine = SyncEngine(place, server, SyncChance(system_instruments(), random.Random(1)), SyncPace(idle=0))
    ask_enrolment(box.store, code, system_clock())
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not engine.state.enrolled or box.counts().pending:
        assert time.monotonic() < deadline, f"not sent: {box.counts()}, {engine.state}"
        engine.step()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="marelle-smoke-") as scratch:
        sys.exit(main(Path(scratch)))
