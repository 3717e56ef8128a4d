"""Late pick-ups: proposed past the closing and its tolerance, answered by who runs the place."""

from dataclasses import replace

import pytest

from domain.errors import InvalidData
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.attendance import Decision, decide
from records.operations.late_pickups import LateAnswer, LatePickup, answer_late_pickups, late_pickups
from records.operations.services import add_rule
from tests.factories.people import FamilyRefs, a_badge, a_family, a_tap, a_terminal, an_enrolment
from tests.factories.town import EVENING, SCHOOL, TODAY, ZONE, HandClock, evening_rule

DIRECTOR = Actor("Claire", (Grant("coordinator"),))
ACCEPTED = LateAnswer(TODAY, "fournier-lea", EVENING, True, "trente minutes, sans prévenir")


@pytest.fixture
def evening(town: Records, clock: HandClock) -> FamilyRefs:
    """A child fetched at 18:47 from the evening care that ends at 18:30."""
    family = a_family(town)
    an_enrolment(town, family, EVENING)
    badge, terminal = a_badge(town, family.child), a_terminal(town)
    for minute in (1000, 1127):
        a_tap(town, terminal, minute, badge_uid=badge)
    clock.set(1200)
    return family


def found(records: Records) -> list[LatePickup]:
    return late_pickups(records, DIRECTOR, SCHOOL, TODAY, TODAY)


def test_departure_after_the_end_is_a_proposal_until_somebody_answers(town: Records, evening: FamilyRefs) -> None:
    (proposal,) = found(town)
    assert (proposal.first_name, proposal.left_minute, proposal.minutes, proposal.answer) == ("Léa", 1127, 17, None)
    answer_late_pickups(town, DIRECTOR, SCHOOL, [ACCEPTED])
    assert found(town)[0].answer == "late_accepted"
    answer_late_pickups(town, DIRECTOR, SCHOOL, [replace(ACCEPTED, is_accepted=False, reason="car en retard")])
    assert found(town)[0].answer == "late_waived"


def test_departure_within_the_tolerance_is_no_proposal(town: Records, evening: FamilyRefs) -> None:
    add_rule(town, SETUP, evening_rule(valid_from=TODAY, tolerance_minutes=17))
    assert found(town) == []
    with pytest.raises(InvalidData, match="pas de dépassement d'horaire le mardi 24 novembre"):
        answer_late_pickups(town, DIRECTOR, SCHOOL, [ACCEPTED])


def test_departure_corrected_to_an_earlier_hour_takes_the_proposal_away(town: Records, evening: FamilyRefs) -> None:
    left_at = instant_at(TODAY, 1105, ZONE)
    decide(town, DIRECTOR, Decision(evening.child, EVENING, SCHOOL, TODAY, "departure", "badge oublié", left_at))
    assert found(town) == []


def test_departure_that_nobody_noted_is_no_lateness(town: Records, clock: HandClock) -> None:
    family = a_family(town)
    an_enrolment(town, family, EVENING)
    a_tap(town, a_terminal(town), 1000, badge_uid=a_badge(town, family.child))
    clock.set(1200)
    assert found(town) == []


def test_answer_needs_a_reason(town: Records, evening: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match="motif"):
        answer_late_pickups(town, DIRECTOR, SCHOOL, [replace(ACCEPTED, reason="")])
    assert answer_late_pickups(town, DIRECTOR, SCHOOL, []) == []
