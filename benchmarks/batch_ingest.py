"""Batches of 200 taps over HTTP, against bare SQLite and against the same handler that stores nothing.

Bare SQLite inserts the very same rows into the same table, 200 a commit, `synchronous=FULL`, nothing around it. The
three alternate in one run on one machine, the load generator beside them. `python -m benchmarks.batch_ingest`
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
from pathlib import Path

from benchmarks._ingest import School, Server, make_epoch, make_request, make_school, send_all, server, timed
from domain.time import system_clock
from domain.wire.v1 import BATCH_TAPS_MAX
from records.operations.tap_statements import TAP_COLUMNS

TERMINALS = 4
ROUNDS = 5


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=120, help="batches of 200 taps in each round")
    parser.add_argument("--url", help="an empty database to measure instead of a new SQLite file")
    options = parser.parse_args()
    rates: dict[str, list[float]] = {"no_store": [], "durable": []}
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "records.db"
        school = make_school(options.url or f"sqlite:///{database}", TERMINALS)
        with server(school.url, "none") as none, server(school.url, "real") as real:
            for warm in (none, real):
                send_batches(school, warm, 2 * TERMINALS)
            for number in range(ROUNDS):
                rates["no_store"].append(send_batches(school, none, options.batches))
                rates["durable"].append(send_batches(school, real, options.batches))
                if not options.url:
                    copy = database.with_name(f"bare-{number}.db")
                    rates.setdefault("bare_sqlite", []).append(insert_bare(database, copy, options.batches))
                print(", ".join(f"{what}: {each[-1]:.0f} taps/s" for what, each in rates.items()), flush=True)
    medians = {what: statistics.median(each) for what, each in rates.items()}
    figures = {f"{what}_taps_per_second": round(rate) for what, rate in medians.items()}
    others = [what for what in medians if what != "durable"]
    ratios = {f"durable_to_{what}": round(medians["durable"] / medians[what], 3) for what in others}
    print(json.dumps({"name": "batch_ingest", "figures": figures, "ratios": ratios}))


def send_batches(school: School, running: Server, batches: int) -> float:
    """Send that many full batches, one connection a terminal; return taps per second."""
    now, share = system_clock(), batches // TERMINALS
    queues = []
    for token in school.tokens[:TERMINALS]:
        epoch = make_epoch(share * BATCH_TAPS_MAX, now)
        starts = range(0, len(epoch), BATCH_TAPS_MAX)
        queues.append([make_request(token, epoch[start : start + BATCH_TAPS_MAX]) for start in starts])
    return share * TERMINALS * BATCH_TAPS_MAX / send_all(running, queues).seconds


def insert_bare(source: Path, target: Path, batches: int) -> float:
    """Insert the last taps of the source again into a copy of it that lacks them; return taps per second."""
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
        "pragma wal_checkpoint(truncate)",
    ):
        copy.execute(statement)
    insert = f"insert into tap ({columns}) values ({', '.join('?' * len(TAP_COLUMNS))})"

    def insert_all() -> None:
        for start in range(0, len(rows), BATCH_TAPS_MAX):
            copy.execute("begin immediate")
            copy.executemany(insert, rows[start : start + BATCH_TAPS_MAX])
            copy.execute("commit")

    rate = len(rows) / timed(insert_all)
    copy.close()
    target.unlink()
    return rate


if __name__ == "__main__":
    main()
