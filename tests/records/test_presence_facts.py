"""What a presence rests on is told whole: the tap, the correction, the correction of the correction."""

from dataclasses import replace

import pytest

from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.attendance import Decision, decide
from records.operations.presence_facts import presence_facts
from tests.factories.people import FamilyRefs, a_badge, a_family, a_tap, a_terminal, an_enrolment
from tests.factories.town import EVENING, OTHER_SCHOOL, SCHOOL, TODAY, ZONE, HandClock, place_ids

COORDINATOR = Actor("Claire", (Grant("coordinator"),))


def at(minute: int) -> int:
    return instant_at(TODAY, minute, ZONE)


@pytest.fixture
def evening(town: Records, clock: HandClock) -> FamilyRefs:
    """A child whose arrival was badged at 16:40 and corrected twice."""
    family = a_family(town)
    an_enrolment(town, family, EVENING)
    a_tap(town, a_terminal(town), 1000, badge_uid=a_badge(town, family.child))
    arrival = Decision(family.child, EVENING, SCHOOL, TODAY, "arrival", "badge prêté", at(1010))
    clock.set(1100)
    decide(town, COORDINATOR, arrival)
    clock.set(1110)
    decide(town, SETUP, replace(arrival, reason="vu par Karim", occurred_at=at(1005)))
    return family


def test_original_and_each_correction_stay_with_who_when_and_why(town: Records, evening: FamilyRefs) -> None:
    found = presence_facts(town, COORDINATOR, evening.child, EVENING, TODAY)
    assert [
        (each.kind, each.occurred_at, each.recorded_at, each.by, each.reason, each.stands) for each in found
    ] == [
        ("badge", at(1000), at(1000), "Borne borne-1", None, True),
        ("arrival", at(1010), at(1100), "Claire", "badge prêté", False),
        ("arrival", at(1005), at(1110), "installation", "vu par Karim", True),
    ]


def test_what_was_cleared_is_still_told_and_no_longer_stands(town: Records, evening: FamilyRefs) -> None:
    decide(town, COORDINATOR, Decision(evening.child, EVENING, SCHOOL, TODAY, "clear", "mauvais enfant"))
    found = presence_facts(town, COORDINATOR, evening.child, EVENING, TODAY)
    assert [(each.is_tap, each.stands) for each in found] == [
        (True, True),
        (False, False),
        (False, False),
        (False, False),
    ]


def test_coordinator_of_another_school_is_told_nothing_of_this_one(town: Records, evening: FamilyRefs) -> None:
    elsewhere = Actor("Anne", (Grant("coordinator", place_ids(town)[OTHER_SCHOOL]),))
    assert presence_facts(town, elsewhere, evening.child, EVENING, TODAY) == []
