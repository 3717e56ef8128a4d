"""« Et si… » on a CAF balance, as directors read it."""

from dataclasses import replace
from decimal import Decimal

from dashboards.viewmodels import caf_what_if as view
from tests.unit.dashboards.test_caf_year import cause, plain
from warehouse.reader import PsuWhatIfRow

BASE = PsuWhatIfRow(
    "halte", 2026, "rounding", "", 0, 0, 10, 2026, "jan_sep", Decimal("1000.00"), Decimal("1100.00"),
    Decimal("110.000000"), Decimal("9.653846"), Decimal("9.653846"), Decimal("1650.00"), Decimal("4950.50"), None,
)  # fmt: skip
LESS = replace(
    BASE, cause="absent_justified", reason_label="Maladie", percent_less=50, billed_hours=Decimal("1060.00"),
    invoicing_rate=Decimal("106.000000"), price_cap=Decimal(10), price_retained=Decimal(10),
    contributions=Decimal("1590.00"), amount=Decimal("5000.00"),
)  # fmt: skip
HALF_HOUR = replace(BASE, rounding_minutes=30, realised_hours=Decimal("1040.00"))


def test_months_known_and_the_accounts_that_an_hour_costs_by_are_named() -> None:
    assert plain(view.basis(BASE)) == (
        "D'après les mois connus, de janvier à octobre 2026. L'heure y coûte ce qu'elle a coûté de janvier à "
        "septembre 2026, d'après les comptes saisis."
    )
    march = replace(BASE, last_month=1, cost_year=2025, cost_period="year")
    assert plain(view.basis(march)) == (
        "D'après le mois connu, janvier 2026. L'heure y coûte ce qu'elle a coûté en 2025, "
        "d'après les comptes saisis."
    )
    assert plain(view.basis(replace(BASE, last_month=12, cost_period="year"))) == "D'après l'année 2026 entière."
    assert "coûte" not in view.basis(replace(BASE, amount=None))


def test_fewer_hours_of_a_cause_tell_their_euros_and_what_they_bring_in_all() -> None:
    causes = [
        cause("absent_justified", "80.00", reason="Maladie"),
        cause("rounding", "20.00"),
        cause("closure", "-4"),
    ]
    assert view.movable([BASE, LESS], causes) == causes[:1]
    assert view.with_less([BASE, LESS], causes[0], 50) == LESS
    assert view.with_less([BASE, LESS], causes[0], 55) is None
    said = plain(view.less_words(BASE, causes[0], LESS))
    assert said.startswith("Avec 40,00 h de moins (« Absences justifiées, encore facturées : Maladie »)")
    assert "taux de **106,00 %** au lieu de 110,00 %" in said
    assert "Prix retenu : 10,0000 € l'heure au lieu de 9,6538 €" in said
    assert "PSU : **5 000,00 €** au lieu de 4 950,50 € (+ 49,50 €)" in said
    assert "1 590,00 € au lieu de 1 650,00 € (− 60,00 €)" in said
    assert said.endswith("En tout, **− 10,50 €** pour la collectivité.")


def test_what_is_refused_is_said_by_its_name_and_the_rate_stays() -> None:
    refused = replace(LESS, amount=None, price_retained=None, fault="accounts_missing 2026 jan_sep")
    said = plain(view.less_words(BASE, cause("absent_justified", "80"), refused))
    assert "taux de **106,00 %** au lieu de 110,00 %" in said
    assert "Prix plafond : 10,0000 € l'heure au lieu de 9,6538 €" in said
    assert said.endswith(
        "Les comptes de 2026, de janvier à septembre ne sont pas saisis : sans eux, pas de prix de revient."
    )


def test_another_rounding_tells_both_hours_and_which_step_is_todays() -> None:
    today = replace(BASE, rounding_minutes=15)
    assert [row.rounding_minutes for row in view.steps([HALF_HOUR, BASE, today])] == [15, 30]
    assert view.as_it_is([HALF_HOUR, BASE]) == BASE
    assert view.step_words(HALF_HOUR, BASE) == "à la demi-heure"
    assert view.step_words(today, BASE) == "au quart d'heure (comme aujourd'hui)"
    said = plain(view.rounded_words(BASE, HALF_HOUR))
    assert said.startswith(
        "Arrondies à la demi-heure, 1 040,00 h réalisées au lieu de 1 000,00, 1 100,00 h facturées au lieu de "
    )
