"""What every badge reader must do. Each driver's test file inherits this suite and brings its own bench."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator

from device_drivers import BadgeRead, BadgeReader, ReaderStatus

# Short, so that the suite is quick; long against the scheduling of a busy machine.
HOLD_SECONDS = 0.25
PATIENCE_SECONDS = 8.0

_FRENCH = re.compile(r"\b(le|la|les|de|un|une|aucun|aucune|est|sur|mais|depuis|pour)\b", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(the|error|failed|unplugged|device|ready|closed|cannot|not|is|at)\b", re.IGNORECASE)
_PLAIN_SPACE_BEFORE_SIGN = re.compile(r" [;:!?%»]|« ")


def assert_french(sentence: str) -> None:
    """A sentence for staff: French, punctuated, with the no-break spaces French asks for."""
    prose = re.sub(r"/\S*[^\s.,;)]", "", sentence)  # device files are named as they are
    assert prose[:1].isupper(), sentence
    assert prose.endswith("."), sentence
    assert _FRENCH.search(prose), sentence
    assert not _ENGLISH.search(prose), sentence
    assert not _PLAIN_SPACE_BEFORE_SIGN.search(prose), sentence


def free_port() -> int:
    """A UDP port nobody uses on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ReaderBench(ABC):
    """One reader under test and the hands that work it."""

    reader: BadgeReader
    technology: str
    uids: tuple[str, str]
    simulated: bool

    @abstractmethod
    def place(self, uid: str) -> None:
        """Hold a badge on the reader until ``remove``."""

    @abstractmethod
    def remove(self) -> None:
        """Take the badge away."""

    @abstractmethod
    def garbage(self) -> contextlib.AbstractContextManager[None]:
        """Feed the reader nonsense while the block runs."""

    @abstractmethod
    def interrupted(self, uid: str) -> contextlib.AbstractContextManager[None]:
        """Begin to present a badge while the block runs, never complete it."""

    def close(self) -> None:
        """Put everything away."""
        self.reader.close()

    def present(self, uid: str) -> BadgeRead | None:
        """Tap a badge and return what the reader made of it."""
        self.place(uid)
        read = self.reader.poll(PATIENCE_SECONDS)
        self.remove()
        return read

    def read_uid(self, uid: str) -> str | None:
        """Tap a badge and return the number read."""
        read = self.present(uid)
        return None if read is None else read.uid


class PluggableBench(ReaderBench):
    """A bench whose reader has a plug."""

    @abstractmethod
    def unplug(self) -> None:
        """Pull the plug."""

    @abstractmethod
    def replug(self) -> None:
        """Put it back."""


