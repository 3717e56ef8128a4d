"""An errand of the scheduler: scans that an order erased leave the disk."""

from __future__ import annotations

from pathlib import Path

from jobs.scheduler import SCHEDULER
from records.database import Records
from records.operations.paper_files import FOLDER, sweep_files


def sweep_papers(records: Records, home: Path) -> int:
    """Remove from MARELLE_HOME the scans that were erased; returns how many."""
    return sweep_files(records, SCHEDULER, home / FOLDER)
