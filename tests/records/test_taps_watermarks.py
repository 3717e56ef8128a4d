"""The contiguous watermark per epoch, and the same final state for any order and overlap of the batches."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.taps import new_identity
from domain.wire.v1 import TapStatus, TapV1
from records.database import Records
from records.models import DeviceEpoch, Tap
from records.operations.taps import TapStore
from tests.factories.databases import sqlite_copy
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.town import HandClock
from tests.factories.wire import make_tap, make_taps

IN_ONE_DATABASE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


def epoch_state(records: Records, device_id: int, epoch: str) -> tuple[int, int] | None:
    """Return (watermark, last_seq) of an epoch, None when it has no row."""
    with records.read() as session:
        row = session.scalar(
            select(DeviceEpoch).where(DeviceEpoch.device_id == device_id, DeviceEpoch.epoch == epoch)
        )
    return None if row is None else (row.watermark, row.last_seq)


def seqs_of(records: Records, epoch: str) -> list[int]:
    """Return the kept seqs of an epoch in order, repeats included."""
    with records.read() as session:
        return list(session.scalars(select(Tap.seq).where(Tap.epoch == epoch).order_by(Tap.seq)))


def contiguous(seqs: set[int]) -> int:
    """The obvious reading of a watermark."""
    return next(number for number in itertools.count() if number + 1 not in seqs)


def test_dense_epoch_is_acknowledged_to_its_end(town: Records, terminal: Terminal) -> None:
    taps = make_taps(4)
    assert TapStore(town).keep(terminal.batch(taps)).acked_through == {taps[0].epoch: 4}
    assert epoch_state(town, terminal.device_id, taps[0].epoch) == (4, 4)


def test_hole_stops_the_watermark_and_shows(town: Records, terminal: Terminal) -> None:
    one, two, _, four = make_taps(4)
    answer = TapStore(town).keep(terminal.batch([one, two, four]))
    assert answer.acked_through == {one.epoch: 2}
    assert epoch_state(town, terminal.device_id, one.epoch) == (2, 4)


def test_filling_a_hole_moves_the_watermark_over_what_was_already_kept(town: Records, terminal: Terminal) -> None:
    taps, store = make_taps(6), TapStore(town)
    store.keep(terminal.batch(taps[:1] + taps[3:]))
    assert store.keep(terminal.batch(taps[1:3])).acked_through == {taps[0].epoch: 6}


def test_first_hole_of_two_keeps_the_watermark_before_the_second(town: Records, terminal: Terminal) -> None:
    taps, store = make_taps(6), TapStore(town)
    store.keep(terminal.batch([taps[2], taps[4], taps[5]]))
    assert store.keep(terminal.batch(taps[:2])).acked_through == {taps[0].epoch: 3}


def test_long_tail_behind_a_hole_is_walked_in_one_go(town: Records, terminal: Terminal) -> None:
    taps, store = make_taps(2_401), TapStore(town)
    for start in range(1, 2_401, 200):
        store.keep(terminal.batch(taps[start : start + 200]))
    assert store.keep(terminal.batch(taps[:1])).acked_through == {taps[0].epoch: 2_401}


def test_quarantined_tap_leaves_a_hole(town: Records, terminal: Terminal) -> None:
    one, _, three = make_taps(3)
    answer = TapStore(town).keep(terminal.batch([one, {"seq": 2}, three]))
    assert answer.acked_through == {one.epoch: 1}


def test_epochs_of_one_batch_are_answered_each(town: Records, terminal: Terminal) -> None:
    first, second = make_taps(3), make_taps(2)
    answer = TapStore(town).keep(terminal.batch([*first, *second]))
    assert answer.acked_through == {first[0].epoch: 3, second[0].epoch: 2}


def test_watermark_is_right_after_the_server_was_started_again(town: Records, terminal: Terminal) -> None:
    taps = make_taps(5)
    TapStore(town).keep(terminal.batch(taps[:2]))
    assert TapStore(town).keep(terminal.batch(taps[2:])).acked_through == {taps[0].epoch: 5}


def test_two_servers_on_one_database_do_not_trust_stale_memory(town: Records, terminal: Terminal) -> None:
    one, other, taps = TapStore(town), TapStore(town), make_taps(4)
    one.keep(terminal.batch(taps[:1]))
    other.keep(terminal.batch(taps[1:2]))
    one.keep(terminal.batch(taps[2:3]))
    answer = other.keep(terminal.batch(taps[:1] + taps[3:]))
    assert [each.status for each in answer.answers] == [TapStatus.DUPLICATE, TapStatus.STORED]
    assert answer.acked_through == {taps[0].epoch: 4}


def test_terminal_enrolled_as_another_device_goes_on_with_its_epoch(town: Records, terminal: Terminal) -> None:
    taps, store = make_taps(5), TapStore(town)
    store.keep(terminal.batch(taps[:3]))
    again = a_terminal(town, "borne-2")
    assert store.keep(again.batch(taps[3:])).acked_through == {taps[0].epoch: 5}


def test_an_epoch_whose_end_another_device_sent_first_reaches_its_end(town: Records, terminal: Terminal) -> None:
    taps, store = make_taps(5), TapStore(town)
    store.keep(terminal.batch(taps[2:3]))  # its memory of the epoch ends here, behind a hole
    again = a_terminal(town, "borne-2")
    store.keep(again.batch(taps[3:]))
    store.keep(terminal.batch(taps[:2]))
    assert epoch_state(town, terminal.device_id, taps[0].epoch) == (5, 5)


@pytest.mark.parametrize("first", range(6))
def test_all_orders_of_six_overlapping_batches_give_one_final_state(
    sqlite_terminal: tuple[Records, Terminal], first: int
) -> None:
    """F7: with the five other `first`s, all 720 orders."""
    records, terminal = sqlite_terminal
    store = TapStore(records)
    for others in itertools.permutations(set(range(6)) - {first}):
        taps = make_taps(8)
        for number in (first, *others):
            store.keep(terminal.batch(taps[number : number + 3]))
        assert epoch_state(records, terminal.device_id, taps[0].epoch) == (8, 8)
        assert seqs_of(records, taps[0].epoch) == list(range(1, 9))


@pytest.fixture(scope="module")
def sqlite_terminal(
    tmp_path_factory: pytest.TempPathFactory, town_file: Path
) -> Iterator[tuple[Records, Terminal]]:
    """A terminal in one SQLite file for all permutations: each has its own epoch."""
    records = sqlite_copy(town_file, tmp_path_factory.mktemp("orders"), HandClock())
    yield records, a_terminal(records)
    records.close()


@IN_ONE_DATABASE
@given(data=st.data())
def test_overlapping_batches_in_any_order_keep_each_tap_once(
    town: Records, terminal: Terminal, data: st.DataObject
) -> None:
    epoch, count = new_identity(), data.draw(st.integers(1, 12))
    taps = make_taps(count, epoch)
    batches = data.draw(st.lists(st.lists(st.sampled_from(taps), max_size=8), max_size=6))
    store, sent, stored = TapStore(town), set[int](), list[TapV1]()
    while batches:
        together = data.draw(st.integers(1, len(batches)))
        group, batches = batches[:together], batches[together:]
        outcomes = store.keep_all([terminal.batch(batch) for batch in group])
        for batch, outcome in zip(group, outcomes, strict=True):
            assert not isinstance(outcome, Exception)
            stored += [batch[each.index] for each in outcome.answers if each.status is TapStatus.STORED]
            sent |= {tap.seq for tap in batch}
        assert epoch_state(town, terminal.device_id, epoch) == ((contiguous(sent), max(sent)) if sent else None)
    assert seqs_of(town, epoch) == sorted(sent) == sorted(tap.seq for tap in stored)


@IN_ONE_DATABASE
@given(seed=st.integers(0, 2**32))
def test_replays_for_ever_change_nothing(town: Records, terminal: Terminal, seed: int) -> None:
    draw = random.Random(seed)
    taps, store = make_taps(6), TapStore(town)
    store.keep(terminal.batch(taps))
    before = rows(town, taps[0].epoch)
    for _ in range(5):
        again = draw.sample(taps, draw.randint(1, 6))
        answer = store.keep(terminal.batch(again))
        assert {each.status for each in answer.answers} == {TapStatus.DUPLICATE}
        assert answer.acked_through == {taps[0].epoch: 6}
    assert rows(town, taps[0].epoch) == before


def rows(records: Records, epoch: str) -> list[tuple[object, ...]]:
    """Return the whole rows of an epoch."""
    with records.read() as session:
        found = session.execute(select(*Tap.__table__.columns).where(Tap.epoch == epoch).order_by(Tap.seq))
        return [tuple(row) for row in found]


def test_conflict_leaves_the_same_rows_whichever_batch_it_comes_with(town: Records, terminal: Terminal) -> None:
    tap, store = make_tap(1), TapStore(town)
    store.keep(terminal.batch([tap]))
    before = rows(town, tap.epoch)
    for change in ({"mono_ms": 5}, {"boot_id": "other"}, {"occurred_at": 7}):
        store.keep(terminal.batch([make_tap(2, tap.epoch), tap.model_copy(update=change)]))
    assert rows(town, tap.epoch)[: len(before)] == before
