"""How long a newcomer waits for a whole town: `marelle demo`, then the first `marelle warehouse build`.

The issue asks for less than a minute, both together. Beside it, in the same run, what a bare SQLite needs to take
as many rows as the town has taps, in as many durable commits: what the real doors cost on top.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

LIMIT_SECONDS = 60.0
TODAY = "2026-11-21"
ROW = "x" * 400  # as long as a tap's row
COMMITS = 1_150  # one a sending, as the demo's terminals make


def main() -> None:
    """Measure and print; the last line is JSON."""
    with tempfile.TemporaryDirectory(prefix="marelle-bench-") as name:
        home = Path(name) / "data"
        env = {**os.environ, "MARELLE_HOME": str(home), "MARELLE_DATABASE_URL": ""}
        town, creation = _timed_json(["demo", "--today", TODAY, "--json"], env)
        print(f"Ville de {town['children']} enfants, {town['taps']} passages : {creation:.1f} s")
        _published, build = _timed_json(["warehouse", "build", "--json"], env)
        print(f"Premier calcul : {build:.1f} s")
        bare = _bare_rows(Path(name) / "bare.db", int(town["taps"]))
        print(f"Autant de lignes dans un SQLite nu : {bare:.2f} s")
    figures = {
        "children": town["children"],
        "taps": town["taps"],
        "creation_seconds": round(creation, 2),
        "first_build_seconds": round(build, 2),
        "both_seconds": round(creation + build, 2),
        "bare_sqlite_seconds": round(bare, 2),
    }
    ratios = {
        "both_over_one_minute": round((creation + build) / LIMIT_SECONDS, 3),
        "creation_over_bare_sqlite_rows": round(creation / bare, 1),
        "first_build_over_creation": round(build / creation, 2),
    }
    print(json.dumps({"name": "demo_creation", "figures": figures, "ratios": ratios}))


def _timed_json(arguments: list[str], env: Mapping[str, str]) -> tuple[dict[str, int], float]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], env=dict(env), stdout=subprocess.PIPE, check=True, text=True
    )
    seconds = time.perf_counter() - started
    found: dict[str, int] = json.loads(done.stdout)
    return found, seconds


def _bare_rows(path: Path, rows: int) -> float:
    """Insert as many rows in as many commits, `synchronous=FULL`; return the seconds."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("create table tap (id integer primary key, body text)")
    a_commit = max(1, rows // COMMITS)
    started = time.perf_counter()
    for first in range(0, rows, a_commit):
        connection.execute("begin immediate")
        connection.executemany("insert into tap (body) values (?)", [(ROW,)] * min(a_commit, rows - first))
        connection.execute("commit")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


if __name__ == "__main__":
    main()
