"""One tap a request, 32 terminals at once: durable taps a second against the same handler that stores nothing.

The two alternate in one run on one machine, the load generator beside them. `python -m benchmarks.single_tap`
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile

from benchmarks._ingest import Run, School, Server, make_epoch, make_request, make_school, send_all, server
from domain.time import system_clock

TERMINALS = 32
ROUNDS = 5


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=9_600, help="taps of each round")
    parser.add_argument("--url", help="an empty database to measure instead of a new SQLite file")
    options = parser.parse_args()
    runs: dict[str, list[Run]] = {"no store": [], "durable": []}
    with tempfile.TemporaryDirectory() as folder:
        school = make_school(options.url or f"sqlite:///{folder}/records.db", TERMINALS)
        with server(school.url, "none") as none, server(school.url, "real") as real:
            for warm in (none, real):
                measure(school, warm, 1_600)
            for _ in range(ROUNDS):
                for store, running in (("no store", none), ("durable", real)):
                    run = measure(school, running, options.taps)
                    runs[store].append(run)
                    print(
                        f"{store:8}: {options.taps / run.seconds:7.0f} taps/s,"
                        f" p50 {run.percentile_ms(50):.2f} ms, p99 {run.percentile_ms(99):.2f} ms,"
                        f" server {run.cpu_seconds / options.taps * 1e6:.0f} µs of processor a tap",
                        flush=True,
                    )
    print(json.dumps(summary(options.taps, runs)))


def measure(school: School, running: Server, taps: int) -> Run:
    """Send the taps one a request, each terminal its own epoch over its own connection."""
    now = system_clock()
    return send_all(
        running,
        [
            [make_request(token, [tap]) for tap in make_epoch(taps // TERMINALS, now)]
            for token in school.tokens[:TERMINALS]
        ],
    )


def summary(taps: int, runs: dict[str, list[Run]]) -> dict[str, object]:
    """Return the medians and their ratios."""
    figures: dict[str, float] = {}
    for store, name in (("durable", "durable"), ("no store", "no_store")):
        figures[f"{name}_taps_per_second"] = round(statistics.median(taps / run.seconds for run in runs[store]))
        figures[f"{name}_p50_ms"] = round(statistics.median(run.percentile_ms(50) for run in runs[store]), 2)
        figures[f"{name}_p99_ms"] = round(statistics.median(run.percentile_ms(99) for run in runs[store]), 2)
        cpu = statistics.median(run.cpu_seconds for run in runs[store]) / taps
        figures[f"{name}_server_cpu_us_per_tap"] = round(cpu * 1e6, 1)
    ratios = {
        "durable_to_no_store": round(figures["durable_taps_per_second"] / figures["no_store_taps_per_second"], 3),
        "no_store_to_durable_cpu": round(
            figures["no_store_server_cpu_us_per_tap"] / figures["durable_server_cpu_us_per_tap"], 3
        ),
    }
    return {"name": "single_tap", "figures": figures, "ratios": ratios}


if __name__ == "__main__":
    main()
