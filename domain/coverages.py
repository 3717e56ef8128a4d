"""The life of a prise en charge: asked → quoted → notified → applied → used up, or refused, or cancelled (§8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

ASKED, QUOTED, NOTIFIED, APPLIED, USED_UP = "asked", "quoted", "notified", "applied", "used_up"
REFUSED, CANCELLED = "refused", "cancelled"
COUNTING_STATES = (NOTIFIED, APPLIED, USED_UP)  # what bills deduct; the same list as in int_pricing__covered

NEXT = {
    ASKED: (QUOTED, NOTIFIED, REFUSED, CANCELLED),
    QUOTED: (QUOTED, NOTIFIED, REFUSED, CANCELLED),
    NOTIFIED: (APPLIED, CANCELLED),
    APPLIED: (USED_UP, CANCELLED),
    USED_UP: (APPLIED, CANCELLED),
    REFUSED: (),
    CANCELLED: (),
}
STATE_WORDS = {
    ASKED: "demandée",
    QUOTED: "devis envoyé",
    NOTIFIED: "notifiée",
    APPLIED: "appliquée",
    USED_UP: "épuisée",
    REFUSED: "refusée",
    CANCELLED: "annulée",
}
# What each state waits for, and of whom.
WAITS_FOR = {
    ASKED: "la direction : imprimer le devis et l'envoyer",
    QUOTED: "l'organisme : sa réponse",
    NOTIFIED: "la direction : l'appliquer à l'inscription",
}
KIND_WORDS = {
    "decision": "prise en charge",
    "yearly_quote": "devis annuel",
    "msa_voucher": "bon MSA",
    "caf_leisure": "bon loisirs CAF",
    "works_council": "comité d'entreprise",
}
# The kind of body that each kind of paper comes from; any body for the others.
BODY_OF_KIND = {"msa_voucher": "msa", "caf_leisure": "caf", "works_council": "works_council"}
UNIT_WORDS = {
    "hour": "heure",
    "half_day": "demi-journée",
    "day": "jour",
    "meal": "repas",
    "month": "mois",
    "total": "en tout",
}


def recap_period(days: Sequence[tuple[int, int]], due_on: date) -> tuple[date, date] | None:
    """Return the days `[first, end)` of the recap due on a day; None when none is due that day.

    `days` are (month, day) of each year. A recap covers whole months: from the month after that of the due day
    before, to the end of its own month.
    """
    if (due_on.month, due_on.day) not in days:
        return None
    before = max(day for day in _around(days, due_on) if day < due_on)
    return _month_after(before), _month_after(due_on)


def recaps_due(days: Sequence[tuple[int, int]], day: date) -> tuple[date, date]:
    """Return the last due day that is over or today, and the next one to come."""
    around = _around(days, day)
    return max(each for each in around if each <= day), min(each for each in around if each > day)


def _around(days: Sequence[tuple[int, int]], day: date) -> list[date]:
    return [date(year, *each) for year in (day.year - 1, day.year, day.year + 1) for each in days]


def _month_after(day: date) -> date:
    months = day.year * 12 + day.month
    return date(months // 12, months % 12 + 1, 1)
