"""Rules between rows, those that the single operations enforce; each says itself in French for the pages."""

from records.town_files.rules import (
    caf,
    contracts,
    enrolments,
    families,
    following,
    places,
    settings,
    taps,
    tariffs,
)
from records.town_files.rules.rule import RULES

__all__ = [
    "RULES",
    "caf",
    "contracts",
    "enrolments",
    "families",
    "following",
    "places",
    "settings",
    "taps",
    "tariffs",
]
