"""Cold start of the terminal: process start to first painted screen on a pty, against importing Textual alone."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from domain.time import local_day, system_clock
from terminal.config import TerminalFiles
from terminal.roster.store import RosterStore
from tests.factories.rosters import a_roster
from tests.harness.pty_terminal import PtyTerminal

RUNS = 7
_START = (
    "import sys; from pathlib import Path; from terminal.app import run_terminal; "
    "from terminal.config import TerminalConfig; "
    "sys.exit(run_terminal(TerminalConfig(home=Path(sys.argv[1]), api='http://127.0.0.1:9')))"
)


def first_paint_seconds(home: Path) -> float:
    """Return seconds from exec to the words that tell families what to do."""
    started = time.perf_counter()
    terminal = PtyTerminal([sys.executable, "-c", _START, str(home)])
    try:
        terminal.wait_for("Présentez votre badge", timeout=30)
        return time.perf_counter() - started
    finally:
        terminal.close()


def bare_import_seconds() -> float:
    """Return seconds for a process that only imports Textual's application class."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from textual.app import App"], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Alternate the two, print the ratio."""
    paints: list[float] = []
    bare: list[float] = []
    for run in range(RUNS + 1):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            RosterStore(TerminalFiles(home).roster).save(
                a_roster(local_day(system_clock(), "Europe/Paris")), "etag"
            )
            paint, floor = first_paint_seconds(home), bare_import_seconds()
        print(f"run {run}: first paint {paint:.2f} s, bare import {floor:.2f} s")
        if run:  # the first warms the file cache
            paints.append(paint)
            bare.append(floor)
    figures = {
        "first_paint_s_median": round(statistics.median(paints), 3),
        "bare_textual_import_s_median": round(statistics.median(bare), 3),
    }
    ratio = figures["first_paint_s_median"] / figures["bare_textual_import_s_median"]
    ratios = {"first_paint_over_bare_import": round(ratio, 2)}
    print(json.dumps({"name": "terminal_cold_start", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
