"""Retries, back-off, states and presentations, with a link that does as it is told and a clock by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers import ReaderStatus, parse_address
from device_drivers.link import LinkDownError, LinkEvent, Refusal, Sighting
from device_drivers.presentation import PresentationFilter
from device_drivers.supervisor import BackOff, SupervisedReader

SECOND_NS = 1_000_000_000
GONE = LinkDownError(ReaderStatus.UNPLUGGED, "Aucun lecteur. Branchez-le.")
BROKEN = LinkDownError(ReaderStatus.FAILED, "Le lecteur ne s'ouvre pas. Appelez un agent.")


class ScriptedLink:
    """Connects and gives events as scripted; an empty script connects and stays quiet."""

    technology = "scripted"
    pause_seconds = 0.0

    def __init__(self) -> None:
        self.connections: list[LinkDownError | None] = []
        self.events: list[Sequence[LinkEvent] | LinkDownError] = []
        self.connected = 0
        self.disconnected = 0

    def connect(self) -> None:
        self.connected += 1
        outcome = self.connections.pop(0) if self.connections else None
        if outcome is not None:
            raise outcome

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        outcome = self.events.pop(0) if self.events else []
        if isinstance(outcome, LinkDownError):
            raise outcome
        return outcome

    def disconnect(self) -> None:
        self.disconnected += 1


class Bench:
    def __init__(self) -> None:
        self.now_ns = 0
        self.link = ScriptedLink()
        self.reader = SupervisedReader(parse_address("keyboard:?hold=1"), self.link, lambda: self.now_ns)

    def later(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND_NS)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_delays_double_up_to_the_ceiling_and_start_again_after_a_reset() -> None:
    back_off = BackOff(first_seconds=0.2, ceiling_seconds=2.0)
    assert [back_off.next_delay_seconds() for _ in range(6)] == pytest.approx([0.2, 0.4, 0.8, 1.6, 2.0, 2.0])
    back_off.reset()
    assert back_off.next_delay_seconds() == pytest.approx(0.2)


def test_reader_never_opened_is_closed_and_reads_nothing(bench: Bench) -> None:
    assert bench.reader.state().status is ReaderStatus.CLOSED
    assert bench.reader.poll(1.0) is None
    assert bench.link.connected == 0


def test_missing_reader_is_looked_for_at_growing_intervals_of_two_seconds_at_most(bench: Bench) -> None:
    bench.link.connections = [GONE] * 1000
    bench.reader.open()
    tried_at_ns = [bench.now_ns]
    while len(tried_at_ns) < 8:
        bench.later(0.01)
        before = bench.link.connected
        assert bench.reader.poll(0) is None
        if bench.link.connected > before:
            tried_at_ns.append(bench.now_ns)
    delays = [(b - a) / SECOND_NS for a, b in itertools.pairwise(tried_at_ns)]
    assert delays == pytest.approx([0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0])
    assert bench.reader.state().since_mono_ns == 0  # unplugged all the while


def test_loose_plug_does_not_become_a_busy_loop(bench: Bench) -> None:
    bench.reader.open()
    for _ in range(200):  # each connection fails at the first wait
        bench.link.events = [GONE]
        bench.later(0.05)
        bench.reader.poll(0)
    assert bench.link.connected <= 10  # in ten seconds


def test_link_that_was_sound_is_tried_again_quickly(bench: Bench) -> None:
    bench.link.connections = [GONE, GONE, GONE, GONE]
    bench.reader.open()
    for _ in range(4):
        bench.later(2.0)
        bench.reader.poll(0)
    assert bench.reader.state().status is ReaderStatus.READY
    bench.later(10)
    bench.link.events = [GONE]
    bench.reader.poll(0)
    bench.later(0.21)
    bench.reader.poll(0)
    assert bench.reader.state().status is ReaderStatus.READY


def test_failure_shows_its_own_status_and_words(bench: Bench) -> None:
    bench.link.connections = [BROKEN]
    bench.reader.open()
    state = bench.reader.state()
    assert (state.status, state.detail) == (ReaderStatus.FAILED, BROKEN.detail)


def test_lost_link_is_let_go_before_the_next_try(bench: Bench) -> None:
    bench.reader.open()
    bench.link.events = [GONE]
    bench.reader.poll(0)
    assert bench.link.disconnected == 1


def test_state_keeps_the_moment_its_status_began(bench: Bench) -> None:
    bench.reader.open()
    bench.later(5)
    bench.link.events = [[Refusal("badge mal lu.")]]
    bench.reader.poll(0)
    assert bench.reader.state().since_mono_ns == 0


def test_refusals_of_one_held_badge_count_once_and_broken_frames_each(bench: Bench) -> None:
    bench.reader.open()
    held, frame = Refusal("change de numéro.", hold_key="random"), Refusal("badge mal lu.")
    bench.link.events = [[held, held, frame], [held, frame]]
    bench.reader.poll(0)
    bench.reader.poll(0)
    assert bench.reader.state().refused == 3


def test_count_of_refusals_survives_an_unplugging(bench: Bench) -> None:
    bench.reader.open()
    bench.link.events = [[Refusal("badge mal lu.")], GONE]
    bench.reader.poll(0)
    bench.reader.poll(0)
    bench.later(1)
    bench.reader.poll(0)
    state = bench.reader.state()
    assert (state.status, state.refused) == (ReaderStatus.READY, 1)
    assert "1 lecture refusée" in state.detail


def test_badges_of_one_wait_are_given_one_by_one_in_order(bench: Bench) -> None:
    bench.reader.open()
    bench.link.events = [[Sighting("AA"), Sighting("AA"), Sighting("BB")]]
    reads = [bench.reader.poll(0), bench.reader.poll(0), bench.reader.poll(0)]
    assert [read and read.uid for read in reads] == ["AA", "BB", None]


def test_badges_not_polled_before_closing_are_forgotten(bench: Bench) -> None:
    bench.reader.open()
    bench.link.events = [[Sighting("AA"), Sighting("BB")]]
    bench.reader.poll(0)
    bench.reader.close()
    bench.reader.open()
    assert bench.reader.poll(0) is None


@given(gaps_ms=st.lists(st.integers(0, 3000), max_size=40))
def test_presentation_begins_when_a_badge_was_out_of_sight_long_enough(gaps_ms: list[int]) -> None:
    presentations = PresentationFilter(hold_seconds=1.0)
    now_ns = 0
    assert presentations.is_new("A", now_ns)
    for gap_ms in gaps_ms:
        now_ns += gap_ms * 1_000_000
        assert presentations.is_new("A", now_ns) is (gap_ms >= 1000)


def test_two_badges_seen_in_turn_are_two_presentations() -> None:
    presentations = PresentationFilter(hold_seconds=1.0)
    seen = [presentations.is_new(badge, i * SECOND_NS // 10) for i, badge in enumerate("ABABABAB")]
    assert seen == [True, True] + [False] * 6


def test_no_hold_makes_every_sighting_a_presentation() -> None:
    presentations = PresentationFilter(hold_seconds=0.0)
    assert [presentations.is_new("A", 0), presentations.is_new("A", 0)] == [True, True]
