"""`marelle warehouse build --full` of a year of places and all their declarations, in a process of its own.

The claim is of 50 places and 10 million taps: `--places 50` measures it; fewer tell what a million taps cost.
Records made in a folder (`--home`) stay there, so that another build is measured on the same.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from benchmarks._made_year import YEAR, ZONE, make_year
from domain.time import instant_at
from records.database import DATABASE_FILE, records_url
from records.migrations import upgrade
from warehouse.build import build
from warehouse.project import compiled_project
from warehouse.reader import open_snapshot
from warehouse.snapshot import folder

PLACES = 1


def main() -> None:
    """Make the records, compile once, then measure the build, its memory and its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    with _home(asked.home) as home:
        url = records_url(home)
        places, taps = _made(home, asked.places)
        compiled_project(folder(home))
        print(f"{taps} taps; building…", flush=True)
        began, used = time.perf_counter(), os.times()
        build(home, url, full=True, now=instant_at(date(YEAR + 1, 1, 15), 0, ZONE))
        seconds, ended = time.perf_counter() - began, os.times()
        began = time.perf_counter()
        query = "select count(*) from marelle.marts.fct_caf_declaration_figures where structure_ref = 'lieu-1'"
        figures = open_snapshot(home).connection.execute(query).fetchall()[0][0]
        opened = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    millions = taps / 1_000_000
    cpu = ended.user + ended.system - used.user - used.system
    result = {
        "places": places, "taps": taps, "build_s": round(seconds, 2), "build_cpu_s": round(cpu, 2),
        "peak_gb": round(peak, 2), "figures_of_a_place": figures,
        "place_opened_s": round(opened, 3),
    }  # fmt: skip
    ratios = {
        "build_s_per_million_taps": round(seconds / millions, 2),
        "cpu_s_per_million_taps": round(cpu / millions, 2),
    }
    print(json.dumps({"name": "caf_year", "figures": result, "ratios": ratios}))


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="marelle-bench-") as name:
        yield Path(name)


def _made(home: Path, places: int) -> tuple[int, int]:
    """Make the records of a home that has none; return how many places and taps they hold."""
    file = home / DATABASE_FILE
    is_made = file.exists()
    upgrade(records_url(home))
    if not is_made:
        print("making the year…", flush=True)
        make_year(file, places)
    with closing(sqlite3.connect(file)) as records:
        found: tuple[int, int] = records.execute(
            "select (select count(*) from structure), (select count(*) from tap)"
        ).fetchone()
    return found


if __name__ == "__main__":
    main()
