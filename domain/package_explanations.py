"""What a line that is no day of presence is about, in French: memberships, séjours, contracts, late pick-ups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from domain.french import duration, euros, long_date, month_name, plural
from domain.lines import PricedLine
from domain.money import to_cents

CONTRACT_KINDS = ("contract_end", "contract_back", "contract", "overtime", "deduction")
SPECIAL_KINDS = (*CONTRACT_KINDS, "membership", "sejour", "late_pickup")
_CUT_SHORT = "Régularisation du contrat, terminé avant sa date."


def base_kind(line: PricedLine) -> str:
    """Return what a line is of: « membership_year » is a membership, « contract_2 » a contract."""
    return next((kind for kind in SPECIAL_KINDS if line.kind.startswith(kind)), line.kind)


def about(line: PricedLine) -> Iterator[str]:
    """Return what is due and why; then the income that a contract's price rests on, and the share of each payer."""
    yield from _what(line)
    yield from _income(line)
    if line.share_days is not None and line.share_of_days is not None:
        yield (
            f"D'après le calendrier de garde, l'enfant est avec vous {line.share_days} jours sur "
            f"{line.share_of_days} : vous payez ces jours."
        )


def _what(line: PricedLine) -> Iterator[str]:
    since = long_date(line.day).split(" ", 1)[1]
    minutes = duration(line.billed_minutes or 0)
    month = month_name(line.day)
    why = "absence justifiée" if line.situation == "absent_justified" else "accueil fermé"
    yield {
        "membership": f"Adhésion du mois : {month}." if line.unit == "month" else f"Adhésion due le {since}.",
        "sejour": f"Séjour commencé le {since}.",
        "contract": f"Mensualité du contrat d'accueil : {month}.",
        "contract_end": f"{_CUT_SHORT} Les mensualités comptaient moins d'heures que celles réservées jusque-là.",
        "contract_back": f"{_CUT_SHORT} Les mensualités comptaient plus d'heures que celles réservées jusque-là.",
        "overtime": f"Temps passé au-delà des heures du contrat : {minutes}.",
        "deduction": f"Heures retirées de votre contrat ({why}) : {minutes}.",
        "late_pickup": f"Départ après la fin de l'accueil, retenu par le service : {minutes}.",
    }[base_kind(line)]
    if base_kind(line) == "contract" and line.unit == "hour" and line.fault is None:
        yield f"Heures de votre contrat, réparties en mensualités égales : {plural(line.units, 'heure')} ce mois."


def _income(line: PricedLine) -> Iterator[str]:
    if base_kind(line) in CONTRACT_KINDS and line.unit_price is not None and line.monthly_income is not None:
        yield resources(line.monthly_income, line.children_count)


def resources(monthly_income: Decimal, children_count: int | None) -> str:
    """Return the income that a price rests on, and the children it is counted for."""
    children = plural(children_count or 0, "enfant")
    return f"Ressources retenues : {euros(to_cents(monthly_income))} par mois, {children} à charge."
