"""The job `tariff_simulation`: a past school year replayed under another grid; nothing is written to records."""

from __future__ import annotations

from domain.what_if import school_year
from jobs.kinds import JobContext, Result
from records.operations.jobs import TARIFF_SIMULATION

__all__ = ["TARIFF_SIMULATION", "simulate_tariff"]


def simulate_tariff(context: JobContext) -> Result:
    """Replay `arguments["year"]` under `arguments["versions"]`; the result names what is kept for the page.

    Raises InvalidData, SnapshotMissing.
    """
    from warehouse.what_if import simulate  # DuckDB and the compiled models, for whoever replays

    year = school_year(str(context.arguments["year"]))
    key, found = simulate(context.home, context.arguments["versions"], year, context.progress)
    return {"simulation": key, "now": str(found.now), "then": str(found.then)}
