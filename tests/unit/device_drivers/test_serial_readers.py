"""125 kHz readers: frames played on a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from device_drivers import ReaderStatus, open_reader
from device_drivers.serial.frames import ID12LA, RDM6300, FrameProtocol
from device_drivers.simulated.frame_player import FramePlayer, frame_for
from tests.contracts.badge_reader_contract import (
    HOLD_SECONDS,
    PATIENCE_SECONDS,
    PluggableBench,
    PluggableReaderContract,
    assert_french,
    wait_for_status,
)


class SerialBench(PluggableBench):
    technology = "em4100"
    uids = ("0A000003E8", "62E3086CED")
    simulated = False

    def __init__(self, protocol: FrameProtocol) -> None:
        self.player = FramePlayer(protocol)
        self.reader = open_reader(f"{self.player.address}&hold={HOLD_SECONDS}")

    def place(self, uid: str) -> None:
        self.player.place(uid)

    def remove(self) -> None:
        self.player.remove()

    @contextlib.contextmanager
    def garbage(self) -> Iterator[None]:
        self.player.send(os.urandom(64) + b"\x02\x02\x0212\x03\xff")
        yield

    @contextlib.contextmanager
    def interrupted(self, uid: str) -> Iterator[None]:
        self.player.send(frame_for(self.player.protocol, uid)[:8])
        yield

    def unplug(self) -> None:
        self.player.unplug()

    def replug(self) -> None:
        self.player.replug()

    def close(self) -> None:
        super().close()
        self.player.close()


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[SerialBench]:
    bench = SerialBench(getattr(request.cls, "protocol", RDM6300))
    yield bench
    bench.close()


class TestRdm6300(PluggableReaderContract):
    protocol = RDM6300


class TestId12La(PluggableReaderContract):
    protocol = ID12LA


def test_frame_in_pieces_is_read(bench: SerialBench) -> None:
    bench.player.split("0A000003E8")
    read = bench.reader.poll(PATIENCE_SECONDS)
    assert read is not None
    assert read.uid == "0A000003E8"


def test_frame_in_noise_is_read(bench: SerialBench) -> None:
    bench.player.noisy("0A000003E8")
    read = bench.reader.poll(PATIENCE_SECONDS)
    assert read is not None
    assert read.uid == "0A000003E8"


def test_bad_checksums_are_refused_counted_and_explained(bench: SerialBench) -> None:
    for _ in range(3):
        bench.player.bad_checksum("0A000003E8")
    assert bench.reader.poll(0.1) is None
    state = bench.reader.state()
    assert (state.status, state.refused) == (ReaderStatus.READY, 3)
    assert "3 lectures refusées" in state.detail
    assert "somme de contrôle" in state.detail
    assert_french(state.detail)


def test_frames_of_one_burst_are_read_one_by_one(bench: SerialBench) -> None:
    bench.player.send(frame_for(RDM6300, "0A00000001") + frame_for(RDM6300, "0A00000002"))
    reads = [bench.reader.poll(PATIENCE_SECONDS), bench.reader.poll(PATIENCE_SECONDS)]
    assert [read.uid for read in reads if read] == ["0A00000001", "0A00000002"]


def test_port_that_is_no_terminal_is_a_failure_in_french() -> None:
    reader = open_reader("serial:/dev/null?protocol=rdm6300")
    try:
        assert reader.state().status is ReaderStatus.FAILED
        assert_french(reader.state().detail)
        assert reader.poll(0.01) is None
    finally:
        reader.close()


def test_two_programs_cannot_share_one_line(bench: SerialBench) -> None:
    other = open_reader(bench.reader.address)
    try:
        assert other.state().status is ReaderStatus.FAILED
        assert "autre programme" in other.state().detail
    finally:
        other.close()


def test_two_halves_from_before_and_after_an_unplugging_are_no_badge(bench: SerialBench) -> None:
    frame = frame_for(RDM6300, "0A000003E8")
    bench.player.send(frame[:8])
    assert bench.reader.poll(0.02) is None
    bench.unplug()
    wait_for_status(bench.reader, ReaderStatus.UNPLUGGED)
    bench.replug()
    wait_for_status(bench.reader, ReaderStatus.READY)
    bench.player.send(frame[8:])
    assert bench.reader.poll(0.05) is None
