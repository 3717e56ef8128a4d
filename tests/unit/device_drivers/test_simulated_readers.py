"""Simulated readers, in process and driven from another process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from device_drivers import (
    BadgeNotDeliveredError,
    BadgeRead,
    BadgeUidError,
    ReaderAddressError,
    ReaderStatus,
    open_reader,
    parse_address,
)
from device_drivers.simulated import SimulatedReader, present_badge
from device_drivers.simulated.reader import judge_datagram
from device_drivers.transports.loopback import loopback_socket
from tests.contracts.badge_reader_contract import (
    PATIENCE_SECONDS,
    PluggableBench,
    PluggableReaderContract,
    assert_french,
    free_port,
    running,
    wait_for_status,
)


class SimBench(PluggableBench):
    technology = "simulated"
    uids = ("04A1B2C3D4E5F6", "0A000003E8")
    simulated = True

    def __init__(self, address: str) -> None:
        self.reader: SimulatedReader = SimulatedReader(parse_address(address))
        self.reader.open()

    def place(self, uid: str) -> None:
        self.reader.place(uid)
        self.reader.place(uid)

    def remove(self) -> None:
        self.reader.remove()

    @contextlib.contextmanager
    def garbage(self) -> Iterator[None]:
        self.reader.garble()
        self.reader.present("zz")
        yield

    @contextlib.contextmanager
    def interrupted(self, uid: str) -> Iterator[None]:
        self.reader.unplug()
        self.reader.present(uid)
        yield
        self.reader.replug()
        wait_for_status(self.reader, ReaderStatus.READY)

    def unplug(self) -> None:
        self.reader.unplug()

    def replug(self) -> None:
        self.reader.replug()


class SimUdpBench(SimBench):
    """Taps arrive as datagrams."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._port = parse_address(address).udp_port

    def present(self, uid: str) -> BadgeRead | None:
        present_badge(self.reader.address, uid)
        return self.reader.poll(PATIENCE_SECONDS)

    @contextlib.contextmanager
    def garbage(self) -> Iterator[None]:
        with loopback_socket() as sender:
            for nonsense in (
                b"",
                b"TAP",
                b"TAP zz",
                b"\xff" * 200,
                b"PAT 04A1B2C3D4E5F6",
                b"TAP 04A1B2C3D4E5F6 04",
            ):
                sender.sendto(nonsense, ("127.0.0.1", self._port))
            yield


class TestSimulatedReader(PluggableReaderContract):
    @pytest.fixture
    def bench(self) -> Iterator[SimBench]:
        bench = SimBench("sim:")
        yield bench
        bench.close()


class TestRemoteControlledReader(PluggableReaderContract):
    @pytest.fixture
    def bench(self) -> Iterator[SimBench]:
        bench = SimUdpBench(f"sim:udp:127.0.0.1:{free_port()}")
        yield bench
        bench.close()


@pytest.fixture
def sim() -> Iterator[SimulatedReader]:
    reader = SimulatedReader()
    reader.open()
    yield reader
    reader.close()


def test_each_call_to_present_is_a_gesture_of_its_own(sim: SimulatedReader) -> None:
    sim.present("04A1B2C3D4E5F6")
    sim.present("04a1b2c3d4e5f6")
    reads = [sim.poll(0), sim.poll(0), sim.poll(0)]
    assert [read and read.uid for read in reads] == ["04A1B2C3D4E5F6", "04A1B2C3D4E5F6", None]


def test_random_uid_is_refused_as_on_a_real_reader(sim: SimulatedReader) -> None:
    sim.present("08112233")
    assert sim.poll(0) is None
    assert sim.state().refused == 1
    assert "change de numéro" in sim.state().detail


def test_badge_left_on_an_unplugged_reader_is_read_when_it_comes_back(sim: SimulatedReader) -> None:
    sim.unplug()
    assert sim.poll(0) is None
    sim.place("04A1B2C3D4E5F6")
    sim.replug()
    read = sim.poll(PATIENCE_SECONDS)
    assert read is not None
    assert read.uid == "04A1B2C3D4E5F6"


def test_badge_tapped_on_an_unplugged_reader_is_lost(sim: SimulatedReader) -> None:
    sim.unplug()
    sim.present("04A1B2C3D4E5F6")
    sim.replug()
    assert sim.poll(0.05) is None


def test_clock_given_dates_the_reads() -> None:
    reader = SimulatedReader(clock=lambda: 42)
    reader.open()
    reader.present("DEADBEEF")
    read = reader.poll(0)
    assert read is not None
    assert read.read_mono_ns == 42
    reader.close()


def test_open_reader_gives_an_open_simulated_reader_for_sim() -> None:
    reader = open_reader("sim:")
    assert isinstance(reader, SimulatedReader)
    assert reader.state().status is ReaderStatus.READY
    reader.close()


def test_port_taken_by_another_program_is_a_failure_in_french() -> None:
    with loopback_socket() as squatter:
        reader = open_reader(f"sim:udp:127.0.0.1:{squatter.getsockname()[1]}")
        assert reader.state().status is ReaderStatus.FAILED
        assert_french(reader.state().detail)
        reader.close()


def test_badge_is_presented_from_another_process() -> None:
    address = f"sim:udp:127.0.0.1:{free_port()}"
    reader = open_reader(address)
    code = f"from device_drivers.simulated import present_badge; present_badge({address!r}, '04a1b2c3d4e5f6')"
    subprocess.run([sys.executable, "-c", code], check=True)
    read = reader.poll(PATIENCE_SECONDS)
    assert read is not None
    assert read.uid == "04A1B2C3D4E5F6"
    reader.close()


def test_presenting_to_an_nfc_udp_reader_holds_a_badge_until_it_is_read() -> None:
    address = f"nfc:udp:127.0.0.1:{free_port()}"
    reader = open_reader(address)
    with running(threading.Thread(target=present_badge, args=(address, "04A1B2C3D4E5F6"))):
        read = reader.poll(PATIENCE_SECONDS)
    assert read is not None
    assert read.uid == "04A1B2C3D4E5F6"
    reader.close()


@pytest.mark.parametrize("scheme", ["sim:udp", "nfc:udp"])
def test_presenting_to_nobody_is_an_error_in_french(scheme: str) -> None:
    with pytest.raises(BadgeNotDeliveredError) as raised:
        present_badge(f"{scheme}:127.0.0.1:{free_port()}", "04A1B2C3D4E5F6", timeout_seconds=0.1)
    assert_french(str(raised.value))


def test_presenting_to_a_real_reader_is_an_address_error() -> None:
    with pytest.raises(ReaderAddressError):
        present_badge("nfc:usb", "04A1B2C3D4E5F6")


@pytest.mark.parametrize("uid", ["", "zz", "04 A1", "4A1"])
def test_presenting_what_is_no_number_is_an_error_in_french(uid: str) -> None:
    with pytest.raises(BadgeUidError) as raised:
        present_badge("sim:udp:127.0.0.1:9", uid)
    assert_french(str(raised.value))


def test_datagram_may_end_with_a_line_feed() -> None:
    assert judge_datagram(b"TAP 04a1b2c3d4e5f6\n") == judge_datagram(b"TAP 04A1B2C3D4E5F6")
