"""An errand of the scheduler: each month, the sheet of the month before for elected officials."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from domain.time import local_day
from exchanges.papers.figures import keep_sheet, sheet_path, sheet_pdf
from records.database import Records
from records.operations.paper_readers import letterhead_on
from warehouse.errors import SnapshotDamaged, SnapshotMissing
from warehouse.reader import open_snapshot

READY_ON = 5  # day of the month: by then the absences of the month before are decided


def make_due_sheet(records: Records, home: Path) -> Path | None:
    """Make last month's sheet once, from figures computed since its end; returns it, None when nothing is due."""
    head = letterhead_on(records)
    if head is None:
        return None
    letterhead, zone = head
    today = local_day(records.clock(), zone)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    path = sheet_path(home, month)
    if today.day < READY_ON or path.exists():
        return None
    try:
        reader = open_snapshot(home)
    except (SnapshotMissing, SnapshotDamaged):
        return None
    shown = reader.commune_figures(month)
    if not shown.communes or local_day(reader.snapshot.as_of, zone) < _next(month):
        return None
    keep_sheet(path, sheet_pdf(shown, month, today, letterhead))
    return path


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
