"""Starting again after anything: the outbox is the union of its two copies, and says what it found (P7)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from terminal.outbox import Outbox, StoredTap, TapNotKept, purge, recovery
from terminal.outbox.durable import write_again
from terminal.outbox.journal import journal_files, read_journal, tap_frame
from terminal.outbox.recovery import last_report
from terminal.outbox.suspicion import found_bad, note_check, suspicion
from tests.unit.terminal.builders import badge, instant, outbox

STORE = "outbox.sqlite3"
DAY = 24 * 3600 * 1_000_000


def crashed_copy(box: Outbox, target: Path) -> Path:
    """Copy the files as a power cut would leave them, while the process still runs."""
    shutil.copytree(box.folder, target)
    return target


def filled(folder: Path, taps: int) -> list[str]:
    """Keep taps, stop cleanly, return their ids."""
    box = outbox(folder)
    ids = [box.keep(badge()).tap.tap_id for _ in range(taps)]
    box.close()
    return ids


def pending_ids(box: Outbox) -> set[str]:
    return {tap.tap_id for tap in box.store.pending(10_000, 10**9)}


def test_a_process_killed_after_green_loses_nothing(tmp_path: Path) -> None:
    box = outbox(tmp_path / "a")
    ids = {box.keep(badge()).tap.tap_id for _ in range(20)}
    again = outbox(crashed_copy(box, tmp_path / "b"))
    assert pending_ids(again) == ids
    assert again.recovery.sentences() == ("La mémoire de la borne est en bon état.",)
    box.close()
    again.close()


def test_a_tap_that_only_the_journal_knows_is_offered(tmp_path: Path) -> None:
    ids = filled(tmp_path, 3)
    (tmp_path / STORE).unlink()
    box = outbox(tmp_path)
    assert pending_ids(box) == set(ids)
    assert box.recovery.taps_from_journals == 3
    assert box.recovery.is_worth_telling
    told = " ".join(box.recovery.sentences())
    assert "3\u00a0passages retrouvés" in told
    assert "bon état" not in told
    box.close()


def test_a_tap_that_only_the_database_knows_gets_its_second_copy_back(tmp_path: Path) -> None:
    ids = filled(tmp_path, 3)
    [path] = journal_files(tmp_path)
    path.unlink()
    box = outbox(tmp_path)
    assert pending_ids(box) == set(ids)
    assert {frame.tap_id for frame in read_journal(path).taps} == set(ids)
    box.close()


def test_a_torn_last_frame_is_ordinary(tmp_path: Path) -> None:
    box = outbox(tmp_path / "a")
    ids = {box.keep(badge()).tap.tap_id for _ in range(3)}
    copy = crashed_copy(box, tmp_path / "b")
    [path] = journal_files(copy)
    with path.open("ab") as file:
        file.write(path.read_bytes()[-200:-50])
    again = outbox(copy)
    assert pending_ids(again) == ids
    assert (again.recovery.torn_tails, again.recovery.journals_damaged) == (1, 0)
    assert not again.recovery.is_worth_telling
    box.close()
    again.close()


def test_a_damaged_journal_keeps_what_follows_the_damage(tmp_path: Path) -> None:
    ids = filled(tmp_path, 5)
    [path] = journal_files(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    (tmp_path / STORE).unlink()  # and the other copy is gone
    box = outbox(tmp_path)
    assert len(pending_ids(box) & set(ids)) == 4
    assert (box.recovery.journals_damaged, box.recovery.holes) == (1, 1)
    assert any("1\u00a0passage manque" in sentence for sentence in box.recovery.sentences())
    assert list((tmp_path / "corrupt").rglob("journal-*.log"))
    box.close()


@pytest.mark.parametrize("page", [1, 2, 5, 9])
def test_a_corrupted_page_is_moved_aside_and_nothing_is_lost(tmp_path: Path, page: int) -> None:
    ids = filled(tmp_path, 60)
    path = tmp_path / STORE
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    box = outbox(tmp_path)
    assert pending_ids(box) == set(ids)
    assert box.recovery.store_was == "damaged"
    told = " ".join(box.recovery.sentences())
    assert "réparée au démarrage" in told
    assert "60\u00a0passages retrouvés" in told
    assert "Aucun passage connu ne manque." in told
    assert "SQL" not in told
    [aside] = (tmp_path / "corrupt").rglob(STORE)
    assert aside.stat().st_size == len(data)
    box.close()


def test_what_the_server_acknowledged_stays_acknowledged_through_a_repair(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    ids = [box.keep(badge()).tap.tap_id for _ in range(60)]
    box.store.acknowledge({tap_id: "stored" for tap_id in ids[:40]}, instant(9))
    box.close()
    with sqlite3.connect(tmp_path / STORE) as db:
        [(root,)] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tap_time'").fetchall()
    db.close()
    _overwrite_page(tmp_path / STORE, root)
    again = outbox(tmp_path)
    assert (again.counts().acked, again.counts().pending) == (40, 20)
    again.close()


def test_a_database_replaced_by_an_old_backup_is_completed_by_the_journals(tmp_path: Path) -> None:
    first = filled(tmp_path, 4)
    backup = (tmp_path / STORE).read_bytes()
    second = filled(tmp_path, 4)
    (tmp_path / STORE).write_bytes(backup)
    box = outbox(tmp_path)
    assert pending_ids(box) == {*first, *second}
    box.close()


def test_a_lost_write_ahead_log_is_made_good(tmp_path: Path) -> None:
    box = outbox(tmp_path / "a")
    ids = {box.keep(badge()).tap.tap_id for _ in range(10)}
    copy = crashed_copy(box, tmp_path / "b")
    (copy / f"{STORE}-wal").unlink()
    again = outbox(copy)
    assert pending_ids(again) == ids
    box.close()
    again.close()


def test_the_write_ahead_log_is_written_again_before_anything_can_remove_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = outbox(tmp_path / "a")
    box.keep(badge())
    copy = crashed_copy(box, tmp_path / "b")
    log = copy / f"{STORE}-wal"
    found, again = log.read_bytes(), {}

    def written(path: Path) -> bytes:
        again[path] = write_again(path)
        return again[path]

    monkeypatch.setattr(recovery, "write_again", written)
    outbox(copy).close()
    assert again[log] == found
    assert found
    box.close()


def test_a_tap_whose_row_has_rotted_stays_in_a_journal_that_is_rewritten(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    ids = [box.keep(badge()).tap.tap_id for _ in range(5)]
    box.store.acknowledge({tap_id: "stored" for tap_id in ids}, instant(9))  # a start checks only unsent rows
    box.close()
    [path] = journal_files(tmp_path)
    body = read_journal(path).taps[0].body
    rotten = (tmp_path / STORE).read_bytes().replace(body, body[:-1] + b"~")
    assert rotten != (tmp_path / STORE).read_bytes()
    (tmp_path / STORE).write_bytes(rotten)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert {frame.tap_id for frame in read_journal(path).taps} < set(ids)
    again = outbox(tmp_path)
    assert (again.recovery.store_was, again.recovery.journals_damaged) == ("sound", 1)
    assert [frame.tap_id for frame in read_journal(path).taps] == ids
    again.close()


def test_a_tap_with_a_taken_number_is_kept_for_a_person(tmp_path: Path) -> None:
    ids = filled(tmp_path / "a", 1)
    filled(tmp_path / "b", 1)
    [ours] = journal_files(tmp_path / "a")
    [theirs] = journal_files(tmp_path / "b")
    frame = read_journal(theirs).taps[0]
    epoch, other = ours.stem[8:], theirs.stem[8:]
    forged = frame.body.replace(other.encode(), epoch.encode())
    with sqlite3.connect(tmp_path / "a" / STORE) as db:
        db.execute("DELETE FROM journal_seal")
    db.close()
    stored = StoredTap.read(forged)
    assert stored is not None
    with ours.open("ab") as file:
        file.write(tap_frame(stored))
    box = outbox(tmp_path / "a")
    assert pending_ids(box) == set(ids)
    assert box.recovery.misfits == 1
    assert box.store.rows("SELECT tap_id, reason FROM misfit") == [(frame.tap_id, "identity_taken")]
    box.close()


def test_a_living_neighbour_is_not_taken_for_dead(tmp_path: Path) -> None:
    here = outbox(tmp_path)
    there = outbox(tmp_path)
    assert len(journal_files(tmp_path)) == 0
    ids = {here.keep(badge()).tap.tap_id, there.keep(badge()).tap.tap_id}
    third = outbox(tmp_path)
    assert pending_ids(third) == ids
    assert third.recovery.taps_from_journals == 0
    for box in (here, there, third):
        box.close()


def test_damage_found_while_running_is_repaired_at_the_next_tap(tmp_path: Path) -> None:
    filled(tmp_path, 60)
    box = outbox(tmp_path)
    box.store.checkpoint()
    with sqlite3.connect(tmp_path / STORE) as db:
        [(root,)] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tap_time'").fetchall()
    db.close()
    box.store.rows("PRAGMA shrink_memory")
    _overwrite_page(tmp_path / STORE, root)
    assert box.verify() is False
    box.keep(badge())
    assert box.recovery.store_was == "damaged"
    assert box.counts().held == 61
    box.close()


def test_a_damaged_journal_found_while_running_is_rewritten_at_the_next_tap(tmp_path: Path) -> None:
    ids = filled(tmp_path, 5)
    [path] = journal_files(tmp_path)
    box = outbox(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert box.verify() is False
    assert found_bad(tmp_path) == {path.name}
    box.keep(badge())
    assert (box.recovery.store_was, box.recovery.journals_damaged) == ("sound", 1)
    assert [frame.tap_id for frame in read_journal(path).taps] == ids
    assert not suspicion(tmp_path).exists()
    box.close()


def test_a_check_that_could_not_finish_is_remembered_until_one_finds_all_well(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    note_check(tmp_path, None)
    box = outbox(tmp_path)
    box.keep(badge())
    assert suspicion(tmp_path).exists()
    assert box.verify() is True
    assert not suspicion(tmp_path).exists()
    box.close()


def test_an_epoch_emptied_during_the_check_is_no_damage(tmp_path: Path) -> None:
    ids = filled(tmp_path, 3)
    [path] = journal_files(tmp_path)
    journal = path.read_bytes()
    box = outbox(tmp_path)
    box.store.acknowledge({tap_id: "stored" for tap_id in ids}, instant(9))
    assert purge(box.store, instant(9) + 100 * DAY) == 3
    path.write_bytes(journal)  # as the check read it, a moment before
    assert box.verify() is True
    box.close()


def test_damage_with_another_screen_running_shows_red_and_touches_nothing(tmp_path: Path) -> None:
    filled(tmp_path, 60)
    other = outbox(tmp_path)
    other.store.checkpoint()
    _overwrite_page(tmp_path / STORE, 1)
    box = outbox(tmp_path)
    assert box.fault is not None
    with pytest.raises(TapNotKept) as refusal:
        box.keep(badge())
    assert refusal.value.support_code == "M-14"
    assert not (tmp_path / "corrupt").exists()
    other.close()


def test_the_last_report_can_be_read_again_later(tmp_path: Path) -> None:
    filled(tmp_path, 30)
    _overwrite_page(tmp_path / STORE, 1)
    outbox(tmp_path).close()
    box = outbox(tmp_path)
    report = last_report(box.store)
    assert report is not None
    assert report.taps_from_journals == 30
    box.close()


def test_a_start_with_a_large_outbox_is_quick(tmp_path: Path) -> None:
    """20 000 taps, a tenth of the capacity; the promise is 3 s for all of it."""
    box = outbox(tmp_path)
    for _ in range(20):
        box.keep_all([badge()] * 1_000)
    copy = crashed_copy(box, tmp_path.with_name(tmp_path.name + "-copy"))
    started = time.perf_counter()
    again = outbox(copy)
    seconds = time.perf_counter() - started
    assert again.counts().pending == 20_000
    assert seconds < 3
    box.close()
    again.close()


def _overwrite_page(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
        file.flush()
        os.fsync(file.fileno())


def _change_in_file(path: Path, was: bytes, becomes: bytes, page: int) -> None:
    """Rot some bytes of one page of a database, the first time they stand there."""
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    place = data.index(was, (page - 1) * size, page * size)
    data[place : place + len(was)] = becomes
    path.write_bytes(data)


def test_a_table_whose_own_description_has_rotted_is_repaired(tmp_path: Path) -> None:
    ids = filled(tmp_path, 3)
    _change_in_file(tmp_path / STORE, b"'parked'", b"'pirked'", page=1)
    box = outbox(tmp_path)
    assert box.recovery.store_was == "damaged"
    assert pending_ids(box) == set(ids)
    box.store.park(ids[0], "unreadable", instant(9))
    assert box.counts().parked == 1
    box.close()


def _root_page(path: Path, name: str) -> int:
    """Return the page where a table or an index begins."""
    with sqlite3.connect(path) as db:
        [(root,)] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [name]).fetchall()
    db.close()
    return int(root)


def _rot_epoch(folder: Path, name: str, becomes: bytes) -> None:
    """Change the first epoch that a table or an index holds."""
    [journal] = journal_files(folder)
    epoch = journal.stem.removeprefix("journal-").encode()
    path = folder / STORE
    _change_in_file(path, epoch[-32:], becomes * 32, page=_root_page(path, name))


@pytest.mark.parametrize("name", ["tap", "sqlite_autoindex_tap_2"])
@pytest.mark.parametrize("becomes", [b"\0", b"\xff"], ids=["zeros", "no UTF-8"])
def test_an_epoch_that_has_rotted_is_repaired_at_the_start(tmp_path: Path, name: str, becomes: bytes) -> None:
    ids = filled(tmp_path, 3)
    _rot_epoch(tmp_path, name, becomes)
    box = outbox(tmp_path)
    assert box.recovery.store_was == "damaged"
    assert pending_ids(box) == set(ids)
    box.close()


@pytest.mark.parametrize("becomes", [b"\0", b"\xff"], ids=["zeros", "no UTF-8"])
def test_an_epoch_that_has_rotted_in_the_list_of_what_waits_is_found_by_the_full_check(
    tmp_path: Path, becomes: bytes
) -> None:
    ids = filled(tmp_path, 3)
    _rot_epoch(tmp_path, "tap_pending", becomes)
    box = outbox(tmp_path)
    assert not box.verify()
    kept = box.keep(badge())
    assert box.recovery.store_was == "damaged"
    assert pending_ids(box) == {*ids, kept.tap.tap_id}
    box.close()
