"""What a family sees first: who they are, what is owed, and where their children are today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.french import NBSP, clock, euros, plural
from portal.views.status import BILLED_ABSENCE, BOOKED, JUSTIFIED, NOTED, Badge
from records.operations.family_view import AdultView, ChildToday, ChildView, PayerView
from records.operations.presence_board import Whereabouts

NOT_SEEN = Badge("cercle", "prevu", "Pas de passage noté")
DEPARTURE_MISSING = Badge("horloge", "attente", "Départ pas encore noté")


@dataclass(frozen=True, slots=True)
class ServiceToday:
    """One service of a child today: its name and where the child is."""

    label: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class ChildBlock:
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


def greeting(adult: AdultView) -> str:
    """Return « Bonjour Madame Fournier », or the whole name when the civility is not known."""
    name = adult.used_name or adult.last_name
    return f"Bonjour {adult.civility} {name}" if adult.civility else f"Bonjour {adult.first_name} {name}"


def money(payers: Sequence[PayerView]) -> Money:
    """Return what the reader's own accounts say: positive is owed, negative is in their favour."""
    if not payers:
        return Money("Vous n'êtes pas payeur", "", "Les factures de ce dossier vont à un autre payeur.")
    balance_cents = sum(payer.balance_cents for payer in payers)
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


def children_blocks(children: Sequence[ChildView], today: Sequence[ChildToday]) -> list[ChildBlock]:
    """Return each child of the file with the services of today, in the order of the day."""
    return [
        ChildBlock(
            child.first_name,
            ", ".join(part for part in (child.class_label, child.structure_label) if part),
            tuple(
                ServiceToday(each.service_label, today_badge(each))
                for each in today
                if each.child.child_ref == child.child_ref
            ),
        )
        for child in children
    ]


def today_badge(today: ChildToday) -> Badge:
    """Return where a child is for one service now, with the times that were noted."""
    child = today.child
    if child.whereabouts is Whereabouts.ABSENT:
        return JUSTIFIED if child.decision == "absent_justified" else BILLED_ABSENCE
    if child.whereabouts is Whereabouts.AWAITED:
        return BOOKED
    if child.whereabouts is Whereabouts.MISSING:
        return NOT_SEEN
    if child.is_departure_missing:
        return DEPARTURE_MISSING
    if child.whereabouts is Whereabouts.LEFT:
        return _gone(child.arrived_minute, child.left_minute)
    if child.arrived_minute is None:
        return Badge("rond", "present", "Sur place")
    if today.needs_departure:
        return Badge("rond", "present", f"Sur place depuis {clock(child.arrived_minute)}")
    return Badge("arrivee", "present", f"Arrivée {clock(child.arrived_minute)}")


def _gone(arrived_minute: int | None, left_minute: int | None) -> Badge:
    """Return a stay that is over; where nobody taps a departure, only the arrival was noted."""
    if left_minute is None:
        return NOTED if arrived_minute is None else Badge("coche", "parti", f"Arrivée {clock(arrived_minute)}")
    if arrived_minute is None:
        return Badge("depart", "parti", f"Départ {clock(left_minute)}")
    return Badge("depart", "parti", f"{clock(arrived_minute)} – {clock(left_minute)}")
