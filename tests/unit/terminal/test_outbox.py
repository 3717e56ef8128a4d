"""Keeping a tap: identity first, both copies or nothing (P1, P2, P4)."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.taps import TapKind
from terminal.outbox import Outbox, StoredTap, TapDraft, TapNotKept, purge
from terminal.outbox.journal import journal_files, read_journal
from tests.unit.terminal.builders import badge, clock_at, instant, moment, outbox, roll_call

DAY = 24 * 3600 * 1_000_000


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    opened = outbox(tmp_path)
    yield opened
    opened.close()


def test_a_kept_tap_is_in_the_database_and_in_the_journal(box: Outbox) -> None:
    kept = box.keep(badge())
    [pending] = box.store.pending(10, 100_000)
    [frame] = read_journal(journal_files(box.folder)[0]).taps
    assert pending == StoredTap.of(kept.tap)
    assert frame.body == pending.body


def test_identity_is_dense_per_epoch_and_never_shared(box: Outbox) -> None:
    taps = [box.keep(badge()).tap for _ in range(5)]
    assert [tap.seq for tap in taps] == [1, 2, 3, 4, 5]
    assert len({tap.tap_id for tap in taps}) == 5
    assert len({tap.epoch for tap in taps}) == 1


def test_each_process_start_has_its_own_epoch(tmp_path: Path) -> None:
    epochs = set()
    for _ in range(3):
        box = outbox(tmp_path)
        epochs.add(box.keep(badge()).tap.epoch)
        box.close()
    assert len(epochs) == 3


def test_a_tap_carries_the_evidence_of_its_time(box: Outbox) -> None:
    tap = box.keep(TapDraft(TapKind.BADGE, moment(offset_ms=-1500, offset_age_ms=60_000), badge_uid="04AABBCC")).tap
    assert (tap.occurred_at, tap.clock_offset_ms, tap.clock_offset_age_ms) == (instant(8, 2), -1500, 60_000)
    assert tap.boot_id == "boot-1"


def test_several_taps_are_kept_together_or_not_at_all(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.keep_all([roll_call("lea"), roll_call("noe")])
    _fail(monkeypatch, "fsync", errno.EIO)
    with pytest.raises(TapNotKept):
        box.keep_all([roll_call("ines"), roll_call("tom")])
    assert box.counts().held == 2


@pytest.mark.parametrize(
    ("call", "number", "code"), [("fsync", errno.EIO, "M-12"), ("write", errno.ENOSPC, "M-11")]
)
def test_a_journal_that_cannot_be_written_shows_red_and_leaves_no_trace(
    box: Outbox, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    box.keep(badge())
    with monkeypatch.context() as broken:
        _fail(broken, call, number)
        with pytest.raises(TapNotKept) as refusal:
            box.keep(badge())
    assert refusal.value.support_code == code
    assert box.counts().held == 1
    kept_again = box.keep(badge()).tap
    assert _ids_in_journals(box.folder) == {tap.tap_id for tap in box.store.pending(9, 99_999)}
    assert kept_again.tap_id in _ids_in_journals(box.folder)


def test_a_failed_commit_ends_the_epoch_so_that_no_number_is_used_twice(
    box: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = box.keep(badge()).tap
    with monkeypatch.context() as broken:
        broken.setattr(box.store, "_connection", _CommitFails(box.store._connection))
        with pytest.raises(TapNotKept, match="ne peut plus écrire"):
            box.keep(badge())
    after = box.keep(badge()).tap
    assert after.epoch != first.epoch
    assert (first.seq, after.seq) == (1, 1)


def test_a_ghost_of_a_red_tap_is_never_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk denied a commit that it made all the same, and the journal could not be cut back."""
    box = outbox(tmp_path)
    green = box.keep(badge()).tap
    with monkeypatch.context() as broken:
        broken.setattr(box.store, "_connection", _CommitFails(box.store._connection, secretly_commits=True))
        _fail(broken, "ftruncate", errno.EIO)
        with pytest.raises(TapNotKept):
            box.keep(badge())
    after = box.keep(badge()).tap
    box.close()
    reopened = outbox(tmp_path)
    assert {tap.tap_id for tap in reopened.store.pending(9, 99_999)} == {green.tap_id, after.tap_id}
    assert reopened.counts().void == 1
    reopened.close()


def test_a_full_outbox_refuses_and_never_overwrites(tmp_path: Path) -> None:
    box = outbox(tmp_path, taps_max=5, warn_percent=80)
    rooms = []
    for _ in range(5):
        rooms.append(box.room())
        box.keep(badge())
    with pytest.raises(TapNotKept) as refusal:
        box.keep(badge())
    assert refusal.value.support_code == "M-13"
    assert (rooms, box.room(), box.counts().held) == (["free"] * 4 + ["scarce"], "full", 5)
    box.close()


def test_a_folder_that_cannot_be_written_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    box = outbox(blocked / "outbox")
    assert box.fault is not None
    with pytest.raises(TapNotKept, match="ne peut plus écrire"):
        box.keep(badge())


def test_a_disk_that_works_again_is_used_again(tmp_path: Path) -> None:
    blocked = tmp_path / "place"
    blocked.write_text("in the way")
    box = outbox(blocked / "outbox")
    blocked.unlink()
    assert box.keep(badge()).tap.seq == 1
    box.close()


def test_a_gesture_the_contract_refuses_is_not_kept(box: Outbox) -> None:
    with pytest.raises(TapNotKept) as refusal:
        box.keep(badge(uid="not hexadecimal"))
    assert refusal.value.support_code == "M-17"
    assert box.keep(badge()).tap.seq == 1


