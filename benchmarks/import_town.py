"""Loading 20 000 families, their children, QF and three years of enrolments, on SQLite. Claim: ≤ 2 min and ≤ 1 GB.

The ratio compares the import to a bare `executemany` of the same rows into the same tables. `FAMILIES` changes the
size.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks._made_folder import make_folder
from records.actors import SETUP
from records.database import open_records
from records.migrations import upgrade
from records.models import Base
from records.operations.town_import import import_collectivity
from records.town_files.declared import FILES

FAMILIES = 20_000
_LOAD = "load"  # the import itself runs in a process of its own: its peak of memory is then its own


def main() -> None:
    """Make the folder, load it in a process of its own, then insert the same rows bare."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        print("writing the folder…", flush=True)
        rows = make_folder(root / "in", int(os.environ.get("FAMILIES", FAMILIES)))
        print(f"loading {rows} rows…", flush=True)
        loaded = _loaded(f"sqlite:///{root / 'records.db'}", root / "in")
        bare = _bare(root)
    ratio = round(loaded["cpu"] / bare, 1)
    figures = {
        "rows": rows,
        "wall_s": round(loaded["wall"], 1),
        "cpu_s": round(loaded["cpu"], 1),
        "rows_per_s": round(rows / loaded["wall"]),
        "peak_mb": round(loaded["peak_mb"]),
    }
    print(json.dumps({"name": "import_town", "figures": figures, "ratios": {"cpu_over_bare": ratio}}))


def load(url: str, folder: Path) -> None:
    """Load the folder into a new database and print what it cost."""
    upgrade(url)
    records = open_records(url)
    started, before = time.perf_counter(), _cpu()
    report = import_collectivity(records, SETUP, folder, progress=_tell)
    cost = {"wall": time.perf_counter() - started, "cpu": _cpu() - before}
    assert report.is_written, report.faults[:5]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**cost, "peak_mb": peak_mb}))


def _loaded(url: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.import_town", _LOAD, url, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _bare(root: Path) -> float:
    """Return the CPU seconds of a bare executemany of the same rows into the same tables, one transaction."""
    upgrade(f"sqlite:///{root / 'bare.db'}")
    with (
        closing(sqlite3.connect(root / "records.db")) as loaded,
        closing(sqlite3.connect(root / "bare.db")) as bare,
    ):
        names = {file.table.name for file in FILES} | {"search_word", "search_variant", "person_word"}
        tables = [table.name for table in Base.metadata.sorted_tables if table.name in names]
        rows = {name: loaded.execute(f"select * from {name}").fetchall() for name in tables}
        before = _cpu()
        for name, found in rows.items():
            if found:
                marks = ", ".join("?" for _ in found[0])
                bare.executemany(f"insert into {name} values ({marks})", found)
        bare.commit()
        return _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _tell(share: float, what: str) -> None:
    print(f"{share:4.0%} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == [_LOAD]:
        load(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
