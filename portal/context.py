"""What the portal needs from outside, given once at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from records.database import Records


@dataclass(frozen=True, slots=True)
class PortalContext:
    """The records, MARELLE_HOME and where staff pages live; the clock is the records' own."""

    records: Records
    home: Path
    dashboards_url: str
