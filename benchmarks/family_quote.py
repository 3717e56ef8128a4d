"""A quote through `warehouse.family`: a family's month, live, against reading the same lines already published.

Every family of the demo asks in turn; the first question, which compiles and prepares, is not counted. The portal
is started with settings of memory (`cli.memory`), which a process reads when it starts: so each round asks in two
new processes, one after the other, with these settings and without; the figures are of the process that has them.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from sqlalchemy import select

from benchmarks._demo import demo_home
from cli.memory import memory_settings
from domain.time import system_clock
from records.database import open_records, records_url
from records.models import Family
from warehouse.build import build
from warehouse.family import family_lines, warm_up
from warehouse.reader import open_snapshot

TODAY = date(2026, 11, 21)
MONTH, LAST_DAY = date(2026, 11, 1), date(2026, 11, 30)
ROUNDS = 3

Measures = dict[str, list[float]]


def main() -> None:
    """Ask for each family, live then published; with a folder, in this process."""
    if len(sys.argv) > 1:
        print(json.dumps(ask_all(Path(sys.argv[1]))))
        return
    served: list[Measures] = []
    bare: list[Measures] = []
    with demo_home(TODAY) as home:
        build(home, records_url(home))
        for number in range(1, ROUNDS + 1):
            served.append(_in_a_process(home, memory_settings({})))
            bare.append(_in_a_process(home, {}))
            cpu = [round(statistics.mean(each[-1]["cpu_ms"]), 1) for each in (served, bare)]
            print(
                f"round {number}: {cpu[0]} ms of CPU a quote; {cpu[1]} without the settings of memory", flush=True
            )
    _tell(served, bare)


def ask_all(home: Path) -> Measures:
    """Return, by family, ms of a quote, of its CPU and of the published read, and how many lines it has."""
    found: Measures = {"wall_ms": [], "cpu_ms": [], "read_ms": [], "lines": []}
    records = open_records(records_url(home))
    with records.read() as session:
        refs = list(session.scalars(select(Family.ref).order_by(Family.ref)))
    warm_up(home)
    reader = open_snapshot(home)
    for ref in refs:
        started, before = time.perf_counter(), time.process_time()
        lines = family_lines(records, home, ref, MONTH, LAST_DAY, now=system_clock())
        between = time.perf_counter()
        found["cpu_ms"].append((time.process_time() - before) * 1000)
        reader.priced_lines(MONTH, family_ref=ref)
        found["wall_ms"].append((between - started) * 1000)
        found["read_ms"].append((time.perf_counter() - between) * 1000)
        found["lines"].append(len(lines))
    records.close()
    return found


def _in_a_process(home: Path, settings: dict[str, str]) -> Measures:
    command = [sys.executable, "-m", "benchmarks.family_quote", str(home)]
    ended = subprocess.run(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True, check=True)
    measures: Measures = json.loads(ended.stdout.splitlines()[-1])
    return measures


def _p50_p95(rounds: list[Measures], name: str) -> tuple[float, float]:
    """Return the medians over the rounds."""
    cuts = [statistics.quantiles(each[name], n=20) for each in rounds]
    return statistics.median(cut[9] for cut in cuts), statistics.median(cut[18] for cut in cuts)


def _mean(rounds: list[Measures], name: str) -> float:
    return statistics.median(statistics.mean(each[name]) for each in rounds)


def _tell(served: list[Measures], bare: list[Measures]) -> None:
    wall, cpu, read = (_p50_p95(served, name) for name in ("wall_ms", "cpu_ms", "read_ms"))
    figures = {
        "families": len(served[0]["lines"]),
        "lines": round(sum(served[0]["lines"])),
        "quote_ms_p50": round(wall[0], 1),
        "quote_ms_p95": round(wall[1], 1),
        "quote_cpu_ms_mean": round(_mean(served, "cpu_ms"), 1),
        "quote_cpu_ms_p95": round(cpu[1], 1),
        "published_read_ms_p50": round(read[0], 1),
        "published_read_ms_p95": round(read[1], 1),
    }
    ratios = {
        "quote_over_published_read_p50": round(wall[0] / read[0], 2),
        "quote_over_published_read_p95": round(wall[1] / read[1], 2),
        "cpu_with_memory_settings_over_without": round(_mean(served, "cpu_ms") / _mean(bare, "cpu_ms"), 2),
    }
    print(json.dumps({"name": "family_quote", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
