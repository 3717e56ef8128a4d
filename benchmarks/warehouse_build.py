"""Building the demo's figures: `marelle warehouse build` in one process, against DuckDB alone running the same SQL.

The ceiling loads the same records and runs the compiled models in order, without dbt, tests or publication.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from benchmarks._demo import demo_home
from domain.time import MICROS_PER_MINUTE, system_clock
from records.database import records_url
from warehouse.build import build
from warehouse.load import load
from warehouse.project import BUILD_FILE, compiled_project
from warehouse.snapshot import folder

RUNS = 3
TODAY = date(2026, 11, 21)


def bare_seconds(home: Path) -> float:
    """Return seconds to load the records and run the compiled SQL on a new file."""
    project = compiled_project(folder(home))
    now = system_clock() // MICROS_PER_MINUTE * MICROS_PER_MINUTE
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / BUILD_FILE
        started = time.perf_counter()
        load(records_url(home), file, now, lambda _table: None)
        with duckdb.connect(str(file)) as connection:
            for schema in sorted({model.schema for model in project.models}):
                connection.execute(f"create schema if not exists {schema}")
            for model in project.models:
                kind = "view" if model.materialized == "view" else "table"
                connection.execute(f"create {kind} {model.relation} as {model.sql}")
        return time.perf_counter() - started


def build_seconds(home: Path) -> float:
    """Return seconds of a whole build, published."""
    started = time.perf_counter()
    build(home, records_url(home), full=True)
    return time.perf_counter() - started


def main() -> None:
    """Alternate the two; the first build of a process also pays for loading dbt and is given apart."""
    with demo_home(TODAY) as home:
        first = build_seconds(home)
        print(f"first build of a process: {first:.1f} s")
        builds: list[float] = []
        bares: list[float] = []
        for run in range(RUNS):
            bares.append(bare_seconds(home))
            builds.append(build_seconds(home))
            print(f"run {run + 1}: build {builds[-1]:.2f} s, the SQL alone {bares[-1]:.2f} s")
    built, bare = statistics.median(builds), statistics.median(bares)
    figures = {
        "first_build_s": round(first, 2),
        "build_s_median": round(built, 2),
        "sql_alone_s_median": round(bare, 2),
    }
    ratios = {"build_over_sql_alone": round(built / bare, 2), "first_build_over_sql_alone": round(first / bare, 2)}
    print(json.dumps({"name": "warehouse_build", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
