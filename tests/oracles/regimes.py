"""Which group of the CAF a family is in on a day (CAF notes §5); imports nothing of Marelle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

OLD, NEW = date(2018, 1, 1), date(2026, 4, 28)
# What the CAF began to serve by the text of 28 April 2026: it was counted apart until then.
JOINED = ("edf_gdf", "ratp", "marins", "rsi", "sncf")
GROUPS = {
    "general": [(OLD, "RG")],
    "fonction_publique": [(OLD, "RG")],
    "msa": [(OLD, "MSA")],
    "maritime": [(OLD, "AUTRE")],
    **{code: [(OLD, "AUTRE"), (NEW, "RG")] for code in JOINED},
}


def regime_group(funds: Sequence[tuple[date, str]], day: date) -> str:
    """Return the group of the last fund said; a fund that no text tells of is in the group that was recorded."""
    said = [fund for since, fund in sorted(funds) if since <= day]
    if not said:
        return "INCONNU"
    told = [group for since, group in GROUPS.get(said[-1].lower(), []) if since <= day]
    if told:
        return told[-1]
    return said[-1] if said[-1] in ("RG", "MSA", "AUTRE") else "AUTRE"
