"""The job `warehouse_build`: load, dbt build, publish; and when the scheduler should ask for it by itself."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from jobs.kinds import JobContext, Result
from records.database import Records
from records.models import Collectivity
from warehouse.errors import SnapshotDamaged, SnapshotMissing
from warehouse.snapshot import read_pointer

WAREHOUSE_BUILD = "warehouse_build"
REBUILD_EVERY_SECONDS = 60
REBUILD_AFTER_FAILURE_SECONDS_MAX = 3_600


def build_warehouse(context: JobContext) -> Result:
    """Build and publish; the result names the snapshot."""
    from warehouse.build import build  # dbt is loaded only by whoever builds

    snapshot = build(
        context.home,
        context.url,
        full=bool(context.arguments.get("full", False)),
        progress=context.progress,
    )
    return {"snapshot": snapshot.id, "change_seq": snapshot.change_seq}


def is_due(records: Records, home: Path) -> bool:
    """Say whether the published figures are behind the records, or behind the passing of time.

    Before the collectivity is described there is nothing to compute.
    """
    if not has_collectivity(records):
        return False
    try:
        snapshot = read_pointer(home)
    except (SnapshotMissing, SnapshotDamaged):
        return True
    now = records.clock()
    return records.change_seq() != snapshot.change_seq or not snapshot.as_of <= now < snapshot.current_until


def has_collectivity(records: Records) -> bool:
    """Say whether the collectivity is described: before that there is nothing to compute."""
    with records.read() as session:
        return session.scalar(select(Collectivity.id)) is not None
