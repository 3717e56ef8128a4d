"""The yearly certificate for the tax office: what was paid in a year, of each child's care, meals and the rest.

CGI, article 200 quater B: the credit is on sums actually paid for the care, outside the home, of children under six
on 1 January; meals are no care. The paper tells these facts; what is deducted is the tax office's to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.french import euros, long_date, short_date, typeset
from domain.invoice_paper import Entry, Part
from domain.invoice_sheet import Letterhead
from domain.invoice_text import NOBODY
from domain.statement_paper import StatementPaper

AGE_LIMIT_YEARS = 6
_MEALS = "meal"
_MEMBERSHIPS = ("membership", "membership_year")
_NOT_CARE = (_MEALS, *_MEMBERSHIPS)
_NATURES = {
    _MEALS: "repas",
    "formula": "formule, repas éventuel compris",
    **dict.fromkeys(_MEMBERSHIPS, "adhésion"),
}


@dataclass(frozen=True, slots=True)
class CertifiedChild:
    """A child as the certificate names it."""

    first_name: str
    last_name: str
    birth_date: date | None


Line = tuple[str, str, str]  # child, service, kind of line


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a payer's certificate of a year rests on: what their payments of the year paid, in cents.

    `paid` by line, `unnamed_cents` what paid no line that can be named: balances taken over, advances.
    """

    year: int
    made_on: date
    payer_ref: str
    payer_name: str
    recipient: tuple[str, ...]
    paid: Mapping[Line, int]
    unnamed_cents: int
    children: Mapping[str, CertifiedChild]
    letterhead: Letterhead


def certificate_paper(facts: CertificateFacts) -> StatementPaper:
    """Return the certificate: what was paid in the year, by child, service and nature."""
    rows = tuple(
        (_child(facts, child), service, _NATURES.get(kind, "garde"), euros(cents))
        for (child, service, kind), cents in sorted(facts.paid.items())
        if cents
    )
    care = sum(cents for (_, _, kind), cents in facts.paid.items() if kind not in _NOT_CARE)
    meals = sum(cents for (_, _, kind), cents in facts.paid.items() if kind == _MEALS)
    other = sum(facts.paid.values()) - care - meals + facts.unnamed_cents
    paid = sum(facts.paid.values()) + facts.unnamed_cents
    return StatementPaper(
        title=typeset(f"Attestation de frais de garde {facts.year}"),
        lead=typeset(f"Établie le {long_date(facts.made_on).split(' ', 1)[1]} – payeur n° {facts.payer_ref}"),
        footer=typeset(f"Attestation {facts.year} – {facts.payer_name}"),
        sender=facts.letterhead.sender,
        recipient=facts.recipient,
        intro=typeset(
            f"Voici ce que vous avez versé du 1er janvier au 31 décembre {facts.year}, sans ce que des organismes "
            "ont pris en charge."
        ),
        columns=("Pour qui", "Service", "Nature", "Versé"),
        rows=rows,
        totals=(
            Entry("Garde et formules", "", euros(care)),
            Entry("Repas", "", euros(meals)),
            *((Entry("Autres", typeset(" : adhésions, solde antérieur, avance"), euros(other)),) if other else ()),
            Entry("Versé en tout", "", euros(paid)),
        ),
        parts=(
            Part(
                typeset("Comment c'est réparti :"),
                typeset(
                    "chaque versement paie d'abord la facture la plus ancienne (Code civil, article 1342-10) ; ce "
                    "qui est versé sur une facture se partage entre ses lignes en proportion de leur montant."
                ),
            ),
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


def billed_lines(body: Mapping[str, Any]) -> dict[Line, int]:
    """Return what a frozen body asks of the family, by child, service and kind, in cents; not what it carries."""
    found: dict[Line, int] = defaultdict(int)
    for group in body["lines"]:
        for day in group["days"]:
            found[group["child"], group["service_label"], day["kind"]] += day["amount"] - day["covered"]
    for each in body["adjustments"]:
        found[each["child"], each["service_label"], each["kind"]] += each["now"] - each["before"]
    return dict(found)


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
