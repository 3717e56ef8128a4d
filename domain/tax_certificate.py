"""The yearly certificate for the tax office: what was invoiced of each child's care for a year, and what was paid.

CGI, article 200 quater B: the credit is on sums actually paid for the care, outside the home, of children under six
on 1 January; meals are no care. The paper tells these facts; what is deducted is the tax office's to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.french import euros, long_date, short_date, typeset
from domain.invoice_paper import Entry, Part
from domain.invoice_sheet import NOBODY, Letterhead
from domain.statement_paper import StatementPaper

AGE_LIMIT_YEARS = 6
_MEALS = "meal"
_NATURES = {_MEALS: "repas", "formula": "formule, repas éventuel compris"}


@dataclass(frozen=True, slots=True)
class CertifiedChild:
    """A child as the certificate names it."""

    first_name: str
    last_name: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a payer's certificate of a year rests on: every frozen body of their invoices, and their payments."""

    year: int
    made_on: date
    payer_ref: str
    payer_name: str
    recipient: tuple[str, ...]
    bodies: Sequence[Mapping[str, Any]]
    children: Mapping[str, CertifiedChild]
    paid_cents: int
    letterhead: Letterhead


def certificate_paper(facts: CertificateFacts) -> StatementPaper:
    """Return the certificate, its sums taken from the invoices and their régularisations alone."""
    sums = _sums(facts)
    rows = tuple(
        (_child(facts, child), service, _NATURES.get(kind, "garde"), euros(cents))
        for (child, service, kind), cents in sorted(sums.items())
        if cents
    )
    care = sum(cents for (_, _, kind), cents in sums.items() if kind != _MEALS)
    return StatementPaper(
        title=typeset(f"Attestation de frais de garde {facts.year}"),
        lead=typeset(f"Établie le {long_date(facts.made_on).split(' ', 1)[1]} – payeur n° {facts.payer_ref}"),
        footer=typeset(f"Attestation {facts.year} – {facts.payer_name}"),
        sender=facts.letterhead.sender,
        recipient=facts.recipient,
        intro=typeset(
            f"Voici ce qui vous a été facturé pour les jours d'accueil de {facts.year}, régularisations comprises, "
            "sans ce que des organismes ont pris en charge."
        ),
        columns=("Enfant", "Service", "Nature", "Facturé"),
        rows=rows,
        totals=(
            Entry("Garde et formules", "", euros(care)),
            Entry("Repas", "", euros(sum(sums.values()) - care)),
            Entry(
                "Versé",
                typeset(f" du 1er janvier au 31 décembre {facts.year}, tous services"),
                euros(facts.paid_cents),
            ),
        ),
        parts=(
            Part(
                typeset("À savoir :"),
                typeset(
                    "le crédit d'impôt pour frais de garde porte sur les sommes versées pour la garde, hors repas, "
                    f"d'un enfant de moins de {AGE_LIMIT_YEARS} ans au 1er janvier (CGI, article 200 quater B)."
                ),
            ),
        ),
        is_specimen=facts.letterhead.is_specimen,
    )


def _sums(facts: CertificateFacts) -> dict[tuple[str, str, str], int]:
    """Return what the family owes of the days of the year, by child, service and kind, in cents."""
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    of_year = f"{facts.year}-"
    for body in facts.bodies:
        for group in body["lines"]:
            for day in group["days"]:
                if day["day"].startswith(of_year):
                    key = group["child"], group["service_label"], day["kind"]
                    found[key] += day["amount"] - day["covered"]
        for each in body["adjustments"]:
            if each["day"].startswith(of_year):
                found[each["child"], each["service_label"], each["kind"]] += each["now"] - each["before"]
    return found


def _child(facts: CertificateFacts, ref: str) -> str:
    child = facts.children.get(ref)
    if child is None:
        return NOBODY
    name = f"{child.first_name} {child.last_name}"
    if child.birth_date is None:
        return name
    is_young = child.birth_date > date(facts.year - AGE_LIMIT_YEARS, 1, 1)
    young = f", moins de {AGE_LIMIT_YEARS} ans au 1er janvier" if is_young else ""
    return f"{name}, {short_date(child.birth_date)}{young}"
