"""Months: what confirming decides, what it refuses, and that nothing changes afterwards unless reopened."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AttendanceDecision
from records.operations import month_confirmation
from records.operations.attendance import Decision, decide
from records.operations.holes import open_holes, settle_hole
from records.operations.month_confirmation import Confirmation, confirm_month, undecided_absences
from records.operations.month_states import lock_month, month_history, reopen_month
from records.operations.services import add_rule
from tests.factories.people import FamilyRefs, a_badge, a_family, a_hole, a_tap, a_terminal, an_enrolment
from tests.factories.town import (
    CANTEEN,
    EVENING,
    OTHER_SCHOOL,
    SCHOOL,
    TODAY,
    ZONE,
    HandClock,
    canteen_rule,
    place_ids,
)

SEPTEMBER, NOVEMBER, DECEMBER = date(2026, 9, 1), date(2026, 11, 1), date(2026, 12, 1)
FRIDAY = date(2026, 11, 27)
COORDINATOR = Actor("Claire", (Grant("coordinator"),))
AJ = Decision("fournier-lea", CANTEEN, SCHOOL, TODAY, "absent_justified", "certificat médical")


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A pupil who eats and stays in the evening from 23 November on."""
    made = a_family(town)
    for service in (CANTEEN, EVENING):
        an_enrolment(town, made, service, ref=service, valid_from=date(2026, 11, 23), valid_to=date(2026, 11, 28))
    return made


def decisions(records: Records) -> list[tuple[date, str, str]]:
    with records.read() as session:
        rows = session.scalars(select(AttendanceDecision).order_by(AttendanceDecision.day, AttendanceDecision.id))
        return [(row.day, row.kind, row.recorded_by) for row in rows]


