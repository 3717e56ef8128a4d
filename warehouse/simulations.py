"""Simulations kept for the pages: one file each beside the snapshots, with no name in it."""

from __future__ import annotations

import re
from pathlib import Path

from domain.errors import NotFound
from domain.what_if import Simulation, simulation_from
from warehouse.snapshot import folder

KEPT = 20
_KEY = re.compile(r"[0-9a-f]{16}")


def keep_simulation(home: Path, key: str, simulation: Simulation) -> None:
    """Keep a simulation under its key, and only the latest ones."""
    place = folder(home) / "simulations"
    place.mkdir(parents=True, exist_ok=True)
    temporary = place / f"{key}.new"
    temporary.write_text(simulation.to_json(), encoding="utf-8")
    temporary.replace(place / f"{key}.json")
    kept = sorted(place.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-KEPT]:
        path.unlink(missing_ok=True)


def read_simulation(home: Path, key: str) -> Simulation:
    """Return a simulation kept before; raises NotFound."""
    path = folder(home) / "simulations" / f"{key}.json"
    try:
        if _KEY.fullmatch(key):
            return simulation_from(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise NotFound("Cette simulation n'est plus gardée. Relancez-la : elle prend quelques secondes.", key=key)
