"""What was noted since a declaration was frozen, of a child and its place: the reason of a day that moved."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.caf_declarations import ACTUAL, JUNE, About, Figure
from domain.errors import NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant, Right
from records.database import Records
from records.models import Tap
from records.operations.aeeh import record_aeeh
from records.operations.attendance import Decision, decide
from records.operations.bookings import declare_absence
from records.operations.caf_changes import ChildAsked, noted_since
from records.operations.caf_noted import NotedSince
from records.operations.calendar_days import edit_calendar_days
from records.operations.care_contracts import NewCareContract, add_care_contract
from records.operations.collectivity import CalendarEdit
from records.operations.declarations import NewDeclaration, freeze_declaration
from records.operations.enrolments import NewPattern
from records.operations.events import NewEvent, add_event, edit_event
from records.operations.family_facts import NewRegime, add_regime
from records.operations.merges import merge_people
from records.operations.openings import NewOpening, add_opening
from records.operations.services import add_rule
from records.operations.state_values import NewStateValue, enter_state_value
from tests.factories.people import FamilyRefs, a_family, a_terminal, an_enrolment, kept, new_booking
from tests.factories.town import (
    CANTEEN,
    EVENING,
    OTHER_SCHOOL,
    SCHOOL,
    START,
    TODAY,
    HandClock,
    evening_rule,
    place_ids,
)

HOURS = Figure("alsh_peri", 1, "hours", Decimal(12), "hours")
YESTERDAY = TODAY - timedelta(days=1)
FROZEN_ON = TODAY + timedelta(days=3)
LATER = TODAY + timedelta(days=9)


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child enrolled at the canteen and in the evening, days before anything is frozen."""
    found = a_family(town)
    an_enrolment(town, found)
    hours = tuple(NewPattern(weekday, start_minute=990, end_minute=1080) for weekday in range(5))
    an_enrolment(town, found, EVENING, ref="soir-lea", patterns=hours)
    return found


@pytest.fixture
def about(town: Records, family: FamilyRefs, clock: HandClock) -> About:
    """The year as it was frozen; then a week goes by."""
    clock.set(600, FROZEN_ON)
    frozen = freeze_declaration(town, SETUP, NewDeclaration(SCHOOL, 2026, ACTUAL, "chiffres", (HOURS,), ()))
    clock.set(600, LATER)
    return frozen.about


def noted(town: Records, about: About, family: FamilyRefs, *tap_nos: int) -> list[NotedSince]:
    return noted_since(town, SETUP, ChildAsked(about, family.child, tap_nos))


def absence(family: FamilyRefs, **changes: object) -> Decision:
    decision = Decision(family.child, EVENING, SCHOOL, YESTERDAY, "absent_justified", "Grippe")
    return replace(decision, **changes)  # type: ignore[arg-type]


def test_correction_is_told_with_its_day_its_words_its_author_and_its_time(
    town: Records, about: About, family: FamilyRefs, clock: HandClock
) -> None:
    decide(town, SETUP, absence(family))
    (told,) = noted(town, about, family)
    assert told == NotedSince(
        EVENING, YESTERDAY, YESTERDAY, "absent_justified", "Grippe", clock.now, SETUP.signature
    )
    assert told.concerns(EVENING, YESTERDAY)
    assert not told.concerns(CANTEEN, YESTERDAY)
    assert not told.concerns(EVENING, TODAY)


