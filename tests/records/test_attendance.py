"""Who is expected, and what people decide."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed, NotFound
from domain.time import instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AbsenceReason, AttendanceDecision, Service, Structure
from records.operations.attendance import Decision, decide, decide_all, expected
from records.operations.bookings import cancel
from records.operations.enrolments import NewPattern
from tests.factories.people import FamilyRefs, a_family, a_tap, a_terminal, an_enrolment, new_booking
from tests.factories.rows import a_row
from tests.factories.town import (
    CANTEEN,
    CENTRE,
    EVENING,
    HOLIDAY,
    LEISURE,
    OTHER_SCHOOL,
    SCHOOL,
    TODAY,
    WEDNESDAY,
    ZONE,
)

AJ = Decision("fournier-lea", CANTEEN, SCHOOL, TODAY, "absent_justified", "certificat médical")


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A family whose child has the canteen on school days and the leisure centre on Wednesdays."""
    family = a_family(town)
    an_enrolment(town, family)
    an_enrolment(town, family, LEISURE, structure_ref=CENTRE, patterns=(NewPattern(2, formula="journee"),))
    return family


def structure_id(records: Records, ref: str) -> int:
    """Return the id of a structure."""
    with records.read() as session:
        return session.scalars(select(Structure.id).where(Structure.ref == ref)).one()


def decisions(records: Records) -> list[AttendanceDecision]:
    """Return every decision, oldest first."""
    with records.read() as session:
        return list(session.scalars(select(AttendanceDecision).order_by(AttendanceDecision.id)))


def test_expected_children_are_named_with_service_place_and_formula(town: Records, family: FamilyRefs) -> None:
    with town.read() as session:
        found = expected(session, None, TODAY, WEDNESDAY)
    assert [(each.day, each.service_ref, each.child_ref, each.formula) for each in found] == [
        (TODAY, CANTEEN, family.child, None),
        (WEDNESDAY, LEISURE, family.child, "journee"),
    ]


def test_expected_at_one_structure_are_those_of_that_structure(town: Records, family: FamilyRefs) -> None:
    for ref, services in ((SCHOOL, [CANTEEN]), (CENTRE, [LEISURE]), (OTHER_SCHOOL, [])):
        with town.read() as session:
            found = expected(session, structure_id(town, ref), TODAY, WEDNESDAY)
        assert [each.service_ref for each in found] == services


def test_expected_at_one_structure_agrees_with_expected_everywhere(town: Records, family: FamilyRefs) -> None:
    cancel(town, SETUP, new_booking(family))
    last = TODAY + timedelta(days=20)
    with town.read() as session:
        everywhere = expected(session, None, HOLIDAY, last)
        ids = session.scalars(select(Structure.id)).all()
        assert sorted(each for one in ids for each in expected(session, one, HOLIDAY, last)) == everywhere
    # Six school weeks and a Monday from 2 November, less Armistice day and the day cancelled.
    assert len(everywhere) == 6 * 5 + 1 - 2


def test_decision_is_signed_and_timed_and_numbers_follow(town: Records, family: FamilyRefs) -> None:
    decide(town, SETUP, AJ)
    decide(town, SETUP, replace(AJ, kind="absent_unjustified", reason="sans nouvelles"))
    rows = decisions(town)
    assert [(row.seq, row.kind, row.recorded_by, row.replaces_id) for row in rows] == [
        (1, "absent_justified", "installation", None),
        (2, "absent_unjustified", "installation", None),
    ]


def test_decision_of_the_same_kind_points_at_the_one_it_replaces(town: Records, family: FamilyRefs) -> None:
    arrival = replace(AJ, kind="arrival", occurred_at=instant_at(TODAY, 700, ZONE))
    first = decide(town, SETUP, arrival)
    second, third = decide_all(
        town, SETUP, [replace(arrival, reason="vu à 11 h 45"), replace(arrival, reason="non")]
    )
    assert [row.replaces_id for row in decisions(town)] == [None, first, second]
    assert third == decisions(town)[-1].id


def test_tap_attached_again_leaves_the_child_it_was_given_to(town: Records, family: FamilyRefs) -> None:
    other = a_family(town, "Martin", children=("Zoé",))
    tap_id = a_tap(town, a_terminal(town), 700, kind="roll_call", typed_name="Zoé")
    attach = replace(AJ, kind="attach", tap_id=tap_id, reason="reconnue")
    first = decide(town, SETUP, attach)
    decide(town, SETUP, replace(attach, child_ref=other.child))
    assert [row.replaces_id for row in decisions(town)] == [None, first]


