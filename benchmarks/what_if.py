"""A past year under another grid (`warehouse.what_if`) against one straight scan that sums the same lines.

Lines of the demo stand for a town's published file: its families again and again until there are as many as asked,
then its lines, again and again on those families, until there is a year of them.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import duckdb

from benchmarks._demo import demo_home
from domain.time import system_clock
from domain.what_if import SchoolYear
from records.actors import SETUP
from records.database import open_records, records_url
from records.operations.tariff_trials import Grid, published_grid
from warehouse.build import build
from warehouse.publish import file_sha256
from warehouse.snapshot import Snapshot, read_pointer, write_pointer
from warehouse.what_if import simulate

TODAY = date(2026, 11, 21)
YEAR = SchoolYear(2026)
RUNS = 3
FAMILIES, LINES = 10_000, 10_000_000


def repeat(home: Path, lines: int, families_asked: int) -> tuple[Snapshot, int]:
    """Publish a file that holds the lines of the demo again and again, on about so many families."""
    source = read_pointer(home)
    target = source.path.with_name("marelle-repeated.duckdb")
    with duckdb.connect(str(target), config={"memory_limit": "2GB"}) as connection:
        connection.execute(f"attach '{source.path}' as source (read_only)")
        found = connection.execute(
            "select sum(len(days)) from source.replay.lines where not is_provisional"
        ).fetchall()
        times = max(1, lines // int(found[0][0]))
        families, found_families = connection.execute(
            "select max(family_id) + 1, count(distinct family_id) from source.replay.lines"
        ).fetchall()[0]
        towns = max(1, round(families_asked / found_families))
        connection.execute("create schema replay")
        connection.execute("create schema intermediate")
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'source' and schema_name = 'replay'"
        ).fetchall():
            connection.execute(f"create table replay.{name} as from source.replay.{name}")
        connection.execute(
            "create table intermediate.int_pricing__told as select * exclude (time) replace ("
            "family_id + time % $towns * $families as family_id, "
            "family_ref || '-' || time % $towns as family_ref) "
            "from source.intermediate.int_pricing__told, range($times) as t(time)",
            {"towns": towns, "families": families, "times": times},
        )
        (view,) = connection.execute(
            "select sql from duckdb_views() where database_name = 'source' and schema_name = 'replay'"
        ).fetchall()
        connection.execute(view[0])
    snapshot = replace(source, id="repeated", path=target, sha256=file_sha256(target))
    write_pointer(home, snapshot)
    return snapshot, times * int(found[0][0])


def scan(snapshot: Snapshot) -> None:
    """Sum the lines of the year by family and service."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"attach '{snapshot.path}' as published (read_only)")
        connection.execute(
            "select family_id, service_id, sum(amount * line_count) from published.intermediate.int_pricing__told "
            "where month >= ? and month < ? group by all",
            [YEAR.first, YEAR.end],
        ).fetchall()


def seconds(act: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def another(grid: Grid) -> Grid:
    """Return a grid that asks for something else of each day: a tenth more, and time by the hour."""
    tried = copy.deepcopy(grid)
    for rule in (rule for version in tried for rule in version["rules"]):
        if rule.get("kind") is None and rule["form"] == "flat" and rule.get("amount_e4"):
            rule["amount_e4"] += rule["amount_e4"] // 10
        if rule.get("kind") is None and rule.get("unit") == "unit_begun":
            rule["unit"] = "hour"
    return tried


def main() -> None:
    """Replay every service under the grid in force, and under another one, alternating with the scan."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--families", type=int, default=FAMILIES)
    asked = parser.parse_args()
    with demo_home(TODAY) as home:
        build(home, records_url(home), now=system_clock())
        records = open_records(records_url(home))
        grid = published_grid(records, SETUP, ())
        records.close()
        snapshot, lines = repeat(home, asked.lines, asked.families)
        replays, others, scans, other = [], [], [], another(grid)
        for run in range(RUNS):
            scans.append(seconds(lambda: scan(snapshot)))
            replays.append(seconds(lambda: simulate(home, grid, YEAR, lambda _share, _said: None)))
            others.append(seconds(lambda: simulate(home, other, YEAR, lambda _share, _said: None)))
            print(
                f"run {run + 1}: replay {replays[-1][0]:.2f} s, another grid {others[-1][0]:.2f} s, "
                f"scan {scans[-1][0]:.2f} s"
            )
        _, found = simulate(home, grid, YEAR, lambda _share, _said: None)
        _, changed = simulate(home, other, YEAR, lambda _share, _said: None)
    assert found.now == found.then, asdict(found)["services"]
    assert changed.now == found.now
    assert changed.then != changed.now
    (wall, cpu), (other_wall, other_cpu), (scan_wall, scan_cpu) = (
        map(statistics.median, zip(*each, strict=True)) for each in (replays, others, scans)
    )
    figures = {
        "lines": lines,
        "families": len(found.families),
        "replay_s": round(wall, 2),
        "replay_cpu_s": round(cpu, 2),
        "other_grid_s": round(other_wall, 2),
        "other_grid_cpu_s": round(other_cpu, 2),
        "scan_s": round(scan_wall, 2),
        "scan_cpu_s": round(scan_cpu, 2),
    }
    ratios = {"replay_cpu_over_scan_cpu": round(cpu / scan_cpu, 1), "cpu_us_a_line": round(cpu * 1e6 / lines, 2)}
    print(json.dumps({"name": "what_if", "figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
