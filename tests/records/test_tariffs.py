"""Tariffs are published whole, once, and never changed."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import TariffRule, TariffVersion
from records.operations.services import add_rule
from records.operations.tariffs import NewTariffRule, publish_tariff, tariff_faults
from tests.factories.people import a_family, an_enrolment
from tests.factories.town import (
    EVENING,
    LEISURE,
    START,
    TODAY,
    canteen_rule,
    canteen_tariff,
    evening_rule,
    leisure_rule,
)

RULES = canteen_tariff().rules


def said(refusal: pytest.ExceptionInfo[InvalidData]) -> str:
    """Return the message with ordinary spaces."""
    return refusal.value.message.replace("\u00a0", " ")


def test_whole_price_list_is_kept_in_its_order(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff())
    with town.read() as session:
        rows = session.scalars(select(TariffRule).order_by(TariffRule.ordinal)).all()
        assert [(row.ordinal, row.category, row.qf_to_e2, row.amount_e4, row.form) for row in rows] == [
            (1, "panier_repas", None, 0, "flat"),
            (2, "enfant", 35_000, 22_000, "flat"),
            (3, "enfant", None, 28_000, "flat"),
        ]


def test_band_with_a_gap_is_refused_and_nothing_is_written(town: Records) -> None:
    gap = replace(RULES[2], qf_from_e2=35_001)
    with pytest.raises(InvalidData) as refusal:
        publish_tariff(town, SETUP, canteen_tariff(rules=(*RULES[:2], gap)))
    assert "QF 350 n'a pas de prix (catégorie « enfant »)" in said(refusal)
    assert "Rien n'a été enregistré" in said(refusal)
    with town.read() as session:
        assert session.scalar(select(TariffVersion)) is None


def test_bands_that_overlap_are_refused_by_name(town: Records) -> None:
    with pytest.raises(InvalidData) as refusal:
        publish_tariff(town, SETUP, canteen_tariff(rules=(*RULES[:2], replace(RULES[2], qf_from_e2=30_000))))
    assert "QF 300 a deux prix : « QF sous 350 »" in said(refusal)


def test_category_of_a_current_enrolment_must_have_a_price(town: Records) -> None:
    an_enrolment(town, a_family(town), category="adulte")
    with pytest.raises(InvalidData) as refusal:
        publish_tariff(town, SETUP, canteen_tariff())
    assert "Aucun QF n'a de prix (catégorie « adulte »)" in said(refusal)


def test_every_formula_of_the_service_must_have_a_price(town: Records) -> None:
    morning = NewTariffRule("Matin", formula="matin", amount_e4=50_000, unit="formula")
    version = canteen_tariff(tariff_ref="mercredi", service_ref=LEISURE, rules=(morning,))
    with pytest.raises(InvalidData) as refusal:
        publish_tariff(town, SETUP, version)
    assert "formule « journee »" in said(refusal)
    whole = replace(version, rules=(morning, replace(morning, label="Journée", formula="journee")))
    assert publish_tariff(town, SETUP, whole)


@pytest.mark.parametrize("changes", [{"amount_e4": -1}, {"unit": "litre"}])
def test_impossible_price_is_refused(town: Records, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidData, match="Prix impossible"):
        publish_tariff(town, SETUP, canteen_tariff(rules=(replace(RULES[0], **changes),)))  # type: ignore[arg-type]


def test_published_version_is_not_replaced_but_a_later_one_takes_over(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff())
    with pytest.raises(InvalidData, match="a déjà une version qui commence le 01/09/2026"):
        publish_tariff(town, SETUP, canteen_tariff())
    publish_tariff(town, SETUP, canteen_tariff(valid_from=date(2027, 1, 1)))
    with town.read() as session:
        assert len(session.scalars(select(TariffVersion)).all()) == 2


def test_service_has_one_tariff(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff())
    with pytest.raises(InvalidData, match="a déjà un tarif"):
        publish_tariff(town, SETUP, canteen_tariff(tariff_ref="cantine-bis", valid_from=TODAY))


def test_priced_service_without_a_tariff_is_a_named_fault(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff())
    with town.read() as session:
        faults = tariff_faults(session, TODAY)
    assert [fault.service_ref for fault in faults] == [EVENING, LEISURE]
    assert faults[0].message == "Aucun tarif n'est en vigueur le mardi 24 novembre 2026."


def test_category_that_came_after_the_publication_is_a_named_fault(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff())
    an_enrolment(town, a_family(town), category="stagiaire")
    with town.read() as session:
        found = [fault.message for fault in tariff_faults(session, TODAY) if fault.service_ref == "cantine"]
    assert ["catégorie «\u00a0stagiaire" in message for message in found] == [True]


def test_service_that_is_priced_no_more_has_no_fault(town: Records) -> None:
    for rule in (evening_rule, leisure_rule, canteen_rule):
        add_rule(town, SETUP, rule(valid_from=TODAY, is_priced=False))
    with town.read() as session:
        assert tariff_faults(session, TODAY) == []
        assert len(tariff_faults(session, START)) == 3


def form(**fields: object) -> NewTariffRule:
    """A rule of a meal, with some fields of its own."""
    return NewTariffRule(**{"label": "Ligne", "unit": "meal", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (form(form="rate", basis="qf"), "demandent un taux"),
        (form(form="rate", rate_e6=3_600), "de quoi le taux"),
        (form(form="rate", rate_e6=1, basis="qf", floor_e4=2, ceiling_e4=1), "sous le plancher"),
        (form(form="linear", amount_e4=1, amount_to_e4=2, qf_from_e2=0), "d'un QF à un autre"),
        (form(form="percent", rate_e6=-1, unit=None), "la ligne est modifié"),
        (form(form="psu", basis="collective", above_ceiling=False), "à l'heure"),
        (form(amount_e4=1, rank_from=2), "parmi quels enfants"),
        (form(amount_e4=1, siblings_from=2), "parmi quels enfants"),
        (form(amount_e4=1, unit_minutes=15), "unité commencée a une durée"),
        (form(amount_e4=1, unit="unit_begun", unit_minutes=0), "unité commencée a une durée"),
    ],
)
def test_effect_that_cannot_be_is_refused_by_name(town: Records, rule: NewTariffRule, told: str) -> None:
    with pytest.raises(InvalidData, match=told):
        publish_tariff(town, SETUP, canteen_tariff(rules=(*RULES, rule)))


def test_rate_with_modifiers_is_published_with_all_its_fields(town: Records) -> None:
    rate = form(form="rate", rate_e6=3_600, basis="qf", floor_e4=26_000, ceiling_e4=45_000)
    late = form(form="percent", rate_e6=500_000, unit=None, applies_to="line", is_booked_late=True)
    version = canteen_tariff(rules=(rate, late), unit_step_e4=100, rank_basis="household")
    publish_tariff(town, SETUP, version)
    with town.read() as session:
        rows = session.scalars(select(TariffRule).order_by(TariffRule.ordinal)).all()
        assert [(row.form, row.rate_e6, row.unit, row.applies_to) for row in rows] == [
            ("rate", 3_600, "meal", None),
            ("percent", 500_000, None, "line"),
        ]


def test_what_makes_a_membership_due_is_published_or_refused(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff(package_basis="attended"))
    with town.read() as session:
        assert session.scalars(select(TariffVersion.package_basis)).all() == ["attended"]
    with pytest.raises(InvalidData, match="rend l'adhésion due"):
        publish_tariff(town, SETUP, canteen_tariff(package_basis="paid", valid_from=TODAY))


def test_price_rounded_up_is_published_with_its_step_or_refused(town: Records) -> None:
    publish_tariff(town, SETUP, canteen_tariff(unit_step_e4=500, unit_step_mode="up"))
    with town.read() as session:
        assert session.execute(select(TariffVersion.unit_step_e4, TariffVersion.unit_step_mode)).one() == (
            500,
            "up",
        )
    for step, mode in ((None, "up"), (500, "sideways")):
        with pytest.raises(InvalidData, match="donnez le pas"):
            publish_tariff(town, SETUP, canteen_tariff(unit_step_e4=step, unit_step_mode=mode, valid_from=TODAY))
