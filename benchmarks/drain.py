"""Weeks without a network, then it comes back: how long a terminal takes to send 100 000 taps.

A real outbox that holds them, the shipped sync process, the shipped server over its own SQLite file, loopback.
Beside it, in the same run, the same server taking full batches from one connection without an outbox behind it.
`python -m benchmarks.drain`
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._ingest import SERVICE, School, Server, make_epoch, make_request, make_school, send_all, server
from domain.taps import TapKind
from domain.time import system_clock
from domain.wire.v1 import BATCH_TAPS_MAX
from terminal.clock import Timekeeper, system_instruments
from terminal.config import TerminalFiles
from terminal.outbox import Outbox, TapDraft
from terminal.sync import Identity, IdentityStore

TAPS, TAPS_A_COMMIT = 100_000, 1_000
_LOOK_EVERY_SECONDS = 0.05
_DRAIN_SECONDS_MAX = 300.0


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=TAPS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        school = make_school(f"sqlite:///{folder}/records.db", terminals=2)
        files = TerminalFiles(folder / "terminal")
        outbox = _filled(files, school.tokens[0], options.taps)
        with server(school.url, "real") as running:
            bare = _send_bare(school, running, options.taps)
            cpu_before = running.cpu_seconds()
            seconds, sync_cpu = _drain(files, outbox, running)
            server_cpu = running.cpu_seconds() - cpu_before
        outbox.close()
    figures = {
        "taps": options.taps,
        "drain_seconds": round(seconds, 2),
        "drain_taps_per_second": round(options.taps / seconds),
        "one_connection_taps_per_second": round(bare),
        "server_cpu_us_per_tap": round(server_cpu / options.taps * 1e6, 1),
        "terminal_cpu_us_per_tap": round(sync_cpu / options.taps * 1e6, 1),
    }
    ratios = {"drain_to_one_connection": round(options.taps / seconds / bare, 3)}
    print(f"{options.taps} passages en attente : envoyés et confirmés en {seconds:.1f} s")
    print(json.dumps({"name": "drain", "figures": figures, "ratios": ratios}))


def _filled(files: TerminalFiles, token: str, taps: int) -> Outbox:
    """Return the open outbox of an enrolled terminal that holds that many taps, as its screen leaves it."""
    files.home.mkdir()
    IdentityStore(files.token).save(Identity("borne-0", token, "Borne", "ecole"))
    keeper = Timekeeper(system_instruments())
    outbox = Outbox(files.outbox, system_clock)
    for start in range(0, taps, TAPS_A_COMMIT):
        outbox.keep_all(
            [
                TapDraft(TapKind.BADGE, keeper.moment(), badge_uid=f"04{number % 300:06X}", service_ref=SERVICE)
                for number in range(start, min(taps, start + TAPS_A_COMMIT))
            ]
        )
    return outbox


def _drain(files: TerminalFiles, outbox: Outbox, running: Server) -> tuple[float, float]:
    """Start the sync process and return the seconds until nothing waits, and its processor time."""
    command = [
        *(sys.executable, "-m", "terminal.sync", "--home", str(files.home)),
        *("--api", f"http://127.0.0.1:{running.port}"),
    ]
    started = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE) as sync:
        while outbox.counts().pending:
            if sync.poll() is not None or time.perf_counter() - started > _DRAIN_SECONDS_MAX:
                raise RuntimeError(f"the terminal did not drain: {outbox.counts()}")
            time.sleep(_LOOK_EVERY_SECONDS)
        seconds = time.perf_counter() - started
        cpu = Server(0, sync.pid).cpu_seconds()
        assert sync.stdin is not None
        sync.stdin.close()  # the sync process ends with the screen that started it
        sync.wait(30)
    return seconds, cpu


def _send_bare(school: School, running: Server, taps: int) -> float:
    """Send a fifth as many taps in full batches over one connection; return taps per second."""
    count = max(BATCH_TAPS_MAX, taps // 5 // BATCH_TAPS_MAX * BATCH_TAPS_MAX)
    epoch = make_epoch(count, system_clock())
    batches = [epoch[start : start + BATCH_TAPS_MAX] for start in range(0, count, BATCH_TAPS_MAX)]
    return count / send_all(running, [[make_request(school.tokens[1], batch) for batch in batches]]).seconds


if __name__ == "__main__":
    main()