def test_what_was_noted_before_the_eve_of_the_declaration_is_in_it_already(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    decide(town, SETUP, absence(family, day=TODAY - timedelta(days=5)))
    clock.set(600, FROZEN_ON)
    decide(town, SETUP, absence(family))
    new = NewDeclaration(SCHOOL, 2026, ACTUAL, "chiffres", (HOURS,), ())
    frozen = freeze_declaration(town, SETUP, new)
    assert [each.first for each in noted(town, frozen.about, family)] == [YESTERDAY]
    june = freeze_declaration(town, SETUP, replace(new, version=JUNE))
    assert noted(town, june.about, family) == []


def test_absence_that_a_family_announced_is_told(town: Records, about: About, family: FamilyRefs) -> None:
    declare_absence(town, SETUP, new_booking(family, LATER))
    (told,) = noted(town, about, family)
    assert (told.what, told.service_ref, told.first) == ("booking_absence", CANTEEN, LATER)


def test_tap_that_came_late_is_told_with_its_terminal_and_only_there(
    town: Records, about: About, family: FamilyRefs, clock: HandClock
) -> None:
    kept(
        town, a_terminal(town), {1: 1000}, YESTERDAY, badge_uid=None, child_ref=family.child, received_at=clock.now
    )
    kept(town, a_terminal(town, "bourg", OTHER_SCHOOL), {1: 1000}, YESTERDAY, received_at=clock.now)
    with town.read() as session:
        rows = [row.id for row in session.query(Tap)]
    (told,) = noted(town, about, family, *rows)
    assert (told.what, told.first, told.recorded_by, told.recorded_at) == (
        "tap_late", YESTERDAY, "Borne borne-1", clock.now
    )  # fmt: skip
    assert noted(town, about, family) == []


def test_contract_regime_aeeh_and_opening_are_told_from_their_first_day(
    town: Records, about: About, family: FamilyRefs
) -> None:
    contract = NewCareContract("soir-lea", START, date(2027, 7, 1), minutes_per_week=450, weeks=40, months=10)
    add_care_contract(town, SETUP, contract)
    add_regime(town, SETUP, family.ref, NewRegime("msa", "MSA", YESTERDAY))
    record_aeeh(town, SETUP, family.child, TODAY, is_open=True)
    add_opening(town, SETUP, NewOpening(SCHOOL, "school", 1, TODAY, 450, 1110))
    told = {each.what: each for each in noted(town, about, family)}
    assert set(told) == {"care_contract", "regime", "aeeh_right", "structure_opening"}
    assert {each.recorded_by for each in told.values()} == {SETUP.signature}
    assert (told["care_contract"].service_ref, told["care_contract"].last) == (EVENING, date(2027, 6, 30))
    assert told["regime"].concerns(CANTEEN, YESTERDAY)
    assert not told["regime"].concerns(CANTEEN, YESTERDAY - timedelta(days=1))
    tuesday = told["structure_opening"]
    assert tuesday.concerns(EVENING, TODAY)
    assert not tuesday.concerns(EVENING, TODAY + timedelta(days=1))


def test_what_was_noted_of_a_duplicate_is_told_of_the_child_who_is_kept_and_so_is_their_merge(
    town: Records, about: About, family: FamilyRefs
) -> None:
    double = a_family(town, "Belkacem")
    an_enrolment(town, double, EVENING, ref="soir-double")
    decide(town, SETUP, absence(double))
    merge_people(town, SETUP, family.child, double.child, "doublon")
    for child in (family.child, double.child):
        told = {each.what: each for each in noted_since(town, SETUP, ChildAsked(about, child))}
        assert told["absent_justified"].first == YESTERDAY
        assert told["merge"].detail == "doublon"
        assert told["merge"].concerns(CANTEEN, YESTERDAY)


def test_day_of_the_calendar_is_told_of_its_place_and_zone_alone(
    town: Records, about: About, family: FamilyRefs
) -> None:
    edits = [
        CalendarEdit(YESTERDAY, "closure", "Travaux", structure_ref=SCHOOL),
        CalendarEdit(TODAY, "closure", "Travaux", structure_ref=OTHER_SCHOOL),
        CalendarEdit(TODAY, "bridge", "Pont", zone="A"),
        CalendarEdit(LATER, "bridge", "Pont", zone="B"),
    ]
    edit_calendar_days(town, SETUP, edits)
    edit_calendar_days(town, SETUP, [replace(edits[0], label=None)])
    told = [(each.what, each.first, each.last) for each in noted(town, about, family)]
    assert told == [("calendar_day", YESTERDAY, YESTERDAY)] * 2 + [("calendar_day", TODAY, TODAY)]


def test_closure_is_told_of_the_days_that_it_shut_and_of_those_that_it_shuts_now(
    town: Records, about: About, family: FamilyRefs, clock: HandClock
) -> None:
    closure = NewEvent("greve", "strike", "Grève", YESTERDAY, TODAY, structure_ref=SCHOOL, service_ref=EVENING)
    add_event(town, SETUP, closure)
    add_event(town, SETUP, replace(closure, ref="ailleurs", structure_ref=OTHER_SCHOOL))
    (told,) = noted(town, about, family)
    assert (told.service_ref, told.first, told.last, told.detail) == (EVENING, YESTERDAY, YESTERDAY, "Grève")
    clock.set(700, LATER)
    edit_event(town, SETUP, "greve", {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=2)}, 1)
    moved = noted(town, about, family)[-1]
    assert (moved.recorded_at, moved.first, moved.last) == (clock.now, YESTERDAY, TODAY + timedelta(days=1))


def test_rule_of_a_service_of_the_place_and_a_value_of_the_state_are_told(
    town: Records, about: About, family: FamilyRefs
) -> None:
    add_rule(town, SETUP, evening_rule(valid_from=TODAY, decision="Délibération 2026-31"))
    add_rule(town, SETUP, evening_rule(valid_from=TODAY, structure_ref=OTHER_SCHOOL))
    value = NewStateValue("caf.pso.price_cap_periscolaire", date(2026, 1, 1), "0,60", "Barème 2026")
    enter_state_value(town, SETUP, value)
    told = {each.what: each for each in noted(town, about, family)}
    assert set(told) == {"service_rule", "state_value"}
    rule = told["service_rule"]
    assert (rule.service_ref, rule.first, rule.detail) == (EVENING, TODAY, "Délibération 2026-31")
    assert told["state_value"].detail == "caf.pso.price_cap_periscolaire"


def test_of_another_place_or_without_the_files_nothing_is_told(
    town: Records, about: About, family: FamilyRefs
) -> None:
    asked = ChildAsked(about, family.child)
    places = place_ids(town)
    director = Actor("Direction", (Grant("daycare_director", places[SCHOOL]),))
    assert noted_since(town, director, asked) == []
    for actor in (
        Actor("Ailleurs", (Grant("daycare_director", places[OTHER_SCHOOL]),)),
        Actor("Chiffres", rights=frozenset({Right.SEE_CAF})),
    ):
        with pytest.raises(NotAllowed):
            noted_since(town, actor, asked)
    with pytest.raises(NotFound, match="figée"):
        noted_since(town, SETUP, replace(asked, about=replace(about, number=9)))
