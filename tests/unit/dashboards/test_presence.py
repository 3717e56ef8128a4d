"""Who is here, as staff read it."""

from datetime import date
from typing import Any

import pytest

from dashboards.viewmodels import presence as view
from domain.french import NBSP
from records.operations.presence_board import (
    ChildPresence,
    PresenceBoard,
    ServicePresence,
    UnknownPresence,
    Whereabouts,
)
from records.operations.presence_freshness import TerminalsHeard

TODAY = date(2026, 11, 24)


def child(child_id: int = 1, whereabouts: Whereabouts = Whereabouts.INSIDE, **changes: Any) -> ChildPresence:
    facts: dict[str, Any] = {
        "child_id": child_id,
        "child_ref": f"enfant-{child_id}",
        "first_name": "Léa",
        "last_name": "Fournier",
        "class_label": "CE1",
        "whereabouts": whereabouts,
        "is_expected": True,
        "formula": None,
        "arrived_at": None,
        "arrived_minute": 706 if whereabouts in (Whereabouts.INSIDE, Whereabouts.LEFT) else None,
        "left_at": None,
        "left_minute": None,
        "is_departure_missing": False,
        "decision": None,
    }
    return ChildPresence(**{**facts, **changes})


def service(*children: ChildPresence, **changes: Any) -> ServicePresence:
    facts: dict[str, Any] = {
        "structure_id": 1,
        "structure_ref": "tilleuls",
        "structure_name": "Les Tilleuls",
        "service_ref": "cantine",
        "service_label": "Cantine",
        "service_kind": "canteen",
        "slot_start_minute": 690,
        "slot_end_minute": 810,
        "is_open": True,
        "has_begun": True,
        "is_over": False,
        "needs_departure": False,
        "children": children,
    }
    return ServicePresence(**{**facts, **changes})


def unknown(**changes: Any) -> UnknownPresence:
    facts: dict[str, Any] = {
        "tap_id": "t",
        "structure_ref": "tilleuls",
        "structure_name": "Les Tilleuls",
        "occurred_at": 0,
        "occurred_minute": 706,
        "badge_uid": "04A1B2C34F2A",
        "typed_name": None,
        "reason": "unknown_badge",
    }
    return UnknownPresence(**{**facts, **changes})


MORNING = service(service_ref="matin", service_label="Garderie du matin", is_over=True)
EVENING = service(service_ref="soir", service_label="Garderie du soir", has_begun=False)
ELSEWHERE = service(structure_ref="bourg", structure_name="Le Bourg")


@pytest.mark.parametrize(
    ("services", "place", "chosen", "kept"),
    [
        ((MORNING, service(), EVENING), None, view.IN_PROGRESS, ["cantine"]),
        ((MORNING, EVENING), None, view.IN_PROGRESS, ["matin", "soir"]),
        ((MORNING, service(), EVENING), None, view.WHOLE_DAY, ["matin", "cantine", "soir"]),
        ((MORNING, service(), EVENING), None, "soir", ["soir"]),
        ((service(), ELSEWHERE), "bourg", view.WHOLE_DAY, ["cantine"]),
    ],
)
def test_services_are_those_chosen(
    services: tuple[ServicePresence, ...], place: str | None, chosen: str, kept: list[str]
) -> None:
    found = view.services_kept(PresenceBoard(TODAY, 0, services, ()), place, chosen)
    assert [each.service_ref for each in found] == kept


def test_child_of_two_services_is_one_child() -> None:
    found = view.counts([service(child(1)), service(child(1), child(2, Whereabouts.MISSING))])
    assert (found.expected, found.inside, found.missing) == (2, 1, 1)


def test_every_figure_has_its_reference() -> None:
    shown = view.metrics(view.counts([service(child(1), child(2, Whereabouts.MISSING))]))
    assert shown[0] == ("Sur place", "1", f"sur 2{NBSP}attendus")
    assert all(reference for _, _, reference in shown)


def test_headline_says_what_needs_somebody() -> None:
    missing = view.counts([service(child(1, Whereabouts.MISSING))])
    must_act, text = view.headline(missing, [unknown()])
    assert must_act
    assert text.replace(NBSP, " ") == "**1 enfant attendu n'est pas noté**, 1 passage sans nom à compléter."
    assert view.headline(view.counts([service(child(1))]), []) == (False, "Tous les enfants attendus sont notés.")


