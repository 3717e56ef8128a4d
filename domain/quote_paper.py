"""The quote of a prise en charge as a paper for the body: each day, its price, and who would pay it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.french import euros, long_date, plural, short_date, typeset
from domain.invoice_paper import Entry, Part
from domain.invoice_sheet import Letterhead
from domain.statement_paper import StatementPaper


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A line of the quote, in cents."""

    day: date
    service_label: str
    price_cents: int
    covered_cents: int
    family_cents: int


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """What a quote says; `family_without_cents` is what the family would pay without the body."""

    ref: str
    body_name: str
    child_name: str
    first_day: date
    last_day: date
    made_on: date
    rows: Sequence[QuoteRow]
    family_without_cents: int
    unpriced: int
    letterhead: Letterhead


def quote_paper(facts: QuoteFacts) -> StatementPaper:
    """Return the quote, its sums those of its rows."""
    covered = sum(row.covered_cents for row in facts.rows)
    family = sum(row.family_cents for row in facts.rows)
    left_out = (
        [Part(typeset("À compléter :"), f"{plural(facts.unpriced, 'ligne')} sans prix, hors de ce devis.")]
        if facts.unpriced
        else []
    )
    return StatementPaper(
        title=typeset(f"Devis pour {facts.child_name}"),
        lead=typeset(f"Demande {facts.ref} – établi le {long_date(facts.made_on).split(' ', 1)[1]}"),
        footer=typeset(f"Devis {facts.ref} – {facts.child_name}"),
        sender=facts.letterhead.sender,
        recipient=(facts.body_name,),
        intro=typeset(
            f"Accueil prévu du {short_date(facts.first_day)} au {short_date(facts.last_day)}, aux tarifs en vigueur"
            " ces jours-là."
        ),
        columns=("Jour et service", "Prix", "Pris en charge", "Famille"),
        rows=tuple(
            (
                f"{short_date(row.day)}, {row.service_label}",
                euros(row.price_cents),
                euros(row.covered_cents),
                euros(row.family_cents),
            )
            for row in facts.rows
        ),
        totals=(
            Entry("Prix", "", euros(sum(row.price_cents for row in facts.rows))),
            Entry("Pris en charge", typeset(f" par {facts.body_name}"), euros(covered)),
            Entry("Famille", typeset(f", au lieu de {euros(facts.family_without_cents)}"), euros(family)),
        ),
        parts=(
            *left_out,
            Part(
                typeset("Pour accepter :"),
                "renvoyez votre décision avec son numéro. Ce devis n'engage pas de places avant elle.",
            ),
        ),
        is_specimen=facts.letterhead.is_specimen,
    )
