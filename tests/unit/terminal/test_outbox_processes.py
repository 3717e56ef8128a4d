"""Real processes on one outbox: killed, starved of disk, and side by side (test plan F1, F4; house rule 11)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from terminal.outbox.journal import journal_files, read_journal
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
