"""Evidence for a CAF controller: corrections with their author, and taps that are those of the terminals."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select, text

from domain.errors import InvalidData, NotAllowed
from domain.time import instant_at
from domain.wire.v1 import ClockV1, TapV1
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, Tap
from records.operations.attendance import Decision, decide
from records.operations.caf_evidence import CafEvidence, caf_evidence
from records.operations.caf_settings import NewCafSetting, set_caf
from records.operations.holes import open_holes, settle_hole
from records.operations.tap_proofs import (
    ADDED,
    BLANKED,
    CHANGED,
    COUNTED,
    INTACT,
    LONE,
    MISSING,
    RETIMED,
    UNRECEIVED,
)
from records.operations.taps import TapStore
from records.triggers import create_triggers, drop_triggers
from tests.factories.ingest import Terminal
from tests.factories.people import a_family, a_hole, a_terminal, an_enrolment, kept
from tests.factories.town import CANTEEN, NOW, OTHER_SCHOOL, SCHOOL, START, TODAY, ZONE, place_ids
from tests.factories.wire import make_tap


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
    assert found.is_whole


def test_hour_changed_in_the_database_is_seen(tapped: Records) -> None:
    behind_our_back(tapped, "update tap set occurred_at = occurred_at + 3600000000 where seq = 2")
    assert [tap.state for tap in evidence(tapped).taps] == [INTACT, CHANGED, INTACT]


def test_hash_rewritten_with_the_hour_is_seen_by_the_epoch(tapped: Records) -> None:
    behind_our_back(tapped, f"update tap set payload_hash = '{'a' * 64}' where seq = 2")
    found = evidence(tapped)
    assert [tap.state for tap in found.taps] == [INTACT, CHANGED, INTACT]
    assert [epoch.state for epoch in found.epochs] == [CHANGED]


def test_hash_that_is_none_any_more_is_named_and_the_others_are_read(tapped: Records) -> None:
    behind_our_back(tapped, "update tap set payload_hash = 'essai' where seq = 2")
    found = evidence(tapped)
    assert [tap.state for tap in found.taps] == [INTACT, CHANGED, INTACT]
    assert [epoch.state for epoch in found.epochs] == [CHANGED]


def test_digest_that_is_none_any_more_is_named_and_accuses_no_tap(tapped: Records) -> None:
    with tapped.engine.begin() as connection:
        connection.execute(text("update device_epoch set digest = 'essai'"))
    found = evidence(tapped)
    assert {tap.state for tap in found.taps} == {INTACT}
    assert [epoch.state for epoch in found.epochs] == [CHANGED]


def test_hour_kept_that_the_message_does_not_give_is_seen_wherever_it_went(tapped: Records) -> None:
    behind_our_back(
        tapped, "update tap set occurred_at_corrected = occurred_at_corrected + 1800000000 where seq = 2"
    )
    assert [(tap.state, tap.is_outside) for tap in evidence(tapped).altered_taps] == [(RETIMED, False)]
    behind_our_back(
        tapped, "update tap set occurred_at_corrected = occurred_at_corrected + 864000000000 where seq = 2"
    )
    found = evidence(tapped)
    assert [(tap.seq, tap.state, tap.is_outside) for tap in found.altered_taps] == [(2, RETIMED, True)]
    assert not found.is_whole


def test_all_hours_moved_together_by_less_than_a_server_would_are_seen(tapped: Records) -> None:
    behind_our_back(tapped, "update tap set occurred_at_corrected = occurred_at_corrected + 1200000000")
    assert {tap.state for tap in evidence(tapped).taps} == {RETIMED}


def test_badge_blanked_without_a_purge_is_seen(tapped: Records) -> None:
    behind_our_back(tapped, "update tap set badge_uid = null where seq = 3")
    assert [(tap.seq, tap.state) for tap in evidence(tapped).altered_taps] == [(3, BLANKED)]


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_number_of_a_tap_taken_away_is_told_even_with_a_digest_that_fits(tapped: Records, seq: int) -> None:
    behind_our_back(tapped, f"delete from tap where seq = {seq}")
    (epoch,) = evidence(tapped).altered_epochs
    assert (epoch.state, epoch.gone) == (MISSING, (seq,))
    with tapped.engine.begin() as connection:
        connection.execute(text("update device_epoch set digest = :fits"), {"fits": epoch.computed})
    assert [each.state for each in evidence(tapped).epochs] == [MISSING]


def test_day_taken_away_whole_is_seen_though_no_tap_of_it_is_left(tapped: Records) -> None:
    behind_our_back(tapped, "delete from tap")
    found = evidence(tapped)
    assert found.taps == ()
    assert [(each.state, each.gone) for each in found.epochs] == [(MISSING, (1, 2, 3))]


@pytest.mark.parametrize(
    "alibi", ["", "update device_epoch set last_seq = 4, watermark = 4", "delete from device_epoch"]
)
def test_tap_that_no_terminal_sent_is_named_whatever_else_was_written(tapped: Records, alibi: str) -> None:
    with tapped.read() as session:
        last = session.scalars(select(Tap).where(Tap.seq == 3)).one()
        row = {column.name: getattr(last, column.name) for column in Tap.__table__.columns if column.name != "id"}
    forged = row | {"tap_id": "f" * 32, "seq": 4}
    forged["payload_hash"] = TapV1.model_validate(
        {name: forged[name] for name in TapV1.model_fields if name in forged}
    ).payload_hash()
    with tapped.engine.begin() as connection:
        connection.execute(insert(Tap), forged)
    if alibi:
        behind_our_back(tapped, alibi)
    found = evidence(tapped)
    assert [tap.seq for tap in found.altered_taps if tap.state == ADDED][-1] == 4
    assert [epoch.state for epoch in found.altered_epochs] == [CHANGED if "delete" not in alibi else ADDED]


def test_numbers_that_never_came_are_told_and_accuse_nobody(town: Records) -> None:
    kept(town, a_terminal(town), {1: 700, 3: 960}, badge_uid="04FFFF")
    found = evidence(town)
    assert [(each.state, each.gone) for each in found.epochs] == [(UNRECEIVED, (2,))]
    assert found.is_whole


def dated_by_the_server(town: Records, terminal: Terminal, *minutes: int, **fields: object) -> None:
    """Keep taps of one boot whose clock knows nothing, dated by a meeting of their batch, a minute by seq."""
    moment = instant_at(TODAY, 700, ZONE)
    unknown = {"occurred_at": 1, "clock_offset_ms": None, "clock_offset_age_ms": None} | fields
    taps = [make_tap(seq, "e" * 32, boot_id="b", mono_ms=seq * 60_000, **unknown) for seq in minutes]
    clock = ClockV1(boot_id="b", mono_ms=0, server_time=moment)
    TapStore(town).keep(replace(terminal.batch(taps, moment + 3_600_000_000), clocks=(clock,)))


def test_clock_that_the_server_dated_accuses_nobody_as_long_as_the_boot_agrees(town: Records) -> None:
    dated_by_the_server(town, a_terminal(town), 1, 2, 3)
    found = evidence(town)
    assert [tap.state for tap in found.taps] == [COUNTED] * 3
    assert found.is_whole
    behind_our_back(town, "update tap set occurred_at_corrected = occurred_at_corrected + 1800000000 where seq = 2")
    assert [(tap.seq, tap.state) for tap in evidence(town).altered_taps] == [(2, RETIMED)]


def test_only_tap_of_a_boot_that_the_server_dated_is_told_and_accuses_nobody(town: Records) -> None:
    dated_by_the_server(town, a_terminal(town), 1)
    found = evidence(town)
    assert [tap.state for tap in found.taps] == [LONE]
    assert found.is_whole


def test_tap_between_two_answers_of_the_server_agrees_with_its_boot(town: Records) -> None:
    """The terminal knew the server's clock just before and just after, and not for one tap: a drift of some ms."""
    terminal = a_terminal(town)
    start = instant_at(TODAY, 700, ZONE)
    known = make_tap(1, "e" * 32, boot_id="b", mono_ms=60_000, occurred_at=start + 60_000_550)
    TapStore(town).keep(terminal.batch([known], start + 3_600_000_000))
    dated_by_the_server(town, terminal, 2, occurred_at=start + 119_000_000)
    assert [tap.state for tap in evidence(town).taps] == [INTACT, COUNTED]


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


def test_taps_that_never_came_are_told_with_who_settled_them_and_why(town: Records) -> None:
    a_hole(town, a_terminal(town))
    (hole,) = open_holes(town, SETUP, NOW)
    settle_hole(town, SETUP, hole, "declared_closed", "Sortie scolaire")
    (found,) = evidence(town).holes
    assert (found.first_missing, found.last_missing, found.reason) == (2, 2, "Sortie scolaire")
    assert (found.outcome, found.recorded_by) == ("declared_closed", SETUP.signature)
    assert evidence(town, START, START).holes == ()


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