@pytest.mark.parametrize(
    ("heard", "end"),
    [
        (TerminalsHeard(3, 3, ()), "reçues de 3 terminaux sur 3 ✓"),
        (TerminalsHeard(3, 2, ("Borne du Bourg",)), "2 terminaux sur 3 ; sans nouvelles de : Borne du Bourg"),
        (
            TerminalsHeard(5, 1, ("A", "B", "C", "D")),
            "reçues de 1 terminal sur 5 ; sans nouvelles de : A · B et 2 autres",
        ),
        (TerminalsHeard(3, 0, ("A", "B", "C")), "rien reçu depuis 15 min (3 terminaux)"),
        (TerminalsHeard(0, 0, ()), "aucun terminal installé"),
    ],
)
def test_data_line_says_how_fresh_the_page_is(heard: TerminalsHeard, end: str) -> None:
    text = view.data_line("Tous les lieux", 708, heard).replace(NBSP, " ")
    assert text.startswith("Tous les lieux – données à 11 h 48")
    assert text.endswith(end)


def test_work_list_begins_with_presences_without_a_name() -> None:
    services = [
        service(
            child(1, Whereabouts.MISSING),
            child(2, is_expected=False, last_name="Nguyen", first_name="Paul"),
            child(3, is_departure_missing=True),
            child(4),
        )
    ]
    table = view.to_settle(services, [unknown(), unknown(typed_name="Sacha", badge_uid=None, reason="typed_name")])
    rows = [tuple(str(cell).replace(NBSP, " ") for cell in row) for row in table.rows]
    assert [row[1] for row in rows] == [
        "Badge …4F2A, badge inconnu",
        "« Sacha », nom saisi",
        "FOURNIER Léa, CE1",
        "NGUYEN Paul, CE1",
        "FOURNIER Léa, CE1",
    ]
    assert [row[0] for row in rows[2:]] == [view.TO_NOTE, view.UNEXPECTED, view.STILL_IN]
    assert rows[2][3] == "depuis 11 h 30"


@pytest.mark.parametrize(
    ("given", "end"),
    [
        (service(child(1)), "1 sur place sur 1 attendu"),
        (service(child(1, Whereabouts.AWAITED), has_begun=False), "1 attendu, pas encore commencé"),
        (service(child(1, Whereabouts.LEFT), is_over=True), "1 venu sur 1 attendu, terminé"),
    ],
)
def test_title_of_a_service_says_where_it_stands(given: ServicePresence, end: str) -> None:
    assert view.service_title(given).replace(NBSP, " ") == f"Cantine, Les Tilleuls (11 h 30 – 13 h 30) : {end}"


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (child(1), view.HERE),
        (child(1, Whereabouts.LEFT), view.CAME),
        (child(1, Whereabouts.MISSING), view.TO_NOTE),
        (child(1, Whereabouts.AWAITED), view.LATER),
        (child(1, is_expected=False), view.UNEXPECTED),
        (child(1, is_departure_missing=True), view.STILL_IN),
        (child(1, Whereabouts.ABSENT, decision="absent_justified"), view.JUSTIFIED),
        (child(1, Whereabouts.ABSENT, decision="absent_unjustified"), view.BILLED),
    ],
)
def test_state_is_a_sign_and_a_word(given: ChildPresence, state: str) -> None:
    assert view.service_table(service(given)).rows[0][0] == state


@pytest.mark.parametrize(
    ("given", "times"),
    [
        (child(1), "11 h 46"),
        (child(1, left_minute=750), "11 h 46 – 12 h 30"),
        (child(1, is_departure_missing=True), "11 h 46, départ non noté"),
        (child(1, Whereabouts.LEFT, arrived_minute=None, left_minute=750), "départ à 12 h 30, arrivée inconnue"),
        (child(1, Whereabouts.MISSING), ""),
    ],
)
def test_times_say_what_was_not_noted(given: ChildPresence, times: str) -> None:
    assert str(view.service_table(service(given)).rows[0][2]).replace(NBSP, " ") == times


def test_unknown_class_is_said_and_never_blank() -> None:
    assert view.service_table(service(child(1, class_label=None))).rows[0][1] == "FOURNIER Léa, classe inconnue"
    daycare = service(child(1, class_label=None), service_kind="daycare")
    assert view.service_table(daycare).rows[0][1] == "FOURNIER Léa"
