"""Batches of 200 taps over HTTP, against bare SQLite and against the same handler that stores nothing.

Bare SQLite inserts the very same rows into the same table, 200 a commit, `synchronous=FULL`, nothing around it: no
HTTP, no reading, no answer. The floor commits as many together as the server's largest group, with no index but the
two unique ones of the promise: what no server over SQLite can beat with one writer. All alternate in one run on one
machine, the load generator beside them. `python -m benchmarks.batch_ingest`, and `--url` with an empty PostgreSQL
database.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks._ingest import Run, School, Server, make_epoch, make_request, make_school, send_all, server, timed
from domain.time import system_clock
from domain.wire.v1 import BATCH_TAPS_MAX
from ingest_api.group_commit import DEFAULT_GROUP_LIMITS
from records.operations.tap_statements import TAP_COLUMNS

_NO_OTHER_INDEX = ("drop index ix_tap_device_occurred", "drop index ix_tap_undoes")
TERMINALS = 32
ROUNDS = 5
GROUP = DEFAULT_GROUP_LIMITS.taps_a_transaction_max // BATCH_TAPS_MAX


@dataclass(frozen=True)
class Bare:
    """How bare SQLite is used: statements that change the copy first, and how many taps each commit takes."""

    first: Sequence[str]
    taps_a_commit: int


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=256, help="batches of 200 taps in each round")
    parser.add_argument("--url", help="an empty database to measure instead of a new SQLite file")
    options = parser.parse_args()
    rates: dict[str, list[float]] = {"no_store": [], "durable": []}
    cpu: dict[str, list[float]] = {"no_store": [], "durable": []}
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "records.db"
        school = make_school(options.url or f"sqlite:///{database}", TERMINALS)
        with server(school.url, "none") as none, server(school.url, "real") as real:
            for warm in (none, real):
                send_batches(school, warm, TERMINALS)
            for number in range(ROUNDS):
                for what, running in (("no_store", none), ("durable", real)):
                    run = send_batches(school, running, options.batches)
                    taps = len(run.latencies) * BATCH_TAPS_MAX
                    rates[what].append(taps / run.seconds)
                    cpu[what].append(run.cpu_seconds / taps * 1e6)
                if not options.url:
                    copy = database.with_name(f"bare-{number}.db")
                    for what, more, together in (("bare_sqlite", (), 1), ("floor", _NO_OTHER_INDEX, GROUP)):
                        rate = insert_bare(database, copy, options.batches, Bare(more, together * BATCH_TAPS_MAX))
                        rates.setdefault(what, []).append(rate)
                print(", ".join(f"{what}: {each[-1]:.0f} taps/s" for what, each in rates.items()), flush=True)
    medians = {what: statistics.median(each) for what, each in rates.items()}
    figures = {f"{what}_taps_per_second": float(round(rate)) for what, rate in medians.items()}
    used = {what: statistics.median(each) for what, each in cpu.items()}
    figures |= {f"{what}_server_cpu_us_per_tap": round(micros, 1) for what, micros in used.items()}
    others = [what for what in medians if what != "durable"]
    ratios = {f"durable_to_{what}": round(medians["durable"] / medians[what], 3) for what in others}
    ratios["no_store_to_durable_cpu"] = round(used["no_store"] / used["durable"], 3)
    if "floor" in medians:
        ratios["floor_to_no_store"] = round(medians["floor"] / medians["no_store"], 3)
    print(json.dumps({"name": "batch_ingest", "figures": figures, "ratios": ratios}))


def send_batches(school: School, running: Server, batches: int) -> Run:
    """Send that many full batches, one connection a terminal."""
    now, share = system_clock(), batches // TERMINALS
    queues = []
    for token in school.tokens[:TERMINALS]:
        epoch = make_epoch(share * BATCH_TAPS_MAX, now)
        starts = range(0, len(epoch), BATCH_TAPS_MAX)
        queues.append([make_request(token, epoch[start : start + BATCH_TAPS_MAX]) for start in starts])
    return send_all(running, queues)


def insert_bare(source: Path, target: Path, batches: int, bare: Bare) -> float:
    """Insert the last taps of the source again into a copy that lacks them; return taps per second."""
    taps, columns = batches * BATCH_TAPS_MAX, ", ".join(TAP_COLUMNS)
    original = sqlite3.connect(source)
    original.execute("vacuum into ?", (str(target),))
    rows = original.execute(f"select {columns} from tap order by id desc limit ?", (taps,)).fetchall()
    original.close()
    copy = sqlite3.connect(target, isolation_level=None)
    for statement in (
        "pragma journal_mode=wal",
        "pragma synchronous=full",
        "pragma wal_autocheckpoint=8000",
        "pragma cache_size=-32768",
        "drop trigger refuse_delete_tap",
        f"delete from tap where id in (select id from tap order by id desc limit {taps})",
        *bare.first,
        "pragma wal_checkpoint(truncate)",
    ):
        copy.execute(statement)
    insert = f"insert into tap ({columns}) values ({', '.join('?' * len(TAP_COLUMNS))})"

    def insert_all() -> None:
        for start in range(0, len(rows), bare.taps_a_commit):
            copy.execute("begin immediate")
            copy.executemany(insert, rows[start : start + bare.taps_a_commit])
            copy.execute("commit")

    rate = len(rows) / timed(insert_all)
    copy.close()
    target.unlink()
    return rate


if __name__ == "__main__":
    main()
