"""What is missing of what terminals took, when it can have been made, and what people say of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotAllowed, NotFound
from domain.taps import new_identity
from domain.time import MICROS_PER_MINUTE, instant_at
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, HoleSettlement, Structure
from records.operations.contacts import note_contact
from records.operations.devices import revoke_device
from records.operations.hole_windows import SILENT_MINUTES
from records.operations.holes import Hole, find_holes, open_holes, settle_hole, settled_holes
from tests.factories.databases import sqlite_copy
from tests.factories.ingest import Terminal
from tests.factories.people import a_hole, a_terminal, kept
from tests.factories.town import NOW, OTHER_SCHOOL, SCHOOL, TODAY, ZONE, HandClock

CLOSED, TYPED = "declared_closed", "list_typed_in"
THURSDAY = TODAY + timedelta(days=2)  # no evening care on Wednesdays
SATURDAY = TODAY + timedelta(days=4)
LATER = instant_at(TODAY, 1200, ZONE)
Numbers = tuple[int | None, int | None]


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school, enrolled today at eight."""
    return a_terminal(town)


def at(minute: int) -> int:
    """Return the instant of a local minute of the day."""
    return instant_at(TODAY, minute, ZONE)


def holes(records: Records, now: int = LATER) -> list[Hole]:
    """Return the holes that are open, as the whole town's administration sees them."""
    return open_holes(records, SETUP, now)


def numbers(found: list[Hole]) -> list[Numbers]:
    """Return the first and last missing number of each."""
    return [(each.first_missing, each.last_missing) for each in found]


def the_hole(records: Records, now: int = LATER) -> Hole:
    """Return the only open hole."""
    (found,) = holes(records, now)
    return found


def director_of(records: Records, structure_ref: str) -> Actor:
    """Return the director of one place."""
    with records.read() as session:
        place = session.scalars(select(Structure.id).where(Structure.ref == structure_ref)).one()
    return Actor("Dominique", (Grant("leisure_director", place),))


def test_dense_epoch_has_no_hole(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {1: 990, 2: 1000, 3: 1010})
    assert holes(town) == []


def test_skipped_number_is_a_hole_between_its_neighbours(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal, 990, 1050)
    found = the_hole(town)
    assert (found.first_missing, found.last_missing, found.missing) == (2, 2, 1)
    assert (found.from_at, found.until_at) == (at(990), at(1050))
    assert (found.device_ref, found.structure_ref, found.is_silence) == (terminal.device_ref, SCHOOL, False)


def test_each_run_of_numbers_is_a_hole_of_its_own(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {2: 991, 3: 992, 7: 1000, 9: 1010})
    assert numbers(holes(town)) == [(1, 1), (4, 6), (8, 8)]


def test_hole_before_the_first_tap_kept_goes_back_to_the_enrolment(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {2: 991})
    found = the_hole(town)
    assert (found.from_at, found.until_at) == (NOW, at(991))


def test_doubtful_time_bounds_no_hole(town: Records, terminal: Terminal) -> None:
    epoch = new_identity()
    kept(town, terminal, {1: 990, 6: 1060}, epoch=epoch)
    for seq in (2, 4):
        kept(
            town,
            terminal,
            {seq: 1000},
            epoch=epoch,
            occurred_at=NOW * 2,
            clock_offset_ms=None,
            clock_offset_age_ms=None,
        )
    assert {(each.from_at, each.until_at) for each in holes(town)} == {(at(990), at(1060))}
    assert numbers([each for each in holes(town) if not each.is_undated]) == [(3, 3), (5, 5)]


def undated(records: Records, terminal: Terminal, minutes: dict[int, int], epoch: str, **more: object) -> None:
    """Keep taps of which only the terminal's own clock says when they were made."""
    kept(records, terminal, minutes, TODAY, epoch=epoch, clock_offset_ms=None, clock_offset_age_ms=None, **more)


def test_taps_without_a_sure_time_ask_between_the_sure_ones_around_them(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {1: 990, 4: 1060}, epoch="e" * 32)
    undated(town, terminal, {2: 1000, 3: 1001}, "e" * 32)
    (found,) = holes(town)
    assert (found.is_undated, found.missing, found.first_missing, found.last_missing) == (True, 2, 2, 3)
    assert (found.from_at, found.until_at) == (at(990), at(1060))


def test_taps_of_an_offline_boot_ask_from_the_last_sure_tap_to_their_reception(
    town: Records, terminal: Terminal
) -> None:
    kept(town, terminal, {1: 700}, epoch="e" * 32)
    undated(town, terminal, {1: 710, 2: 711}, "f" * 32, received_at=at(1060))
    (found,) = holes(town)
    assert (found.epoch, found.missing) == ("f" * 32, 2)
    assert (found.from_at, found.until_at) == (at(700), at(1060))