def test_a_long_journal_gives_way_to_a_new_epoch(tmp_path: Path) -> None:
    box = outbox(tmp_path, journal_taps_max=3)
    taps = [box.keep(badge()).tap for _ in range(7)]
    assert [tap.seq for tap in taps] == [1, 2, 3, 1, 2, 3, 1]
    assert len(journal_files(tmp_path)) == 3
    box.close()


def test_a_process_without_a_tap_leaves_no_journal(tmp_path: Path) -> None:
    outbox(tmp_path).close()
    assert journal_files(tmp_path) == []


def test_unsent_taps_come_oldest_epoch_first_and_in_order(tmp_path: Path) -> None:
    sent = []
    for _ in range(2):
        box = outbox(tmp_path)
        sent += [box.keep(badge()).tap for _ in range(3)]
        box.close()
    box = outbox(tmp_path)
    assert [tap.tap_id for tap in box.store.pending(5, 99_999)] == [tap.tap_id for tap in sent[:5]]
    box.close()


def test_a_batch_stays_under_its_bytes_but_is_never_empty(box: Outbox) -> None:
    for _ in range(4):
        box.keep(badge())
    size = len(box.store.pending(1, 1)[0].body)
    assert len(box.store.pending(10, size * 2 + 2)) == 2
    assert len(box.store.pending(10, 1)) == 1


def test_counts_follow_each_state(box: Outbox) -> None:
    ids = [box.keep(badge()).tap.tap_id for _ in range(4)]
    box.store.acknowledge({ids[0]: "stored", ids[1]: "duplicate"}, instant(9))
    box.store.park(ids[2], "illisible", instant(9))
    counts = box.counts()
    assert (counts.pending, counts.acked, counts.parked) == (1, 2, 1)
    [parked] = box.store.parked()
    assert (parked.tap.tap_id, parked.reason) == (ids[2], "illisible")
    assert box.store.unpark_all() == 1
    assert box.counts().pending == 2


def test_a_server_restored_from_a_backup_is_offered_what_it_lost(box: Outbox) -> None:
    taps = [box.keep(badge()).tap for _ in range(5)]
    box.store.acknowledge({tap.tap_id: "stored" for tap in taps}, instant(9))
    assert box.store.reoffer_above({taps[0].epoch: 3}) == 2
    assert [tap.seq for tap in box.store.pending(9, 99_999)] == [4, 5]


def test_the_content_of_a_tap_never_changes(box: Outbox) -> None:
    box.keep(badge())
    with pytest.raises(sqlite3.IntegrityError, match="never changes"), box.store.transaction() as db:
        db.execute("UPDATE tap SET occurred_at = 0")


def test_a_flipped_byte_is_never_sent(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.keep(badge())
    with box.store.transaction() as db:
        db.execute("DROP TRIGGER tap_content_is_immutable")
        db.execute("UPDATE tap SET body = CAST(replace(CAST(body AS TEXT), '04A1', '04A2') AS BLOB)")
    assert box.store.pending(9, 99_999) == []
    assert box.store.damaged_rows == 1
    box.close()


def test_acknowledged_taps_leave_after_ninety_days_and_unsent_ones_never(tmp_path: Path) -> None:
    old = outbox(tmp_path)
    acked = [old.keep(badge()).tap for _ in range(3)]
    old.close()
    other = outbox(tmp_path)
    other.keep(badge())
    other.close()
    box = outbox(tmp_path)
    sent_at = instant(9)
    box.store.acknowledge({tap.tap_id: "stored" for tap in acked}, sent_at)
    assert purge(box.store, sent_at + 89 * DAY) == 0
    assert purge(box.store, sent_at + 91 * DAY) == 3
    box.close()
    again = outbox(tmp_path)
    assert (again.counts().held, len(journal_files(tmp_path))) == (1, 1)
    again.close()


def test_a_purged_epoch_does_not_come_back_from_its_journal(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    tap = box.keep(badge()).tap
    box.close()
    [path] = journal_files(tmp_path)
    content = path.read_bytes()
    box = outbox(tmp_path)
    box.store.acknowledge({tap.tap_id: "stored"}, instant(9))
    assert purge(box.store, instant(9) + 100 * DAY) == 1
    box.close()
    path.write_bytes(content)  # the removal was cut off by a power failure
    box = outbox(tmp_path)
    assert (box.counts().held, journal_files(tmp_path)) == (0, [])
    box.close()


def test_taps_of_other_processes_are_seen_by_position(tmp_path: Path) -> None:
    here, there = outbox(tmp_path), outbox(tmp_path)
    mine = here.keep(badge())
    theirs = there.keep(badge(at=instant(8, 3)))
    assert [kept.tap.tap_id for kept in here.store.taps_after(mine.position)] == [theirs.tap.tap_id]
    assert [kept.tap.tap_id for kept in here.store.taps_since(instant(8, 3))] == [theirs.tap.tap_id]
    here.close()
    there.close()


def test_a_memory_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    outbox(tmp_path).close()
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    box = Outbox(tmp_path, clock_at(instant(8, 2)))
    assert box.fault is not None
    assert "plus récente" in box.fault.message
    assert not (tmp_path / "corrupt").exists()


class _CommitFails:
    """A connection whose COMMIT reports an I/O error."""

    def __init__(self, connection: sqlite3.Connection, secretly_commits: bool = False) -> None:
        self._connection = connection
        self._secretly_commits = secretly_commits

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == "COMMIT":
            if self._secretly_commits:
                self._connection.execute(sql)
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(sql, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _fail(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    def broken(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, name, broken)


def _ids_in_journals(folder: Path) -> set[str]:
    return {frame.tap_id for path in journal_files(folder) for frame in read_journal(path).taps}
