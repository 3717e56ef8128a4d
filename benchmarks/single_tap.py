"""One tap a request, 32 terminals at once: durable taps a second against the same handler that stores nothing.

The two alternate in one run on one machine, the load generator beside them. `python -m benchmarks.single_tap`
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile

from benchmarks._ingest import Run, School, make_epoch, make_request, make_school, send_all, server
from domain.time import system_clock

TERMINALS = 32
ROUNDS = 3


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=16_000, help="taps of each round")
    options = parser.parse_args()
    runs: dict[str, list[Run]] = {"none": [], "real": []}
    with tempfile.TemporaryDirectory() as folder:
        school = make_school(f"sqlite:///{folder}/records.db", TERMINALS)
        with server(school.url, "none") as none, server(school.url, "real") as real:
            measure(school, none, 2_000)
            measure(school, real, 2_000)
            for _ in range(ROUNDS):
                for store, port in (("none", none), ("real", real)):
                    run = measure(school, port, options.taps)
                    runs[store].append(run)
                    print(
                        f"store {store}: {options.taps / run.seconds:8.0f} taps/s,"
                        f" p50 {run.percentile_ms(50):.2f} ms, p99 {run.percentile_ms(99):.2f} ms",
                        flush=True,
                    )
    durable, bare = (
        statistics.median(options.taps / run.seconds for run in runs[store]) for store in ("real", "none")
    )
    figures = {
        "durable_taps_per_second": round(durable),
        "no_store_taps_per_second": round(bare),
        "durable_p50_ms": round(statistics.median(run.percentile_ms(50) for run in runs["real"]), 2),
        "durable_p99_ms": round(statistics.median(run.percentile_ms(99) for run in runs["real"]), 2),
    }
    ratios = {"durable_to_no_store": round(durable / bare, 3)}
    print(json.dumps({"name": "single_tap", "figures": figures, "ratios": ratios}))


def measure(school: School, port: int, taps: int) -> Run:
    """Send the taps one a request, each terminal its own epoch over its own connection."""
    now = system_clock()
    return send_all(
        port,
        [
            [make_request(token, [tap]) for tap in make_epoch(taps // TERMINALS, now)]
            for token in school.tokens[:TERMINALS]
        ],
    )


if __name__ == "__main__":
    main()