def test_two_taps_of_one_child_are_attached_side_by_side(town: Records, family: FamilyRefs) -> None:
    terminal = a_terminal(town)
    taps = [a_tap(town, terminal, minute, kind="roll_call", typed_name="Zoé") for minute in (700, 720)]
    decide_all(town, SETUP, [replace(AJ, kind="attach", tap_id=tap_id, reason="reconnue") for tap_id in taps])
    assert [row.replaces_id for row in decisions(town)] == [None, None]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "grounded"}, "Décision inconnue"),
        ({"reason": "  "}, "motif"),
        ({"kind": "arrival"}, "heure"),
        ({"occurred_at": 1}, "heure"),
        ({"kind": "attach"}, "choisissez le pointage"),
        ({"tap_id": "0" * 32}, "choisissez le pointage"),
        ({"kind": "attach", "tap_id": "0" * 32}, "n'existe pas"),
        (
            {"kind": "departure", "occurred_at": instant_at(WEDNESDAY, 0, ZONE)},
            "n'est pas du mardi 24 novembre 2026",
        ),
    ],
)
def test_decision_that_makes_no_sense_is_refused_in_words(
    town: Records, family: FamilyRefs, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        decide(town, SETUP, replace(AJ, **changes))  # type: ignore[arg-type]
    assert decisions(town) == []


def test_decision_about_nobody_is_refused_by_name(town: Records) -> None:
    with pytest.raises(NotFound, match="personne inconnue"):
        decide(town, SETUP, AJ)


def test_coordinator_of_one_school_decides_there_alone(town: Records, family: FamilyRefs) -> None:
    coordinator = Actor("Claire", (Grant("coordinator", structure_id(town, SCHOOL)),))
    decide(town, coordinator, AJ)
    with pytest.raises(NotAllowed):
        decide(town, coordinator, replace(AJ, structure_ref=OTHER_SCHOOL, service_ref=EVENING))
    assert len(decisions(town)) == 1


def reason(records: Records, **values: object) -> str:
    """Put a reason in the town's list; returns its ref."""
    return str(a_row(records, AbsenceReason, **{"label": "Certificat médical", **values}).ref)


def test_absence_takes_the_words_of_the_reason_chosen_in_the_list(town: Records, family: FamilyRefs) -> None:
    ref = reason(town)
    decide(town, SETUP, replace(AJ, reason="", absence_reason_ref=ref))
    (row,) = decisions(town)
    assert row.reason == "Certificat médical"
    assert row.absence_reason_id is not None


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        ({"valid_to": TODAY}, "absent_justified", "n'est pas en vigueur le mardi 24 novembre"),
        ({"is_justified": False}, "absent_justified", "ne justifie pas l'absence\u00a0: notez A"),
        ({}, "absent_unjustified", "justifie l'absence\u00a0: notez AJ"),
        ({}, "clear", "n'explique qu'une absence"),
    ],
)
def test_reason_that_does_not_explain_the_absence_is_refused(
    town: Records, family: FamilyRefs, values: dict[str, object], kind: str, said: str
) -> None:
    ref = reason(town, **values)
    with pytest.raises(InvalidData, match=said):
        decide(town, SETUP, replace(AJ, kind=kind, absence_reason_ref=ref))


def test_reason_of_another_service_is_refused(town: Records, family: FamilyRefs) -> None:
    with town.read() as session:
        evening = session.scalars(select(Service.id).where(Service.ref == EVENING)).one()
    ref = reason(town, service_id=evening)
    with pytest.raises(InvalidData, match="celui d'un autre service"):
        decide(town, SETUP, replace(AJ, absence_reason_ref=ref))


def test_hours_that_end_before_they_begin_are_refused_with_both(town: Records, family: FamilyRefs) -> None:
    arrival = replace(AJ, kind="arrival", occurred_at=instant_at(TODAY, 725, ZONE))
    departure = replace(AJ, kind="departure", occurred_at=instant_at(TODAY, 720, ZONE))
    decide(town, SETUP, arrival)
    with pytest.raises(InvalidData, match=r"départ, 12.h, n'est pas après l'arrivée, 12.h.05"):
        decide(town, SETUP, departure)
    decide(town, SETUP, replace(AJ, kind="clear"))
    assert decide(town, SETUP, departure)
    with pytest.raises(InvalidData, match="n'est pas après l'arrivée"):
        decide_all(town, SETUP, [replace(arrival, occurred_at=instant_at(TODAY, 720, ZONE))])
    assert decide(town, SETUP, replace(arrival, occurred_at=instant_at(TODAY, 719, ZONE)))
