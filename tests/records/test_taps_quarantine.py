"""Bytes that are no batch: kept once, bounded for strangers; and what a terminal is told of itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from records.actors import SETUP
from records.database import Records
from records.models import DeviceStatus, TapQuarantine
from records.operations import contacts, quarantine
from records.operations.contacts import STATE_DAYS, device_state, note_contact
from records.operations.devices import authenticate_device, revoke_device
from records.operations.quarantine import QuarantineFull, RefusedBytes, StorageUnavailable, keep_bytes
from records.operations.quarantine_desk import quarantined_things, settle_things
from records.operations.taps import TapStore
from tests.factories.databases import sqlite_copy
from tests.factories.ingest import HandClock, Terminal
from tests.factories.people import a_terminal
from tests.factories.wire import make_taps

DAY = 86_400_000_000


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


@pytest.fixture
def sqlite_town(tmp_path: Path, town_file: Path, clock: HandClock) -> Iterator[Records]:
    """The town in SQLite, for what is SQLite's own."""
    records = sqlite_copy(town_file, tmp_path, clock)
    yield records
    records.close()


def contents(records: Records) -> list[bytes]:
    """Return what is in quarantine, oldest first."""
    with records.read() as session:
        return list(session.scalars(select(TapQuarantine.content).order_by(TapQuarantine.id)))


def from_stranger(content: bytes, received_at: int = DAY) -> RefusedBytes:
    """Return bytes that nobody known sent."""
    return RefusedBytes(None, content, "unknown_device", "no such token", received_at)


def test_bytes_are_kept_as_they_came(town: Records, terminal: Terminal) -> None:
    keep_bytes(town, RefusedBytes(terminal.device_id, b"\x00\xff<html>", "unreadable_batch", "not JSON", DAY))
    assert contents(town) == [b"\x00\xff<html>"]


def test_bytes_of_a_terminal_sent_again_are_one_row(town: Records, terminal: Terminal) -> None:
    for _ in range(3):
        keep_bytes(town, RefusedBytes(terminal.device_id, b"x", "unreadable_batch", "not JSON", DAY))
    assert contents(town) == [b"x"]


def test_bytes_of_a_stranger_sent_again_are_one_row(town: Records) -> None:
    for _ in range(3):
        keep_bytes(town, from_stranger(b"x"))
    assert contents(town) == [b"x"]


def test_strangers_cannot_fill_the_disk(town: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "STRANGER_BYTES_A_DAY_MAX", 10)
    keep_bytes(town, from_stranger(b"12345"))
    keep_bytes(town, from_stranger(b"67890"))
    with pytest.raises(QuarantineFull, match="n'est pas conservé"):
        keep_bytes(town, from_stranger(b"!"))
    keep_bytes(town, from_stranger(b"!", received_at=3 * DAY))
    assert contents(town) == [b"12345", b"67890", b"!"]


def test_full_quarantine_of_strangers_does_not_touch_known_terminals(
    town: Records, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "STRANGER_BYTES_A_DAY_MAX", 0)
    keep_bytes(town, RefusedBytes(terminal.device_id, b"x", "unreadable_batch", "not JSON", DAY))
    assert contents(town) == [b"x"]


def test_database_that_cannot_be_written_to_is_named_and_keeps_nothing(sqlite_town: Records) -> None:
    with sqlite_town.engine.connect() as connection:
        connection.execute(text("pragma query_only = on"))  # as a full or read-only disk would
    with pytest.raises(StorageUnavailable, match="le terminal garde tout"):
        keep_bytes(sqlite_town, from_stranger(b"x"))
    with sqlite_town.engine.connect() as connection:
        connection.execute(text("pragma query_only = off"))
    assert contents(sqlite_town) == []


def test_state_tells_a_rebuilt_terminal_what_is_kept(town: Records, terminal: Terminal, clock: HandClock) -> None:
    taps = make_taps(4)
    TapStore(town).keep(terminal.batch([taps[0], taps[3]], received_at=clock.now))
    device = authenticate_device(town, terminal.token)
    assert device is not None
    state = device_state(town, device, clock.now)
    assert (state.device_ref, state.revoked, state.server_time) == (terminal.device_ref, False, clock.now)
    assert [(each.epoch, each.watermark, each.last_seq, each.held) for each in state.epochs] == [
        (taps[0].epoch, 1, 4, 2)
    ]
    assert state.apart == []


def test_state_names_what_is_kept_apart(town: Records, terminal: Terminal, clock: HandClock) -> None:
    first, second = (
        RefusedBytes(terminal.device_id, b"one", "malformed_tap", "", clock.now),
        a_terminal(town, "b-2"),
    )
    keep_bytes(town, first)
    keep_bytes(town, replace(first, device_id=second.device_id, content=b"two"))
    device = authenticate_device(town, terminal.token)
    assert device is not None
    assert device_state(town, device, clock.now).apart == [hashlib.sha256(b"one").hexdigest()]


def test_state_fills_its_list_with_the_latest_contents_and_no_settlement(
    town: Records, terminal: Terminal, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "APART_MAX", 2)
    first = RefusedBytes(terminal.device_id, b"one", "malformed_tap", "", clock.now)
    for thing in (first, replace(first, content=b"two"), replace(first, content=b"three")):
        keep_bytes(town, thing)
    keep_bytes(town, replace(first, content=b"three", reason="conflict"))  # one content, for two reasons
    [latest, *_] = quarantined_things(town, SETUP)
    settle_things(town, SETUP, [latest.thing_id], "no_effect", "Essai de la borne")
    device = authenticate_device(town, terminal.token)
    assert device is not None
    hashes = {hashlib.sha256(content).hexdigest() for content in (b"two", b"three")}
    assert device_state(town, device, clock.now).apart == sorted(hashes)


def test_state_forgets_old_epochs_but_never_a_hole(town: Records, terminal: Terminal, clock: HandClock) -> None:
    whole, holed, store = make_taps(2), make_taps(3), TapStore(town)
    store.keep(terminal.batch([*whole, *holed[1:]], received_at=clock.now))
    device = authenticate_device(town, terminal.token)
    assert device is not None
    later = clock.now + (STATE_DAYS + 1) * DAY
    assert [each.epoch for each in device_state(town, device, later).epochs] == [holed[0].epoch]


def test_state_of_a_revoked_terminal_says_so(town: Records, terminal: Terminal, clock: HandClock) -> None:
    revoke_device(town, SETUP, terminal.device_ref)
    device = authenticate_device(town, terminal.token)
    assert device is not None
    assert device_state(town, device, clock.now).revoked is True


def test_contact_is_noted_without_counting_as_a_change(town: Records, terminal: Terminal) -> None:
    before = town.change_seq()
    note_contact(town, terminal.device_id, 5_000_000_000, "1.2.3")
    note_contact(town, terminal.device_id, 5_000_000_001)
    note_contact(town, terminal.device_id, 6_000_000_000)
    with town.read() as session:
        status = session.get_one(DeviceStatus, terminal.device_id)
    assert (status.last_seen_at, status.software_version) == (6_000_000_000, "1.2.3")
    assert town.change_seq() == before
