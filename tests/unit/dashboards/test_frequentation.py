"""Who was booked and who came, as directors read it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboards.viewmodels import frequentation as view
from domain.french import NBSP
from warehouse.reader import FrequentationRow

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


def row(**changes: Any) -> FrequentationRow:
    facts: dict[str, Any] = {
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "service_ref": "cantine",
        "service_label": "Cantine",
        "class_label": "CP",
        "day": MONDAY,
        "period": "school_day",
        "booked": 10,
        "present": 8,
        "unexpected": 1,
        "absent_unjustified": 1,
        "absent_justified": 1,
        "places": 40,
    }
    counts = ("absent_declared", "undecided", "unknown", "to_come", "late_pickups", "adults")
    facts = {**dict.fromkeys(counts, 0), **facts, **changes}
    return FrequentationRow(**{"weekday": facts["day"].weekday(), **facts})


def test_take_up_is_of_those_whose_slot_is_over_and_known() -> None:
    rows = [row(), row(class_label="CE1", booked=5, present=1, unexpected=0, to_come=2, unknown=2)]
    assert view.tally(rows).take_up == Decimal(82)  # 9 of 11
    assert view.tally([row(booked=3, present=0, to_come=3)]).take_up is None


def test_capacity_counts_all_classes_of_a_service_on_a_day() -> None:
    rows = [row(present=25, places=40), row(class_label="CE1", present=24, unexpected=0, places=40)]
    (over,) = view.above_capacity(rows)
    assert (over.came, over.places) == (50, 40)
    must_act, text = view.headline(rows)
    assert must_act
    assert "jusqu'à 50 enfants pour 40 places, Cantine, Les Tilleuls, lundi 23 novembre" in text.replace(NBSP, " ")
    assert view.filling(rows) == Decimal(125)


def test_filling_leaves_out_what_is_not_over_or_has_no_capacity() -> None:
    rows = [row(present=19, places=40), row(day=TUESDAY, present=3, to_come=9), row(day=WEDNESDAY, places=None)]
    assert view.filling(rows) == Decimal(50)
    assert view.filling([row(places=None)]) is None


def test_absences_that_nobody_decided_are_what_needs_a_decision() -> None:
    must_act, text = view.headline([row(undecided=2, absent_declared=1)])
    assert must_act
    assert text.replace(NBSP, " ").startswith("**3 absences à décider** : A ou AJ.")
    assert view.headline([row()]) == (False, "Aucune absence à décider, aucune capacité dépassée.")


def test_adults_who_eat_are_told_apart_and_make_no_line_of_a_class() -> None:
    nobody = dict.fromkeys(("booked", "present", "unexpected", "absent_unjustified", "absent_justified"), 0)
    rows = [row(), row(class_label="", adults=3, **nobody), row(class_label="CE1", day=TUESDAY, **nobody)]
    table = view.axis_table(rows, [], "classe")
    assert [line[0] for line in table.rows] == ["Les Tilleuls, CP"]
    assert view.adults_words(rows).replace(NBSP, " ") == "En plus des enfants : 3 venues d'adultes qui mangent."
    assert view.adults_words([row()]) == ""
    assert view.tally(rows).came == 9


@pytest.mark.parametrize(
    ("axis", "labels"),
    [
        ("service", ["Cantine", "Garderie"]),
        ("lieu", ["Le Bourg", "Les Tilleuls"]),
        ("classe", ["Le Bourg, Sans classe", "Les Tilleuls, CP"]),
        ("jour", ["Lundi", "Mardi"]),
        ("periode", ["Jours d'école", "Vacances et ponts"]),
    ],
)
def test_table_has_a_line_for_each_value_of_its_axis(axis: str, labels: list[str]) -> None:
    other = row(
        structure_ref="bourg", structure_label="Le Bourg", service_ref="soir", service_label="Garderie",
        class_label="", day=TUESDAY, period="holiday",
    )  # fmt: skip
    table = view.axis_table([row(), other], [], axis)
    assert [line[0] for line in table.rows] == labels
    assert table.totals[:3] == ("Total", 20, 18)


def test_line_stands_beside_the_same_line_of_last_year() -> None:
    last_year = [row(day=date(2025, 11, 24), present=5)]
    (line,) = view.axis_table([row()], last_year, "service").rows
    assert [cell.replace(NBSP, " ") for cell in line[3:5] if isinstance(cell, str)] == ["80 %", "50 %"]
    (alone,) = view.axis_table([row()], [], "service").rows
    assert alone[4] == "inconnu"


def test_metrics_say_what_they_are_to_be_compared_with() -> None:
    shown = view.figures([row(late_pickups=2)], [row(present=7, unexpected=0)])
    assert [(label, value, said.replace(NBSP, " ")) for label, value, said in shown] == [
        ("Venues", "9", "sur 10 prévues, 7 l'an dernier"),
        ("Venus parmi les prévus", f"80{NBSP}%", "l'an dernier : 70 %"),
        ("Absences A", "1", "et 1 justifiée (AJ)"),
        ("Départs tardifs", "2", "1 sans réservation"),
    ]


def test_booked_of_days_to_come_stand_apart_from_those_held_against_who_came() -> None:
    rows = [row(), row(day=WEDNESDAY, booked=12, present=0, unexpected=0, to_come=12)]
    (_, _, said), *_ = view.figures(rows, [])
    assert said.replace(NBSP, " ") == "sur 10 prévues à ce jour, 12 à venir"
    (line,) = view.axis_table(rows, [], "service").rows
    assert (line[1], line[2], line[5]) == (10, 9, 12)


def test_limit_is_drawn_for_one_service_of_one_place_alone() -> None:
    assert view.capacity_of([row(), row(day=TUESDAY)]) == 40
    assert view.capacity_of([row(), row(service_ref="soir")]) is None
    assert view.capacity_of([row(), row(day=TUESDAY, places=30)]) is None


def test_titles_are_findings() -> None:
    rows = [row(), row(day=TUESDAY, present=4)]
    assert view.chart_title(rows).replace(NBSP, " ") == "Lundi 23 novembre : 9 venues, le plus du mois"
    assert view.weekday_title(rows).replace(NBSP, " ") == "Le mardi, 40 % des prévus viennent"
    assert view.chart_title([row(present=0, unexpected=0)]) == "Personne n'est encore venu sur cette période"


def test_choice_keeps_its_rows() -> None:
    keep = view.keeping("tilleuls", "*", "school_day", "*")
    assert [keep(one) for one in (row(), row(structure_ref="bourg"), row(period="holiday"))] == [True, False, False]


def test_spreadsheet_has_every_row_and_says_what_is_unknown() -> None:
    table = view.detail_table([row(class_label="", places=None)])
    assert (table.rows[0][3], table.rows[0][-1]) == ("Sans classe", "inconnu")
    assert len(table.rows[0]) == len(table.columns)
