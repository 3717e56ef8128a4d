"""Evidence for a CAF controller: corrections with their author, and taps that are those of the terminals."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry
from records.operations.attendance import Decision, decide
from records.operations.caf_evidence import CHANGED, INTACT, MISSING, CafEvidence, caf_evidence
from records.operations.caf_settings import NewCafSetting, set_caf
from records.triggers import create_triggers, drop_triggers
from tests.factories.people import a_family, a_terminal, an_enrolment, kept
from tests.factories.town import CANTEEN, OTHER_SCHOOL, SCHOOL, START, TODAY, place_ids


@pytest.fixture
def tapped(town: Records) -> Records:
    """A school with three taps of one epoch today."""
    kept(town, a_terminal(town), {1: 700, 2: 701, 3: 960}, badge_uid="04FFFF")
    return town


def evidence(town: Records, first: date = TODAY, last: date = TODAY) -> CafEvidence:
    return caf_evidence(town, SETUP, SCHOOL, first, last)


def behind_our_back(town: Records, statement: str) -> None:
    """Change a fact as nobody may, its triggers off for that time."""
    with town.engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(text(statement))
        create_triggers(connection)


def test_taps_as_received_are_intact_and_their_epoch_adds_up(tapped: Records) -> None:
    found = evidence(tapped)
    assert [(tap.seq, tap.state) for tap in found.taps] == [(1, INTACT), (2, INTACT), (3, INTACT)]
    (epoch,) = found.epochs
    assert (epoch.state, epoch.kept, epoch.watermark, epoch.digest) == (INTACT, 3, 3, epoch.computed)


def test_hour_changed_in_the_database_is_seen(tapped: Records) -> None:
    behind_our_back(tapped, "update tap set occurred_at = occurred_at + 3600000000 where seq = 2")
    assert [tap.state for tap in evidence(tapped).taps] == [INTACT, CHANGED, INTACT]


def test_hash_rewritten_with_the_hour_is_seen_by_the_epoch(tapped: Records) -> None:
    behind_our_back(tapped, f"update tap set payload_hash = '{'a' * 64}' where seq = 2")
    found = evidence(tapped)
    assert [tap.state for tap in found.taps] == [INTACT, CHANGED, INTACT]
    assert [epoch.state for epoch in found.epochs] == [CHANGED]


def test_tap_taken_away_is_seen_even_with_a_digest_that_fits(tapped: Records) -> None:
    behind_our_back(tapped, "delete from tap where seq = 2")
    (epoch,) = evidence(tapped).epochs
    assert epoch.state == CHANGED
    with tapped.engine.begin() as connection:
        connection.execute(text("update device_epoch set digest = :fits"), {"fits": epoch.computed})
    assert [each.state for each in evidence(tapped).epochs] == [MISSING]


def test_correction_is_told_with_who_made_it_and_what_it_replaced(town: Records) -> None:
    family = a_family(town)
    an_enrolment(town, family)
    absent = Decision(family.child, CANTEEN, SCHOOL, TODAY, "absent_unjustified", "pas vue")
    decide(town, SETUP, absent)
    decide(town, SETUP, replace(absent, reason="vue nulle part"))
    found = evidence(town).corrections
    assert [(each.child_ref, each.reason, each.is_replaced) for each in found] == [
        (family.child, "pas vue", True),
        (family.child, "vue nulle part", False),
    ]
    assert {each.recorded_by for each in found} == {SETUP.signature}
    assert evidence(town).people[family.child]


def test_rules_values_and_convention_of_the_period_are_told(town: Records) -> None:
    set_caf(town, SETUP, NewCafSetting(SCHOOL, START, "Convention", authorised_places=40))
    found = evidence(town)
    assert {each.service_label for each in found.rules}
    assert any(each.parameter_id.startswith("caf.") and each.source for each in found.values)
    assert [each.authorised_places for each in found.settings] == [40]


def test_evidence_is_for_those_of_the_place_and_its_taking_is_audited(tapped: Records) -> None:
    director = Actor("Ici", (Grant("leisure_director", place_ids(tapped)[SCHOOL]),))
    assert caf_evidence(tapped, director, SCHOOL, TODAY, TODAY).taps
    elsewhere = Actor("Ailleurs", (Grant("leisure_director", place_ids(tapped)[OTHER_SCHOOL]),))
    with pytest.raises(NotAllowed):
        caf_evidence(tapped, elsewhere, SCHOOL, TODAY, TODAY)
    with tapped.read() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.operation == "caf_evidence")).all()
    assert [each.actor for each in told] == ["Ici"]


def test_days_in_the_wrong_order_are_refused(town: Records) -> None:
    with pytest.raises(InvalidData, match="dans l'ordre"):
        evidence(town, TODAY, START)
