"""How long a person waits for green: `Outbox.keep` against the two bare fsyncs that no durable tap can do without.

Both are measured in turn within one run, because the speed of an fsync changes from minute to minute. The disk is
that of the current folder, or of the folder given; a memory file system would measure nothing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from domain.taps import TapKind
from domain.time import system_clock
from terminal.clock import Timekeeper, system_instruments
from terminal.outbox import Outbox, TapDraft

TAPS, WARM_UP = 10_000, 100
FRAME_BYTES = 450  # as long as a tap's frame


def main(folder: Path) -> None:
    """Measure and print; the last line is JSON."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="marelle-bench-") as name:
        fsyncs, keeps = _measure(Path(name))
    figures = {
        "taps": TAPS,
        "keep_p50_ms": _percentile(keeps, 50),
        "keep_p99_ms": _percentile(keeps, 99),
        "two_fsyncs_p50_ms": _percentile(fsyncs, 50),
        "two_fsyncs_p99_ms": _percentile(fsyncs, 99),
    }
    ratios = {
        "keep_over_two_fsyncs_p50": round(figures["keep_p50_ms"] / figures["two_fsyncs_p50_ms"], 2),
        "keep_over_two_fsyncs_p99": round(figures["keep_p99_ms"] / figures["two_fsyncs_p99_ms"], 2),
    }
    print(f"Un passage durable : {figures['keep_p50_ms']} ms (médiane), {figures['keep_p99_ms']} ms (p99)")
    print(
        f"Deux fsync nus     : {figures['two_fsyncs_p50_ms']} ms (médiane), {figures['two_fsyncs_p99_ms']} ms (p99)"
    )
    print(json.dumps({"name": "tap_to_durable", "figures": figures, "ratios": ratios}))


def _measure(folder: Path) -> tuple[list[float], list[float]]:
    """Return the sorted seconds of each pair of bare fsyncs and of each `keep`, taken in turn."""
    keeper = Timekeeper(system_instruments())
    outbox = Outbox(folder / "outbox", system_clock)
    files = [os.open(folder / f"bare-{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND) for number in range(2)]
    fsyncs, keeps = [], []
    for number in range(WARM_UP + TAPS):
        bare = _timed(lambda: _write_and_sync(files))
        kept = _timed(lambda: outbox.keep(TapDraft(TapKind.BADGE, keeper.moment(), badge_uid="04A1B2C3D4E5F6")))
        if number >= WARM_UP:
            fsyncs.append(bare)
            keeps.append(kept)
    outbox.close()
    for file in files:
        os.close(file)
    return sorted(fsyncs), sorted(keeps)


def _write_and_sync(files: list[int]) -> None:
    for file in files:
        os.write(file, bytes(FRAME_BYTES))
        os.fsync(file)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _percentile(seconds: list[float], percent: int) -> float:
    return round(seconds[min(len(seconds) - 1, len(seconds) * percent // 100)] * 1000, 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd())
