"""The PN532 on a serial line: nfcpy's own driver against the software chip on a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

from device_drivers import ReaderStatus, open_reader
from device_drivers.nfc.hsu import ACK, frame_of
from device_drivers.nfc.tty import open_pn532
from device_drivers.simulated.pn532 import Pn532Simulator
from tests.contracts.badge_reader_contract import (
    HOLD_SECONDS,
    PluggableBench,
    PluggableReaderContract,
    assert_french,
    wait_for_status,
)


class Pn532Bench(PluggableBench):
    technology = "nfc-a"
    uids = ("04A1B2C3D4E5F6", "DEADBEEF")
    simulated = False  # a serial port is a serial port: the driver cannot know what is behind

    def __init__(self) -> None:
        self.chip = Pn532Simulator()
        self.reader = open_reader(f"{self.chip.address}&hold={HOLD_SECONDS}")

    def place(self, uid: str) -> None:
        self.chip.place(uid)

    def remove(self) -> None:
        self.chip.remove()

    @contextlib.contextmanager
    def garbage(self) -> Iterator[None]:
        self.chip.garble(bytes(range(256)), answers=1)
        yield

    @contextlib.contextmanager
    def interrupted(self, uid: str) -> Iterator[None]:
        answer = frame_of(bytes.fromhex("D54B0101004400" + "07" + "04A1B2C3D4E5F6"))
        self.chip.garble(ACK + answer[:-6])
        yield

    def unplug(self) -> None:
        self.chip.unplug()

    def replug(self) -> None:
        self.chip.replug()

    def close(self) -> None:
        super().close()
        self.chip.close()


@pytest.fixture
def bench() -> Iterator[Pn532Bench]:
    bench = Pn532Bench()
    yield bench
    bench.close()


class TestPn532OnSerialLine(PluggableReaderContract):
    pass


def test_uid_of_ten_bytes_is_read(bench: Pn532Bench) -> None:
    assert bench.read_uid("04A1B2C3D4E5F6A7B8C9") == "04A1B2C3D4E5F6A7B8C9"


def test_random_uid_is_refused_counted_once_and_explained(bench: Pn532Bench) -> None:
    for changing_uid in ("08112233", "08445566", "08778899"):  # the same telephone, three looks
        bench.place(changing_uid)
        assert bench.reader.poll(0.12) is None
    state = bench.reader.state()
    assert (state.status, state.refused) == (ReaderStatus.READY, 1)
    assert "change de numéro" in state.detail
    assert_french(state.detail)


def test_chip_left_at_a_raised_speed_by_a_killed_program_is_found(bench: Pn532Bench) -> None:
    bench.reader.close()
    bench.chip.leave_at_baudrate(460_800)
    bench.reader.open()
    assert bench.reader.state().status is ReaderStatus.READY
    assert bench.read_uid("DEADBEEF") == "DEADBEEF"


def test_chip_that_answers_nonsense_even_when_closed_is_found_again(bench: Pn532Bench) -> None:
    bench.chip.garble(b"\x00\x00\xff\x03\xfd\xd5", answers=2)
    assert bench.reader.poll(0.3) is None
    assert bench.reader.state().status in (ReaderStatus.UNPLUGGED, ReaderStatus.FAILED)
    wait_for_status(bench.reader, ReaderStatus.READY)
    assert bench.read_uid("DEADBEEF") == "DEADBEEF"


def test_silent_device_is_a_failure_that_tells_staff_what_to_check(bench: Pn532Bench) -> None:
    bench.reader.close()
    bench.chip.leave_at_baudrate(9_600)  # never tried: as silent as any other device
    bench.reader.open()
    state = bench.reader.state()
    assert state.status is ReaderStatus.FAILED
    assert "Vérifiez le câblage" in state.detail
    assert_french(state.detail)


def test_two_programs_cannot_share_one_line(bench: Pn532Bench) -> None:
    other = open_reader(bench.reader.address)
    try:
        assert other.state().status is ReaderStatus.FAILED
        assert "autre programme" in other.state().detail
        assert bench.read_uid("DEADBEEF") == "DEADBEEF"
    finally:
        other.close()


def test_nfcpy_knows_the_port_by_its_real_name(bench: Pn532Bench) -> None:
    bench.reader.close()
    # nfcpy waits longer on a Raspberry Pi's /dev/ttyUSB*, which it would not recognise behind a by-id name.
    device: Any = open_pn532(bench.chip.device_file)
    assert device.chipset.transport.port == os.path.realpath(bench.chip.device_file)
    assert device.chipset.transport.port != bench.chip.device_file
    device.close()
