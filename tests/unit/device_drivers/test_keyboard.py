"""Keyboard readers: keys as the screen receives them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers import open_reader
from device_drivers.keyboard.reader import KeyboardReader
from device_drivers.keyboard.wedge import WedgeDecoder, number_of_keys
from device_drivers.link import LinkEvent, Refusal, Sighting
from tests.contracts.badge_reader_contract import HOLD_SECONDS, BadgeReaderContract, ReaderBench

MILLISECOND_NS = 1_000_000
TO_AZERTY = str.maketrans("1234567890aA", "&é\"'(-è_çàqQ")


class KeyboardBench(ReaderBench):
    technology = "keyboard"
    uids = ("0000001000", "0006428013")
    simulated = False

    def __init__(self) -> None:
        reader = open_reader(f"keyboard:?hold={HOLD_SECONDS}")
        assert isinstance(reader, KeyboardReader)
        self.reader: KeyboardReader = reader

    def type(self, *keys: str) -> None:
        for key in keys:
            self.reader.press(key)

    def place(self, uid: str) -> None:
        self.type(*uid, "enter", *uid, "enter")  # some models repeat while the badge is held

    def remove(self) -> None:
        """The reader types nothing when a badge leaves."""

    @contextlib.contextmanager
    def garbage(self) -> Iterator[None]:
        self.type(*"https://exemple.fr/?q=1", "enter", "f1", "\x00", "é", "enter", *"12345", "enter")
        yield

    @contextlib.contextmanager
    def interrupted(self, uid: str) -> Iterator[None]:
        self.type(*uid[:6])
        yield


@pytest.fixture
def bench() -> Iterator[KeyboardBench]:
    bench = KeyboardBench()
    yield bench
    bench.close()


class TestKeyboardReader(BadgeReaderContract):
    pass


def decode(keys: list[str], gap_ms: int) -> list[LinkEvent]:
    decoder = WedgeDecoder()
    pressed = (decoder.press(key, (i + 1) * gap_ms * MILLISECOND_NS) for i, key in enumerate(keys))
    return [event for event in pressed if event is not None]


@given(number=st.text(alphabet="0123456789ABCDEF", min_size=6, max_size=20), gap_ms=st.integers(0, 100))
def test_number_typed_fast_is_a_badge(number: str, gap_ms: int) -> None:
    assert decode([*number, "enter"], gap_ms) == [Sighting(number)]


@given(number=st.text(alphabet="0123456789ABCDEF", min_size=6, max_size=20))
def test_number_typed_under_a_french_layout_is_the_same_badge(number: str) -> None:
    if any(digit in "0123456789" for digit in number):
        assert number_of_keys(number.translate(TO_AZERTY)) == number


@given(number=st.text(alphabet="0123456789", min_size=1, max_size=20), gap_ms=st.integers(101, 2000))
def test_number_typed_by_a_person_is_left_alone(number: str, gap_ms: int) -> None:
    assert decode([*number, "enter"], gap_ms) == []


@given(keys=st.lists(st.text(max_size=6), max_size=60), gap_ms=st.integers(0, 200))
def test_any_keys_are_survived_and_only_numbers_become_badges(keys: list[str], gap_ms: int) -> None:
    for event in decode(keys, gap_ms):
        if isinstance(event, Sighting):
            assert 6 <= len(event.uid) <= 20
            assert set(event.uid) <= set("0123456789ABCDEF")


def test_text_of_a_code_scanner_is_refused() -> None:
    events = decode([*"FAM-00042", "enter"], gap_ms=5)
    assert [type(event) for event in events] == [Refusal]


def test_number_that_is_too_long_is_refused_whole() -> None:
    events = decode([*("1" * 500), "enter"], gap_ms=1)
    assert [type(event) for event in events] == [Refusal]


def test_keys_beyond_any_burst_are_dropped_not_kept(bench: KeyboardBench) -> None:
    for _ in range(10_000):
        bench.reader.press("1")
    assert bench.reader.poll(0.05) is None
