"""« Pourquoi ce prix ? » for one line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.french import NBSP
from domain.lines import LineTap
from portal.views.reason import ReasonView, reason_view
from tests.unit.portal.lines import evening, line

TODAY = date(2026, 11, 24)


def facts(view: ReasonView) -> dict[str, str]:
    return {name: value.replace(NBSP, " ") for name, value in view.facts}


def test_page_repeats_the_sentences_of_every_reader() -> None:
    view = reason_view(line(), ["Repas prévu.", "2,80 €."], TODAY)
    assert view.sentences == ("Repas prévu.", "2,80 €.")
    assert view.code == line().line_key


def test_facts_name_tariff_decision_band_and_qf_with_its_source() -> None:
    assert facts(reason_view(line(), [], TODAY)) == {
        "Tarif": "Cantine 2026, Enfant",
        "Décision": "Délibération 2026-41",
        "En vigueur depuis": "01/09/2026",
        "Quotient familial": "742 (CAF, depuis le 01/09/2026)",
        "Tranche": "QF à partir de 350",
        "Prix unitaire": "2,80 €",
        "Quantité": "1",
    }


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, "350.00", "QF de moins de 350"),
        ("0.00", "350.00", "QF de moins de 350"),
        ("350.00", "600.50", "QF à partir de 350, moins de 600,50"),
        ("1200.00", None, "QF à partir de 1 200"),
        (None, None, None),
    ],
)
def test_band_says_on_which_side_its_edges_fall(low: str | None, high: str | None, words: str | None) -> None:
    bounds: dict[str, Any] = {"band_from": low and Decimal(low), "band_to": high and Decimal(high)}
    assert facts(reason_view(line(**bounds), [], TODAY)).get("Tranche") == words


def test_unknown_qf_is_said_and_not_shown_as_a_figure() -> None:
    view = reason_view(line(qf_value=Decimal("9999.00"), qf_source="default"), [], TODAY)
    assert facts(view)["Quotient familial"] == "pas encore connu : tarif maximal appliqué"


def test_price_finer_than_the_cent_keeps_its_decimals() -> None:
    assert facts(reason_view(line(unit_price=Decimal("0.4125")), [], TODAY))["Prix unitaire"] == "0,4125 €"


def test_taps_say_what_how_and_where() -> None:
    taps = (
        LineTap(1, "arrival", 995, "badge", "Borne du hall"),
        LineTap(2, "repeat", 996, "badge", "Borne du hall"),
        LineTap(3, "departure", 1051, "roll_call", "Tablette"),
    )
    view = reason_view(evening(taps=taps), [], TODAY)
    assert [(row.what.replace(NBSP, " "), row.how) for row in view.taps] == [
        ("Arrivée à 16 h 35", "badge, Borne du hall"),
        ("Badge présenté de nouveau à 16 h 36", "badge, Borne du hall"),
        ("Départ à 17 h 31", "appel, Tablette"),
    ]


def test_meal_without_tap_says_why_it_is_billed() -> None:
    assert "parce qu'il était prévu" in reason_view(line(), [], TODAY).no_tap_sentence
    assert reason_view(line(day=date(2026, 11, 27)), [], TODAY).no_tap_sentence == "Ce jour n'est pas encore venu."
    assert "Aucun passage" in reason_view(evening(), [], TODAY).no_tap_sentence


def test_line_leads_back_to_its_month() -> None:
    assert reason_view(line(), [], TODAY).month.href == "/lignes?mois=2026-11"
