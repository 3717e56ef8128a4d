"""Adults that a half hour asks for, one child after the other (CAF notes §6)."""

from __future__ import annotations

SHORT, LONG, HOLIDAY, DAYCARE = "short", "long", "holiday", "daycare"
# Children under 6 and from 6 that one adult may look after, without a PEDT and within one.
_PER_ADULT = {
    (SHORT, False): (10, 14),
    (LONG, False): (8, 12),
    (SHORT, True): (14, 18),
    (LONG, True): (10, 14),
    (HOLIDAY, False): (8, 12),
    (HOLIDAY, True): (8, 12),
}


def adults(care: str, has_pedt: bool, under_6: int, from_6: int) -> int:
    """Return the adults for children of two ages, each with their own."""
    of_small, of_big = _PER_ADULT[care, has_pedt]
    return _groups(under_6, of_small) + _groups(from_6, of_big)


def adults_of_daycare(children: int, walking: int | None) -> int:
    """Return the adults of a crèche; `walking` None where its rules have one ratio for all."""
    if not children:
        return 0
    asked = _groups(children, 6) if walking is None else _groups(walking, 8) + _groups(children - walking, 5)
    return max(2, asked)


def _groups(children: int, size: int) -> int:
    groups = 0
    while children > 0:
        groups, children = groups + 1, children - size
    return groups
