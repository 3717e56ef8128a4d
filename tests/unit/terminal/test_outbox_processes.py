"""Real processes on one outbox: killed, starved of disk, and side by side (test plan F1, F4; house rule 11)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from terminal.outbox.journal import journal_files, read_journal
from terminal.outbox.locks import FileLock
from terminal.sync.process import EXIT_LOCKED
from tests.unit.terminal.builders import outbox


def run(module: str, *arguments: object) -> object:
    """Run one of this folder's programs; return the JSON it prints last."""
    command = [sys.executable, "-m", f"tests.unit.terminal.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_what_was_green_before_a_kill_is_there_after_twenty_rounds(tmp_path: Path) -> None:
    green = run("killed_writers", tmp_path, 20, 2026)
    assert isinstance(green, list)
    box = outbox(tmp_path)
    held = {tap.tap_id for tap in box.store.pending(100_000, 10**9)}
    in_journals = {frame.tap_id for path in journal_files(tmp_path) for frame in read_journal(path).taps}
    assert len(green) >= 20
    assert set(green) <= held
    assert held == in_journals
    assert box.recovery.holes == 0
    box.close()


def test_two_screens_write_at_once_while_one_process_sends(tmp_path: Path) -> None:
    told = run("busy_writers", tmp_path, 60)
    assert isinstance(told, dict)
    green = {tap_id for ids in told["green"] for tap_id in ids}
    assert len(green) == 120
    assert {tap["tap_id"] for tap in told["server"]} == green
    by_epoch: dict[str, list[int]] = {}
    for tap in told["server"]:  # in the order they arrived
        by_epoch.setdefault(tap["epoch"], []).append(tap["seq"])
    assert list(by_epoch.values()) == [list(range(1, 61))] * 2
    box = outbox(tmp_path / "outbox")
    assert (box.counts().acked, box.counts().pending) == (120, 0)
    box.close()


def test_a_disk_that_fills_up_shows_red_and_is_used_again_later(tmp_path: Path) -> None:
    """A real limit on file sizes: what was green before, and after the space came back, is all there is."""
    told = run("starved_writer", tmp_path)
    assert isinstance(told, dict)
    # SQLite calls a file that may not grow an I/O error, the journal a lack of room.
    assert set(told["refused"]) <= {"M-11", "M-12"}
    assert told["refused"]
    box = outbox(tmp_path)
    held = [tap.tap_id for tap in box.store.pending(100_000, 10**9)]
    assert set(held) == set(told["green"])
    assert len(held) == len(told["green"])
    assert box.recovery.holes == 0
    box.close()


def test_only_one_process_sends_and_it_ends_with_its_screen(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "terminal.sync", "--home", str(tmp_path), "--api", "http://127.0.0.1:9"]
    outbox(tmp_path / "outbox").close()
    first = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        lock = FileLock(tmp_path / "sync.lock")
        deadline = time.monotonic() + 20
        while lock.exclusive() and time.monotonic() < deadline:
            lock.release()
            time.sleep(0.02)
        second = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=20, check=False)
        assert second.returncode == EXIT_LOCKED
        assert first.poll() is None
        assert first.stdin is not None
        first.stdin.close()
        assert first.wait(20) == 0
        assert lock.exclusive()
        lock.release()
    finally:
        first.kill()
        first.wait()
