"""The terminal's sync against the shipped API over real HTTP: the two rooms agree on every word of the contract."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from domain.taps import TapKind
from domain.time import system_clock
from ingest_api.app import create_app
from records.actors import SETUP
from records.database import Records
from records.operations.devices import NewDevice, register_device, revoke_device
from terminal.clock import Timekeeper, system_instruments
from terminal.outbox import Outbox, TapDraft, borrowed_store
from terminal.outbox.sync_state import ask_enrolment, load_sync_state
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient, new_http_client
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import IdentityStore
from tests.factories.databases import SMALL_TOWN, sqlite_copy, sqlite_template
from tests.factories.town import SCHOOL
from tests.harness.processes import free_port
from tests.unit.terminal.builders import UIDS


@dataclass
class Server:
    """The real records and the real API on a real port."""

    records: Records
    url: str


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    records = sqlite_copy(sqlite_template(SMALL_TOWN), tmp_path, system_clock)
    port = free_port()
    config = uvicorn.Config(create_app(records), host="127.0.0.1", port=port, log_level="warning", access_log=False)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, name="api")
    thread.start()
    _wait(lambda: running.started)
    yield Server(records, f"http://127.0.0.1:{port}")
    running.should_exit = True
    thread.join(10)
    records.close()


def test_enrolled_roster_taps_and_state_through_the_shipped_api(server: Server, tmp_path: Path) -> None:
    code = register_device(server.records, SETUP, NewDevice("borne-1", "Borne du hall", SCHOOL, "badge"))
    box = Outbox(tmp_path / "outbox", system_clock)
    kept = [one.tap for one in box.keep_all([_draft()] * 250)]
    roster = RosterStore(tmp_path / "roster.json")
    with new_http_client(server.url) as http:
        place = SyncPlace(
            lambda: borrowed_store(box.folder), roster, IdentityStore(tmp_path / "identity.json"), "test"
        )
        chance = SyncChance(system_instruments(), random.Random(1))
        engine = SyncEngine(place, ServerClient(http), chance, SyncPace(idle=0, state_every=0.2, report_every=0))
        ask_enrolment(box.store, code, system_clock())

        _wait(lambda: engine.step() is not None and box.counts().acked == 250)
        state = load_sync_state(box.store)
        assert (state.enrolled, state.device_label, state.reachable) == (True, "Borne du hall", True)
        assert state.anchor is not None
        assert abs(state.anchor.server_time - state.anchor.wall) < 5_000_000
        stored = roster.load()
        assert stored is not None
        assert stored.roster.structure_ref == SCHOOL

        _send_again(box, kept[0].epoch, engine)
        assert box.store.rows("SELECT note, count(*) FROM tap GROUP BY note") == [("duplicate", 250)]

        box.store.park(box.keep(_draft()).tap.tap_id, "illisible", system_clock())
        _wait(lambda: engine.step() is not None and box.counts().acked == 251)  # asked for again, and sent

        revoke_device(server.records, SETUP, "borne-1")
        box.keep(_draft())
        _wait(lambda: engine.step() is not None and engine.state.revoked and box.counts().pending == 0)
        assert roster.load() is None
    box.close()


def _draft() -> TapDraft:
    return TapDraft(TapKind.BADGE, Timekeeper(system_instruments()).moment(), badge_uid=UIDS["lea"])


def _send_again(box: Outbox, epoch: str, engine: SyncEngine) -> None:
    """Forget what the server acknowledged, as a terminal rebuilt from its journals does, and send all again."""
    assert box.store.reoffer_above({epoch: 0}) == 250
    _wait(lambda: engine.step() is not None and box.counts().pending == 0)


def _wait(done: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.001)