def test_confirming_applies_the_services_default_to_what_is_left_under_the_coordinators_name(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    add_rule(town, SETUP, canteen_rule(valid_from=date(2026, 11, 26), undecided_default="not_billed"))
    add_rule(town, SETUP, canteen_rule(valid_from=FRIDAY, undecided_default="no_line"))
    clock.set(480, DECEMBER)
    decide(town, COORDINATOR, AJ)
    left = undecided_absences(town, COORDINATOR, SCHOOL, NOVEMBER, DECEMBER)
    assert [(each.day.day, each.service_ref, each.default) for each in left] == [
        (23, CANTEEN, "absent_unjustified"),
        (26, CANTEEN, "absent_justified"),
    ]
    assert confirm_month(town, COORDINATOR, SCHOOL, TODAY) == Confirmation(1, 1, 0, 0)
    assert decisions(town) == [
        (date(2026, 11, 23), "absent_unjustified", "Claire"),
        (TODAY, "absent_justified", "Claire"),
        (date(2026, 11, 26), "absent_justified", "Claire"),
    ]
    assert undecided_absences(town, COORDINATOR, SCHOOL, NOVEMBER, DECEMBER) == []


def test_what_is_decided_while_the_month_is_read_is_not_decided_again(
    town: Records, family: FamilyRefs, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set(480, DECEMBER)
    real, meanwhile = month_confirmation.find_left, [AJ]

    def read_then_somebody_decides(*asked: object) -> month_confirmation.Left:
        left = real(*asked)  # type: ignore[arg-type]
        while meanwhile:
            decide(town, SETUP, meanwhile.pop())
        return left

    monkeypatch.setattr(month_confirmation, "find_left", read_then_somebody_decides)
    assert confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER).absences_billed == 3
    assert [kind for day, kind, _ in decisions(town) if day == TODAY] == ["absent_justified"]


def settle_all_holes(records: Records) -> None:
    for hole in open_holes(records, SETUP, records.clock()):
        settle_hole(records, SETUP, hole, "declared_closed", "vu avec l'école")


def test_confirmed_month_takes_no_decision_until_it_is_reopened_with_a_reason(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    clock.set(480, DECEMBER)
    confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    with pytest.raises(InvalidData, match="Novembre 2026 est confirmé pour École des Tilleuls"):
        decide(town, COORDINATOR, AJ)
    with pytest.raises(InvalidData, match="pourquoi le mois doit être rouvert"):
        reopen_month(town, COORDINATOR, SCHOOL, NOVEMBER, " ")
    reopen_month(town, COORDINATOR, SCHOOL, NOVEMBER, "Certificat reçu le 2 décembre")
    decide(town, COORDINATOR, AJ)
    confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    said = month_history(town, COORDINATOR, SCHOOL, FRIDAY)
    assert [(each.state, each.reason, each.recorded_by) for each in said] == [
        ("confirmed", None, "Claire"),
        ("reopened", "Certificat reçu le 2 décembre", "Claire"),
        ("confirmed", None, "Claire"),
    ]


def test_month_of_one_place_closes_neither_another_place_nor_another_month(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    confirm_month(town, COORDINATOR, SCHOOL, SEPTEMBER)
    decide(town, COORDINATOR, AJ)
    clock.set(480, DECEMBER)
    confirm_month(town, COORDINATOR, OTHER_SCHOOL, NOVEMBER)
    decide(town, COORDINATOR, replace(AJ, reason="corrigé"))
    assert [kind for _, kind, _ in decisions(town)] == ["absent_justified"] * 2


def test_month_is_confirmed_once_and_only_when_it_is_over(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    clock.set(1439, date(2026, 11, 30))
    with pytest.raises(InvalidData, match="à partir du mardi 1er décembre 2026"):
        confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    clock.set(0, DECEMBER)
    confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    with pytest.raises(InvalidData, match="est déjà confirmé"):
        confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    with pytest.raises(InvalidData, match="est déjà ouvert"):
        reopen_month(town, COORDINATOR, SCHOOL, DECEMBER, "par erreur")


def test_month_with_an_open_hole_waits_for_somebody_to_settle_it(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    a_hole(town, a_terminal(town))
    clock.set(480, DECEMBER)
    with pytest.raises(InvalidData, match=r"trous? dans les passages de novembre 2026.* sur la page Terminaux"):
        confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    assert decisions(town) == []
    settle_all_holes(town)
    assert confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER).absences_billed == 4


def test_late_pickups_nobody_answered_are_waived_and_unknown_presences_are_counted(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    badge, terminal = a_badge(town, family.child), a_terminal(town)
    for minute in (1000, 1130):
        a_tap(town, terminal, minute, badge_uid=badge)
    a_tap(town, terminal, 705, kind="roll_call", typed_name="Zoé")
    clock.set(480, DECEMBER)
    settle_all_holes(town)
    found = confirm_month(town, COORDINATOR, SCHOOL, NOVEMBER)
    assert (found.late_waived, found.unknown_presences) == (1, 1)
    assert (TODAY, "late_waived", "Claire") in decisions(town)


def test_locked_month_is_reopened_by_who_keeps_the_accounts_alone(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    with pytest.raises(InvalidData, match="n'est pas confirmé pour École des Tilleuls"):
        lock_month(town, SETUP, SCHOOL, SEPTEMBER)
    confirm_month(town, COORDINATOR, SCHOOL, SEPTEMBER)
    lock_month(town, SETUP, SCHOOL, SEPTEMBER)
    arrival = replace(AJ, day=SEPTEMBER, kind="arrival", occurred_at=instant_at(SEPTEMBER, 700, ZONE))
    with pytest.raises(InvalidData, match="verrouillé pour la facturation"):
        decide(town, COORDINATOR, arrival)
    with pytest.raises(NotAllowed):
        reopen_month(town, COORDINATOR, SCHOOL, SEPTEMBER, "oubli")
    reopen_month(town, SETUP, SCHOOL, SEPTEMBER, "oubli")
    assert month_history(town, COORDINATOR, SCHOOL, SEPTEMBER)[0].state == "reopened"


def test_coordinator_of_one_school_confirms_that_school_alone(town: Records, family: FamilyRefs) -> None:
    coordinator = Actor("Claire", (Grant("coordinator", place_ids(town)[SCHOOL]),))
    with pytest.raises(NotAllowed):
        confirm_month(town, coordinator, OTHER_SCHOOL, SEPTEMBER)
    assert confirm_month(town, coordinator, SCHOOL, SEPTEMBER + timedelta(days=9)).absences_billed == 0
