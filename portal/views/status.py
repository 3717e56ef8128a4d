"""Signs and words of a situation: the same on every page (look notes, « Statuses »)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.french import NBSP, clock
from domain.lines import PricedLine


@dataclass(frozen=True, slots=True)
class Badge:
    """A status as shown: symbol of the sheet, form (CSS class) and word; colour only repeats them."""

    sign: str
    form: str
    word: str


NOTED = Badge("coche", "parti", "Présence notée")
UNEXPECTED = Badge("coche", "parti", "Présence non prévue")
BOOKED = Badge("calendrier", "reserve", "Réservé")
JUSTIFIED = Badge("losange", "aj", "Absence justifiée")
BILLED_ABSENCE = Badge("croix", "a", "Absence facturée")
UNDECIDED = Badge("horloge", "attente", "Absence à confirmer")
DECLARED = Badge("croix", "a", "Absence déclarée")

# Every situation of a line (docs/data.md, fct_priced_lines) has its word: an unknown one is a fault of ours.
_BADGES = {
    "planned": BOOKED,
    "present": NOTED,
    "present_unexpected": UNEXPECTED,
    "absent_justified": JUSTIFIED,
    "absent_unjustified": BILLED_ABSENCE,
    "absent_declared": DECLARED,
    "absent_undecided": UNDECIDED,
}


def line_badge(line: PricedLine) -> Badge:
    """Return what happened on a line, as a sign and a word."""
    return _BADGES[line.situation]


def hours(line: PricedLine) -> str:
    """Return « 8 h 02 – 17 h 31 », and say when an end was not noted but derived from the service's hours."""
    if line.arrived_minute is None and line.left_minute is None:
        return ""
    arrived = None if line.arrived_minute is None else clock(line.arrived_minute)
    left = None if line.left_minute is None else clock(line.left_minute)
    if arrived is None:
        return f"départ à{NBSP}{left}"
    if left is None:
        return f"arrivée à{NBSP}{arrived}" + (", en cours" if line.is_provisional else "")
    notes = [
        note
        for is_derived, note in (
            (line.is_arrival_derived, "arrivée non notée"),
            (line.is_departure_derived, "départ non noté"),
        )
        if is_derived
    ]
    text = f"{arrived} – {left}"
    return f"{text} ({', '.join(notes)})" if notes else text
