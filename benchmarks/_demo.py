"""A demo town in a temporary folder, for the benchmarks that measure what comes after it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path


@contextmanager
def demo_home(today: date) -> Iterator[Path]:
    """Yield a MARELLE_HOME that holds a new demo town seen on a day."""
    with tempfile.TemporaryDirectory(prefix="marelle-bench-") as name:
        home = Path(name) / "data"
        env = {**os.environ, "MARELLE_HOME": str(home), "MARELLE_DATABASE_URL": ""}
        print("making the demo town…", flush=True)
        subprocess.run(
            [sys.executable, "-m", "cli", "demo", "--today", today.isoformat(), "--json"],
            env=env,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        yield home
