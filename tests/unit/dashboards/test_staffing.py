"""Children and adults by half hour, as directors read them."""

from datetime import date
from typing import Any

from dashboards.viewmodels import staffing as view
from domain.french import NBSP
from records.operations.staff_plans import StaffPlanSeen
from warehouse.reader import StaffingRow

TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 26)
LEA: dict[str, Any] = {
    "tipping_child_ref": "lea",
    "tipping_first_name": "Léa",
    "tipping_last_name": "Fournier",
    "tipping_service_label": "Garderie du soir",
    "tipping_booked_on": date(2026, 11, 23),
    "is_tipping_late": True,
}


def half_hour(minute: int = 990, **changes: Any) -> StaffingRow:
    facts: dict[str, Any] = {
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "day": TOMORROW,
        "half_hour": minute,
        "is_planned": True,
        "peak_minute": minute,
        "under_6": 10,
        "from_6": 10,
        "daycare": 0,
        "daycare_walking": 0,
        "required": 2,
        "care": "short",
        "has_pedt": True,
        "under_6_per": 14,
        "from_6_per": 18,
        "is_director_apart": False,
        "planned": 2,
        **dict.fromkeys(LEA),
        "is_tipping_late": False,
    }
    return StaffingRow(**{**facts, **changes})


def plain(text: object) -> str:
    return str(text).replace(NBSP, " ")


def test_legal_minimum_of_a_day_is_told_once_for_each_care_with_what_decides_it() -> None:
    long = half_hour(care="long", has_pedt=False, under_6_per=8, from_6_per=12)
    creche = half_hour(care="daycare", under_6_per=None, from_6_per=None)
    said = plain(view.ratio_words([long, half_hour(1020), half_hour(1050), creche]))
    first, second = said.split(" Minimum légal, ")
    assert first == (
        "Minimum légal, accueil de 5 h au plus, dans un PEDT : un animateur pour 14 enfants de moins de 6 ans, et "
        "pour 18 de 6 ans et plus."
    )
    assert second.startswith("accueil de plus de 5 h, sans PEDT : un animateur pour 8 enfants de moins de 6 ans")
    assert view.ratio_words([creche]) == ""


def test_each_half_hour_says_by_a_sign_and_a_word_whether_there_are_enough() -> None:
    rows = [half_hour(), half_hour(planned=1), half_hour(planned=None), half_hour(required=None)]
    assert [plain(view.state(row)) for row in rows] == [
        ":green-badge[✓ Assez]",
        ":red-badge[▲ Manque]",
        ":yellow-badge[○ À prévoir]",
        ":red-badge[▲ Taux inconnu]",
    ]
    assert [view.missing(row) for row in rows] == [0, 1, None, None]


def test_half_hours_that_follow_each_other_are_one_line_of_work() -> None:
    rows = [
        half_hour(1020, planned=1, **LEA),
        half_hour(990, planned=1, **LEA),
        half_hour(1080, planned=1, **LEA),
        half_hour(1110),
    ]
    table = view.work_table(rows)
    assert [plain(line[2]) for line in table.rows] == ["16 h 30 – 17 h 30", "18 h – 18 h 30"]
    assert plain(table.rows[0][5]) == "FOURNIER Léa, réservé le 23/11/2026, hors délai (Garderie du soir)"
    assert (
        plain(table.rows[0][6])
        == "Ajoutez 1 animateur (ou la direction, si elle anime) ou proposez une autre place"
    )


def test_direction_counts_for_nobody_where_it_comes_on_top() -> None:
    (span,) = view.short_spans([half_hour(planned=1, is_director_apart=True)])
    assert plain(view.advice(span)) == "Ajoutez 1 animateur ou proposez une autre place"


def test_headline_names_the_first_moment_to_settle() -> None:
    must_act, text = view.headline([half_hour(planned=1, **LEA), half_hour(day=TODAY, is_planned=False)], TODAY)
    assert must_act
    assert plain(text).startswith("**1 moment sans assez d'animateurs** : le premier, jeudi 26 novembre à 16 h 30")


def test_headline_asks_for_what_is_not_known_before_saying_all_is_well() -> None:
    assert "Équipe non saisie pour 1 demi-heure" in plain(view.headline([half_hour(planned=None)], TODAY)[1])
    assert "n'a pas de valeur" in view.headline([half_hour(required=None, planned=1)], TODAY)[1]
    assert view.headline([half_hour()], TODAY) == (False, "Assez d'animateurs prévus jusqu'au jeudi 26 novembre.")
    assert view.headline([], TODAY)[0] is False


def test_metrics_show_the_peak_and_what_it_asks_for() -> None:
    rows = [half_hour(day=TODAY, from_6=41, under_6=27, required=5, planned=None), half_hour(planned=1)]
    shown = [tuple(map(plain, each)) for each in view.figures(rows, TODAY)]
    assert shown == [
        ("Au plus fort aujourd'hui", "68 enfants", "5 adultes demandés"),
        ("Au plus fort à venir", "20 enfants", "2 demandés, 1 prévu"),
        ("À découvert, à venir", "1", "sur 1 demi-heure"),
        ("À découvert, passées", "0", "sur 0 demi-heure"),
    ]


def test_weeks_gone_by_tell_their_worst_half_hour() -> None:
    gone = {"is_planned": False}
    rows = [
        half_hour(day=date(2026, 11, 17), planned=1, **gone),
        half_hour(day=date(2026, 11, 16), from_6=30, **gone),
        half_hour(day=date(2026, 11, 10), planned=None, **gone),
        half_hour(),
    ]
    lines = [tuple(map(plain, line)) for line in view.week_table(rows, TODAY).rows]
    assert lines == [
        ("Semaine du 16/11/2026", "2", "0", "1", "mardi 17 novembre, 16 h 30", "40, lundi 16 novembre à 16 h 30"),
        ("Semaine du 09/11/2026", "1", "1", "0", "aucune", "20, mardi 10 novembre à 16 h 30"),
    ]


def test_day_shows_early_childhood_only_where_there_is_some() -> None:
    assert "Petite enfance" not in view.day_table([half_hour()]).columns
    table = view.day_table([half_hour(), half_hour(1020, daycare=3, under_6=0, from_6=0)])
    assert table.columns[5] == "Petite enfance"
    assert table.rows[1][-1] == "à part"


def test_plans_are_told_as_they_were_said() -> None:
    week = StaffPlanSeen(TODAY, False, "school", 1, 990, 1110, 3, "Claire")
    table = view.plan_table([week, StaffPlanSeen(TOMORROW, True, "school", 3, 990, 1020, 1, "Claire")])
    assert [plain(line[0]) for line in table.rows] == [
        "Jeudi 26 novembre",
        "Chaque mardi, semaines d'école, dès le 24/11/2026",
    ]


def test_title_of_a_day_is_its_finding() -> None:
    assert plain(view.chart_title([half_hour(), half_hour(1020, planned=0)])) == "Il manque 2 animateurs à 17 h"
    assert view.chart_title([half_hour()]) == "Assez d'animateurs toute la journée"
    assert plain(view.chart_title([half_hour(planned=None)])) == "2 adultes demandés au plus fort, à 16 h 30"