def wait_for_status(reader: BadgeReader, status: ReaderStatus) -> None:
    """Poll until the reader is in ``status``; no badge may be read meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while reader.state().status is not status:
        assert reader.poll(0.02) is None
        assert time.monotonic() < deadline, reader.state()


class BadgeReaderContract:
    """Inherit and define the fixture ``bench``."""

    def test_opened_reader_is_ready_and_says_so_in_french(self, bench: ReaderBench) -> None:
        state = bench.reader.state()
        assert (state.status, state.refused) == (ReaderStatus.READY, 0)
        assert_french(state.detail)

    def test_reader_tells_whether_it_is_simulated(self, bench: ReaderBench) -> None:
        assert bench.reader.simulated is bench.simulated
        assert isinstance(bench.reader, BadgeReader)

    def test_one_presentation_is_one_read(self, bench: ReaderBench) -> None:
        before_ns = time.monotonic_ns()
        read = bench.present(bench.uids[0])
        assert read is not None
        assert (read.uid, read.technology) == (bench.uids[0], bench.technology)
        assert before_ns <= read.read_mono_ns <= time.monotonic_ns()
        assert bench.reader.poll(0.1) is None

    def test_two_badges_are_read_in_order(self, bench: ReaderBench) -> None:
        first, second = bench.uids
        assert [bench.read_uid(first), bench.read_uid(second)] == [first, second]

    def test_held_badge_is_one_read_however_long_it_stays(self, bench: ReaderBench) -> None:
        bench.place(bench.uids[0])
        assert bench.reader.poll(PATIENCE_SECONDS) is not None
        assert bench.reader.poll(HOLD_SECONDS * 1.5) is None
        bench.remove()

    def test_badge_taken_away_and_presented_again_is_read_again(self, bench: ReaderBench) -> None:
        uid = bench.uids[0]
        assert bench.read_uid(uid) == uid
        assert bench.reader.poll(HOLD_SECONDS + 0.1) is None
        assert bench.read_uid(uid) == uid

    def test_quiet_reader_gives_nothing_within_the_timeout(self, bench: ReaderBench) -> None:
        started = time.monotonic()
        assert bench.reader.poll(0.1) is None
        # One exchange with the chip may be under way when the time is up.
        assert 0.05 <= time.monotonic() - started < 1.0

    def test_garbage_is_never_a_badge_and_the_next_badge_is_read(self, bench: ReaderBench) -> None:
        with bench.garbage():
            assert bench.reader.poll(0.12) is None
        assert bench.read_uid(bench.uids[1]) == bench.uids[1]

    def test_interrupted_presentation_leaves_no_trace_in_the_next_one(self, bench: ReaderBench) -> None:
        with bench.interrupted(bench.uids[0]):
            assert bench.reader.poll(0.12) is None
        assert bench.read_uid(bench.uids[1]) == bench.uids[1]

    def test_closing_twice_is_closing_once_and_a_closed_reader_reads_nothing(self, bench: ReaderBench) -> None:
        bench.reader.close()
        bench.reader.close()
        assert bench.reader.poll(5.0) is None  # at once: the suite would feel five seconds
        assert bench.reader.state().status is ReaderStatus.CLOSED
        assert_french(bench.reader.state().detail)

    def test_closed_reader_can_be_opened_again(self, bench: ReaderBench) -> None:
        bench.reader.close()
        bench.reader.open()
        bench.reader.open()
        wait_for_status(bench.reader, ReaderStatus.READY)
        assert bench.read_uid(bench.uids[0]) == bench.uids[0]

    def test_closing_from_another_thread_ends_a_poll(self, bench: ReaderBench) -> None:
        reads: list[BadgeRead | None] = []
        poller = threading.Thread(target=lambda: reads.append(bench.reader.poll(60.0)))
        poller.start()
        bench.reader.close()
        poller.join(PATIENCE_SECONDS)
        assert not poller.is_alive()
        assert reads == [None]


class PluggableReaderContract(BadgeReaderContract):
    """For readers with a plug; ``bench`` is a PluggableBench."""

    def test_unplugged_reader_says_so_and_reads_again_once_replugged(self, bench: PluggableBench) -> None:
        bench.unplug()
        wait_for_status(bench.reader, ReaderStatus.UNPLUGGED)
        assert_french(bench.reader.state().detail)
        bench.replug()
        wait_for_status(bench.reader, ReaderStatus.READY)
        assert bench.read_uid(bench.uids[1]) == bench.uids[1]

    def test_reader_missing_at_the_start_is_found_when_it_is_plugged_in(self, bench: PluggableBench) -> None:
        bench.reader.close()
        bench.unplug()
        bench.reader.open()
        assert bench.reader.state().status is ReaderStatus.UNPLUGGED
        assert_french(bench.reader.state().detail)
        bench.replug()
        wait_for_status(bench.reader, ReaderStatus.READY)
        assert bench.read_uid(bench.uids[0]) == bench.uids[0]

    def test_badge_lying_on_an_unplugged_reader_is_not_read(self, bench: PluggableBench) -> None:
        bench.unplug()
        bench.place(bench.uids[0])
        assert bench.reader.poll(0.1) is None
        bench.remove()


@contextlib.contextmanager
def running(work: threading.Thread) -> Iterator[None]:
    """Run a thread beside the block and wait for its end."""
    work.start()
    try:
        yield
    finally:
        work.join(PATIENCE_SECONDS)
        assert not work.is_alive()
