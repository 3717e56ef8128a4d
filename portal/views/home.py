"""What a family sees first: who they are, what is owed, and where their children are today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.french import NBSP, clock, euros, number, plural
from portal.views.status import BILLED_ABSENCE, BOOKED, DECLARED, JUSTIFIED, Badge

NOT_EXPECTED_WORDS = "Rien de prévu aujourd'hui."


@dataclass(frozen=True, slots=True)
class Adult:
    """The reader's own names, as the file has them."""

    civility: str | None
    first_name: str
    last_name: str
    used_name: str | None


@dataclass(frozen=True, slots=True)
class ServiceToday:
    """One child × service of today as it stands now; `state` is expected, inside, left, or an absence."""

    service_label: str
    state: str
    arrived_minute: int | None
    left_minute: int | None
    needs_departure: bool


@dataclass(frozen=True, slots=True)
class ChildToday:
    """A child with what is planned and noted today."""

    first_name: str
    place: str
    services: tuple[ServiceToday, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """The card of the account: what it is, how much, and what it means."""

    label: str
    amount: str
    explanation: str


def greeting(adult: Adult) -> str:
    """Return « Bonjour Madame Fournier », or the whole name when the civility is not known."""
    name = adult.used_name or adult.last_name
    return f"Bonjour {adult.civility} {name}" if adult.civility else f"Bonjour {adult.first_name} {name}"


def money(balance_cents: int) -> Money:
    """Return what the payer's account says: positive is owed, negative is in the family's favour."""
    if balance_cents > 0:
        return Money("Reste à payer", euros(balance_cents), "Ce montant est celui de vos factures déjà émises.")
    if balance_cents < 0:
        return Money("En votre faveur", euros(-balance_cents), "Ce montant sera déduit de la prochaine facture.")
    return Money("Votre compte est à jour", euros(0), "Vous n'avez rien à payer pour le moment.")


def month_sentence(month: str, cents: int, unpriced: int) -> str:
    """Return what the month in progress adds up to so far; unpriced lines are said, never counted as nothing."""
    text = f"{month.capitalize()} en cours{NBSP}: {euros(cents)} estimés, pas encore facturés."
    if unpriced:
        text += f" {plural(unpriced, 'ligne attend', 'lignes attendent')} encore un prix."
    return text


def today_badge(service: ServiceToday) -> Badge:
    """Return the state of one service now, with the times that were noted."""
    known = {"absent_justified": JUSTIFIED, "absent_unjustified": BILLED_ABSENCE, "absent_declared": DECLARED}
    if service.state in known:
        return known[service.state]
    if service.state == "inside":
        if service.arrived_minute is None:
            return Badge("rond", "present", "Sur place")
        if not service.needs_departure:
            return Badge("arrivee", "present", f"Arrivée {clock(service.arrived_minute)}")
        return Badge("rond", "present", f"Sur place depuis {clock(service.arrived_minute)}")
    if service.state == "left":
        return Badge("depart", "parti", _times(service))
    return BOOKED


def _times(service: ServiceToday) -> str:
    if service.left_minute is None:
        return "Départ noté"
    if service.arrived_minute is None:
        return f"Départ {clock(service.left_minute)}"
    return f"{clock(service.arrived_minute)} – {clock(service.left_minute)}"


def children_count(children: Sequence[ChildToday]) -> str:
    """Return « 2 enfants »."""
    return plural(len(children), "enfant") if children else number(0)