def test_settling_taps_without_a_sure_time_leaves_the_hole_between_them_open(
    town: Records, terminal: Terminal
) -> None:
    undated(town, terminal, {1: 1000, 2: 1001, 4: 1003}, "e" * 32)
    before, after = (each for each in holes(town) if each.is_undated)
    assert numbers([before, after]) == [(1, 2), (4, 4)]
    settle_hole(town, SETUP, before, TYPED, "liste papier")
    settle_hole(town, SETUP, after, TYPED, "liste papier")
    assert [(each.is_undated, each.first_missing) for each in holes(town)] == [(False, 3)]


def test_late_tap_closes_the_hole_by_itself(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal)
    kept(town, terminal, {2: 1000})
    assert holes(town) == []


def test_rest_of_an_epoch_sent_under_another_device_is_no_hole(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {1: 990, 2: 991}, epoch="e" * 32)
    kept(town, a_terminal(town, "borne-2"), {3: 992, 5: 994}, epoch="e" * 32)
    assert [(each.device_ref, *numbers([each])[0]) for each in holes(town)] == [("borne-2", 4, 4)]


def test_settled_hole_is_open_no_more_and_says_who_and_why(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal)
    hole = the_hole(town)
    settle_hole(town, SETUP, hole, TYPED, "  liste papier du soir ")
    assert holes(town) == []
    (settled,) = settled_holes(town, SETUP)
    assert (settled.hole, settled.outcome, settled.reason) == (hole, TYPED, "liste papier du soir")
    assert (settled.recorded_at, settled.recorded_by) == (NOW, SETUP.signature)


def test_settlement_is_audited(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal)
    settle_hole(town, SETUP, the_hole(town), CLOSED, "borne détruite")
    with town.read() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.entity == "hole_settlement"))
    assert (entry.operation, entry.actor, entry.old) == ("settle_hole", SETUP.signature, None)
    assert "borne détruite" in str(entry.new)


def test_what_is_left_of_a_settled_hole_stays_settled(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {1: 990, 6: 1050})
    settle_hole(town, SETUP, the_hole(town), CLOSED, "borne détruite")
    kept(town, terminal, {4: 1000})
    assert holes(town) == []


def test_hole_that_filled_in_part_must_be_looked_at_again(town: Records, terminal: Terminal) -> None:
    kept(town, terminal, {1: 990, 4: 1050})
    seen = the_hole(town)
    kept(town, terminal, {2: 1000})
    with pytest.raises(Conflict, match="Rechargez la page"):
        settle_hole(town, SETUP, seen, CLOSED, "borne détruite")
    assert settled_holes(town, SETUP) == []


def test_hole_is_settled_once(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal)
    seen = the_hole(town)
    settle_hole(town, SETUP, seen, CLOSED, "borne détruite")
    with pytest.raises(Conflict):
        settle_hole(town, SETUP, seen, TYPED, "liste papier")


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("forgotten", "motif"), (CLOSED, "   "), (CLOSED, "x" * 201)],
    ids=["code", "none", "long"],
)
def test_settlement_without_a_known_outcome_and_a_reason_is_refused(
    town: Records, terminal: Terminal, outcome: str, reason: str
) -> None:
    a_hole(town, terminal)
    with pytest.raises(InvalidData, match="Rien n'a été enregistré"):
        settle_hole(town, SETUP, the_hole(town), outcome, reason)
    assert numbers(holes(town)) == [(2, 2)]


def test_settlement_at_an_unknown_terminal_is_refused(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal)
    with pytest.raises(NotFound):
        settle_hole(town, SETUP, replace(the_hole(town), device_ref="personne"), CLOSED, "borne détruite")


def test_director_sees_and_settles_the_holes_of_the_place_alone(town: Records, terminal: Terminal) -> None:
    a_hole(town, terminal)
    seen, stranger = the_hole(town), director_of(town, OTHER_SCHOOL)
    assert open_holes(town, stranger, LATER) == []
    with pytest.raises(NotAllowed):
        settle_hole(town, stranger, seen, CLOSED, "borne détruite")
    # Whatever place the request claims, the terminal's own decides.
    with pytest.raises(NotAllowed):
        settle_hole(
            town, stranger, replace(seen, structure_ref=OTHER_SCHOOL, structure_id=2), CLOSED, "borne détruite"
        )
    director = director_of(town, SCHOOL)
    assert open_holes(town, director, LATER) == [seen]
    settle_hole(town, director, seen, CLOSED, "borne détruite")
    assert [each.hole for each in settled_holes(town, director)] == [seen]
    assert settled_holes(town, stranger) == []


def test_terminal_not_heard_since_a_service_is_a_silence(town: Records, terminal: Terminal) -> None:
    note_contact(town, terminal.device_id, at(1000))
    now = at(1000) + (SILENT_MINUTES + 1) * MICROS_PER_MINUTE
    found = the_hole(town, now)
    assert (found.is_silence, found.missing) == (True, None)
    assert (found.from_at, found.until_at) == (at(1000), now)


