"""What a diet may be called: what is served, never why (domain notes §10: no religious label)."""

from __future__ import annotations

from domain.names import search_key

_BELIEFS = frozenset(
    {
        *("HALAL", "HALLAL", "CASHER", "CACHER", "KASHER", "KOSHER", "CAREME", "RAMADAN"),
        *("MUSULMAN", "MUSULMANE", "JUIF", "JUIVE", "CHRETIEN", "CHRETIENNE", "CATHOLIQUE", "HINDOU", "HINDOUE"),
        *("BOUDDHISTE", "RELIGION", "RELIGIEUX", "RELIGIEUSE", "CONFESSIONNEL"),
    }
)
BELIEF_TOLD = "Un régime se dit par ce qui est servi, par exemple « sans porc », jamais par une croyance."


def tells_a_belief(label: str) -> bool:
    """Return whether a diet's label names a religion or its rule."""
    return not _BELIEFS.isdisjoint(search_key(label.replace("_", " ")).split())
