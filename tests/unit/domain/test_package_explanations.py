"""What memberships, séjours, contracts and late pick-ups say of themselves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.explanations import explain
from domain.lines import PricedLine
from tests.unit.portal.lines import line


def plain(made: PricedLine) -> list[str]:
    return [sentence.replace("\u00a0", " ").replace("\u202f", " ") for sentence in explain(made)]


def contract(**changes: Any) -> PricedLine:
    facts = {
        "kind": "contract", "situation": "planned", "service_kind": "daycare", "day": date(2026, 11, 1),
        "arrived_minute": None, "unit": "hour", "units": Decimal("122.0000"), "unit_price": Decimal("1.65"),
        "amount": Decimal("201.30"), "band_from": None, "monthly_income": Decimal("3200.00"), "children_count": 2,
    }  # fmt: skip
    return line(**{**facts, **changes})


def test_month_of_a_contract_tells_its_hours_its_price_and_the_income() -> None:
    assert plain(contract())[:4] == [
        "Mensualité du contrat d'accueil : novembre 2026.",
        "Heures de votre contrat, réparties en mensualités égales : 122 heures ce mois.",
        "Ressources retenues : 3 200,00 € par mois, 2 enfants à charge.",
        "Prix : 122 × 1,65 € = 201,30 €.",
    ]


def test_hours_given_back_are_told_as_taken_off() -> None:
    told = plain(
        contract(
            kind="deduction", situation="absent_justified", billed_minutes=540, units=Decimal(-9),
            amount=Decimal("-14.85"),
        )
    )  # fmt: skip
    assert told[0] == "Heures retirées de votre contrat (absence justifiée) : 9 h."
    assert "Retiré : 9 × 1,65 € = 14,85 €." in told


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"kind": "membership", "unit": "month"}, "Adhésion du mois : novembre 2026."),
        ({"kind": "membership", "unit": "school_year"}, "Adhésion due le 1er novembre 2026."),
        ({"kind": "sejour", "unit": "sejour"}, "Séjour commencé le 1er novembre 2026."),
        ({"kind": "overtime", "billed_minutes": 60}, "Temps passé au-delà des heures du contrat : 1 h."),
        (
            {"kind": "late_pickup", "billed_minutes": 35},
            "Départ après la fin de l'accueil, retenu par le service : 35 min.",
        ),
        ({"kind": "deduction", "billed_minutes": 540}, "Heures retirées de votre contrat (accueil fermé) : 9 h."),
        (
            {"kind": "contract_end"},
            "Régularisation du contrat, terminé avant sa date. "
            "Les mensualités comptaient moins d'heures que celles réservées jusque-là.",
        ),
        (
            {"kind": "contract_back_2", "units": Decimal(-24)},
            "Régularisation du contrat, terminé avant sa date. "
            "Les mensualités comptaient plus d'heures que celles réservées jusque-là.",
        ),
    ],
)
def test_each_kind_says_what_it_is(changes: dict[str, Any], first: str) -> None:
    assert plain(contract(**changes))[0] == first


def test_share_of_a_payer_is_told_by_days() -> None:
    told = plain(
        contract(
            kind="membership", unit="month", units=Decimal(1), amount=Decimal("4.00"), share_days=12,
            share_of_days=30,
        )
    )  # fmt: skip
    assert "D'après le calendrier de garde, l'enfant est avec vous 12 jours sur 30 : vous payez ces jours." in told
    assert "Prix : 4,00 €." in told


def test_contract_without_hours_says_who_sees_to_it() -> None:
    told = plain(contract(kind="overtime", fault="contract_hours_missing", amount=None, unit_price=None))
    assert any("direction de la structure" in sentence for sentence in told)


def test_price_worked_out_of_the_qf_tells_it_without_a_band() -> None:
    told = plain(line(price_basis="qf", band_from=None, band_to=None, qf_value=Decimal("893.00")))
    (said,) = [sentence for sentence in told if sentence.startswith("Quotient familial : 893")]
    assert said.endswith("Le prix se calcule sur ce quotient.")
    assert "Tranche" not in said
    given = plain(line(price_basis=None, band_from=None, band_to=None, qf_value=Decimal("893.00")))
    assert not [sentence for sentence in given if "Quotient" in sentence]


@pytest.mark.parametrize("basis", ["income", "collective", "family"])
def test_price_worked_out_of_the_income_tells_it_with_the_children(basis: str) -> None:
    income = {"monthly_income": Decimal("3200.00"), "children_count": 2}
    said = "Ressources retenues : 3 200,00 € par mois, 2 enfants à charge."
    assert said in plain(line(price_basis=basis, **income))
    assert said not in plain(line(price_basis=None, **income))
    assert plain(contract(price_basis=basis)).count(said) == 1