@pytest.mark.parametrize("minutes", [1, SILENT_MINUTES])
def test_terminal_heard_lately_is_no_silence(town: Records, terminal: Terminal, minutes: int) -> None:
    note_contact(town, terminal.device_id, at(1000))
    assert holes(town, at(1000) + minutes * MICROS_PER_MINUTE) == []


def test_terminal_switched_off_after_the_last_service_is_no_silence(town: Records, terminal: Terminal) -> None:
    note_contact(town, terminal.device_id, at(1110))
    assert holes(town, instant_at(THURSDAY, 690, ZONE)) == []
    assert len(holes(town, instant_at(THURSDAY, 691, ZONE))) == 1


def test_terminal_off_over_days_without_service_is_no_silence(town: Records, terminal: Terminal) -> None:
    note_contact(town, terminal.device_id, instant_at(SATURDAY, 600, ZONE))
    assert holes(town, instant_at(SATURDAY + timedelta(days=1), 1200, ZONE)) == []


def test_terminal_that_never_sent_anything_is_silent_since_its_enrolment(town: Records, terminal: Terminal) -> None:
    assert the_hole(town, instant_at(THURSDAY, 600, ZONE)).from_at == NOW


def test_silence_ends_when_the_terminal_is_heard(town: Records, terminal: Terminal) -> None:
    now = instant_at(THURSDAY, 720, ZONE)
    assert len(holes(town, now)) == 1
    note_contact(town, terminal.device_id, now)
    assert holes(town, now) == []


def test_revoked_terminal_leaves_what_it_had_not_sent(town: Records, terminal: Terminal, clock: HandClock) -> None:
    note_contact(town, terminal.device_id, at(1000))
    clock.set(1030)
    revoke_device(town, SETUP, terminal.device_ref)
    found = the_hole(town, instant_at(THURSDAY, 720, ZONE))
    assert (found.from_at, found.until_at) == (at(1000), at(1030))


def test_silence_is_settled_up_to_what_was_seen(town: Records, terminal: Terminal, clock: HandClock) -> None:
    seen = the_hole(town, clock.set(720, THURSDAY))
    clock.set(725, THURSDAY)
    settle_hole(town, SETUP, seen, CLOSED, "borne volée")
    assert holes(town, clock()) == []
    (again,) = holes(town, instant_at(THURSDAY + timedelta(days=1), 900, ZONE))
    assert again.from_at == seen.until_at
    with town.read() as session:
        (row,) = session.scalars(select(HoleSettlement))
    assert (row.epoch, row.first_missing, row.last_missing) == (None, None, None)
    assert (row.from_at, row.until_at) == (seen.from_at, seen.until_at)


def test_silence_of_a_terminal_heard_since_cannot_be_settled(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    seen = the_hole(town, clock.set(720, THURSDAY))
    note_contact(town, terminal.device_id, clock())
    with pytest.raises(Conflict, match="de nouveau répondu"):
        settle_hole(town, SETUP, seen, CLOSED, "borne volée")


@pytest.fixture(scope="module")
def sqlite_terminal(
    tmp_path_factory: pytest.TempPathFactory, town_file: Path
) -> Iterator[tuple[Records, Terminal]]:
    """A terminal in one SQLite file for all examples: each has its own epoch."""
    records = sqlite_copy(town_file, tmp_path_factory.mktemp("holes"), HandClock())
    yield records, a_terminal(records)
    records.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_holes_are_the_numbers_skipped_and_hold_the_moment_of_each(
    sqlite_terminal: tuple[Records, Terminal], data: st.DataObject
) -> None:
    """All taps of an epoch are made, some are lost on the way: each lost one lies in the window of its hole."""
    records, terminal = sqlite_terminal
    epoch, count = new_identity(), data.draw(st.integers(1, 14))
    made = dict(enumerate(sorted(data.draw(st.lists(st.integers(500, 1200), min_size=count, max_size=count))), 1))
    arrived = data.draw(st.sets(st.sampled_from(sorted(made)), min_size=1))
    kept(records, terminal, {seq: made[seq] for seq in sorted(arrived)}, epoch=epoch)
    with records.read() as session:
        found = [hole for hole in find_holes(session, LATER) if hole.epoch == epoch]
    lost = {seq for seq in made if seq < max(arrived)} - arrived
    covered = {seq: hole for hole in found for seq in range(hole.first_missing or 0, (hole.last_missing or 0) + 1)}
    assert covered.keys() == lost
    assert len(covered) == sum(hole.missing or 0 for hole in found)
    for seq, hole in covered.items():
        assert hole.from_at <= at(made[seq]) <= hole.until_at
        before, after = {s for s in arrived if s < seq}, min(s for s in arrived if s > seq)
        assert hole.until_at == at(made[after])
        assert hole.from_at == (at(made[max(before)]) if before else NOW)
