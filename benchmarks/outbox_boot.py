"""How long a terminal's memory takes to open with all the taps it may ever hold, against one read of its files.

Starts with 200 000 taps: after a clean end, after a kill, when a full check could not finish before, and when one
found the database bad, which makes it anew. The bare read of the same files is of the same run.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from domain.taps import TapKind
from domain.time import system_clock
from terminal.outbox import Moment, Outbox, TapDraft
from terminal.outbox.store import STORE_NAME
from terminal.outbox.suspicion import note_check

TAPS, TOGETHER, KILLED = 200_000, 1_000, 10
_MOMENT = Moment(1_795_500_000_000_000, 1_000, "boot", 0, 0)


def main(folder: Path) -> None:
    """Measure and print; the last line is JSON."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="marelle-bench-") as name:
        home = Path(name) / "outbox"
        _fill(home)
        _keep_and_be_killed(home)
        killed = _start_seconds(home)
        clean = _start_seconds(home)
        read = _bare_read_seconds(home)
        note_check(home, None)
        suspected = _start_seconds(home)
        note_check(home, [STORE_NAME])
        repaired = _start_seconds(home)
    found = {"clean_end": clean, "killed": killed, "suspected": suspected, "repaired": repaired}
    figures = {"taps": TAPS, "bare_read_s": round(read, 3)}
    figures |= {f"boot_{what}_s": round(seconds, 3) for what, seconds in found.items()}
    ratios = {f"boot_{what}_over_bare_read": round(seconds / read, 1) for what, seconds in found.items()}
    print(f"Ouverture avec {TAPS} passages : {clean:.2f} s ; après un arrêt brutal : {killed:.2f} s")
    print(f"Après un soupçon d'abîme : {suspected:.2f} s ; après une réparation : {repaired:.2f} s")
    print(f"Lecture nue des fichiers : {read:.2f} s")
    print(json.dumps({"name": "outbox_boot", "figures": figures, "ratios": ratios}))


def _fill(home: Path) -> None:
    box = Outbox(home, system_clock)
    for _ in range(TAPS // TOGETHER - KILLED):
        _keep(box)
    box.close()


def _keep_and_be_killed(home: Path) -> None:
    """Keep the last taps in a process that ends without a word: its journal is not sealed."""
    pid = os.fork()
    if pid == 0:
        box = Outbox(home, system_clock)
        for _ in range(KILLED):
            _keep(box)
        os._exit(0)
    os.waitpid(pid, 0)


def _keep(box: Outbox) -> None:
    box.keep_all([TapDraft(TapKind.BADGE, _MOMENT, badge_uid="04A1B2C3D4E5F6")] * TOGETHER)


def _bare_read_seconds(home: Path) -> float:
    started = time.perf_counter()
    for path in home.iterdir():
        path.read_bytes()
    return time.perf_counter() - started


def _start_seconds(home: Path) -> float:
    started = time.perf_counter()
    box = Outbox(home, system_clock)
    held = box.counts().held
    seconds = time.perf_counter() - started
    box.close()
    if held != TAPS:
        raise RuntimeError(f"{held} taps of {TAPS} are there")
    return seconds


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd())
