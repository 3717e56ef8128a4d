"""`marelle warehouse build --full` of a year of places and all their declarations, in a process of its own.

The claim is of 50 places and 10 million taps: `--places 50` measures it; fewer tell what a million taps cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
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
    places = parser.parse_args().places
    with tempfile.TemporaryDirectory(prefix="marelle-bench-") as name:
        home = Path(name)
        url = records_url(home)
        upgrade(url)
        print("making the year…", flush=True)
        taps = make_year(home / DATABASE_FILE, places)
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


if __name__ == "__main__":
    main()
