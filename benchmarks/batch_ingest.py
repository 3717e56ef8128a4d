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

from benchmarks._ingest import School, make_epoch, make_request, make_school, send_all, server, timed
from domain.time import system_clock
from domain.wire.v1 import BATCH_TAPS_MAX
from records.operations.tap_statements import TAP_COLUMNS

TERMINALS = 4
ROUNDS = 3


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=160, help="batches of 200 taps in each round")
    options = parser.parse_args()
    taps = options.batches * BATCH_TAPS_MAX
    rates: dict[str, list[float]] = {"bare SQLite": [], "no store": [], "durable": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        school = make_school(f"sqlite:///{folder}/records.db", TERMINALS)
        with server(school.url, "none") as none, server(school.url, "real") as real:
            send_batches(school, real, TERMINALS)
            send_batches(school, none, TERMINALS)
            for number in range(ROUNDS):
                rates["no store"].append(taps / send_batches(school, none, options.batches))
                rates["durable"].append(taps / send_batches(school, real, options.batches))
                copy = folder / f"bare-{number}.db"
                rates["bare SQLite"].append(taps / insert_bare(folder / "records.db", copy, taps))
                print(", ".join(f"{what}: {each[-1]:.0f} taps/s" for what, each in rates.items()), flush=True)
    medians = {what: statistics.median(each) for what, each in rates.items()}
    figures = {f"{what.replace(' ', '_')}_taps_per_second": round(rate) for what, rate in medians.items()}
    ratios = {
        "durable_to_bare_sqlite": round(medians["durable"] / medians["bare SQLite"], 3),
        "durable_to_no_store": round(medians["durable"] / medians["no store"], 3),
    }
    print(json.dumps({"name": "batch_ingest", "figures": figures, "ratios": ratios}))


def send_batches(school: School, port: int, batches: int) -> float:
    """Send that many full batches over one connection a terminal; return the seconds it took."""
    now, share = system_clock(), batches // TERMINALS
    queues = []
    for token in school.tokens[:TERMINALS]:
        epoch = make_epoch(share * BATCH_TAPS_MAX, now)
        starts = range(0, len(epoch), BATCH_TAPS_MAX)
        queues.append([make_request(token, epoch[start : start + BATCH_TAPS_MAX]) for start in starts])
    return send_all(port, queues).seconds


def insert_bare(source: Path, target: Path, taps: int) -> float:
    """Insert the last taps of the source again into an empty copy of it; return the seconds it took."""
    columns = ", ".join(TAP_COLUMNS)
    with sqlite3.connect(source) as connection:
        connection.execute("vacuum into ?", (str(target),))
        rows = connection.execute(f"select {columns} from tap order by id desc limit ?", (taps,)).fetchall()
    connection.close()
    copy = sqlite3.connect(target, isolation_level=None)
    copy.execute("pragma journal_mode=wal")
    copy.execute("pragma synchronous=full")
    copy.execute("drop trigger refuse_delete_tap")
    copy.execute("delete from tap where id in (select id from tap order by id desc limit ?)", (taps,))
    copy.execute("pragma wal_checkpoint(truncate)")
    statement = f"insert into tap ({columns}) values ({', '.join('?' * len(TAP_COLUMNS))})"

    def insert() -> None:
        for start in range(0, len(rows), BATCH_TAPS_MAX):
            copy.execute("begin immediate")
            copy.executemany(statement, rows[start : start + BATCH_TAPS_MAX])
            copy.execute("commit")

    seconds = timed(insert)
    copy.close()
    target.unlink()
    return seconds


if __name__ == "__main__":
    main()
