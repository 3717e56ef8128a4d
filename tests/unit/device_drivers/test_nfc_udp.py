"""NFC over loopback UDP: nfcpy's two ends, a reader and a software badge, neither reachable from outside."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator

import nfc
import nfc.clf
import nfc.tag
import pytest

from device_drivers import BadgeUidError, ReaderStatus, open_reader
from device_drivers.nfc.udp import LoopbackReaderDevice
from device_drivers.simulated.nfc_badge import NfcBadge
from device_drivers.transports.loopback import loopback_socket
from tests.contracts.badge_reader_contract import (
    HOLD_SECONDS,
    PATIENCE_SECONDS,
    BadgeReaderContract,
    ReaderBench,
    free_port,
)

NONSENSE = (b"", b"106A", b"106A zz", b"\xff\xfe", b"106A 4400 4400", b"212F 00", b"106A " + b"00" * 400)


class FalseBadge:
    """Something at the badge's port that gives prepared answers, whatever is asked."""

    def __init__(self, port: int, answers: tuple[bytes, ...]) -> None:
        self._socket = loopback_socket(port)
        self._answers = list(answers)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._answer)

    def __enter__(self) -> FalseBadge:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while not self._stop.is_set():
            if not select.select([self._socket], [], [], 0.02)[0]:
                continue
            datagram, sender = self._socket.recvfrom(1024)
            if self._answers and not datagram.startswith(b"RFOFF"):
                self._socket.sendto(self._answers.pop(0), sender)


class UdpBench(ReaderBench):
    technology = "nfc-a"
    uids = ("04A1B2C3D4E5F6", "DEADBEEF")
    simulated = True

    def __init__(self) -> None:
        self.port = free_port()
        self.reader = open_reader(f"nfc:udp:127.0.0.1:{self.port}?hold={HOLD_SECONDS}")
        self._badge: NfcBadge | None = None

    def place(self, uid: str) -> None:
        self._badge = NfcBadge(self.port, uid).__enter__()

    def remove(self) -> None:
        if self._badge is not None:
            self._badge.__exit__(None, None, None)
            self._badge = None

    def garbage(self) -> contextlib.AbstractContextManager[None]:
        return self._false_badge(NONSENSE)

    def interrupted(self, uid: str) -> contextlib.AbstractContextManager[None]:
        return self._false_badge((b"106A 4400", b"106A 8804a1b2" + b"9f", b"106A 04"))

    @contextlib.contextmanager
    def _false_badge(self, answers: tuple[bytes, ...]) -> Iterator[None]:
        with FalseBadge(self.port, answers):
            yield

    def close(self) -> None:
        self.remove()
        super().close()


@pytest.fixture
def bench() -> Iterator[UdpBench]:
    bench = UdpBench()
    yield bench
    bench.close()


class TestNfcOverLoopback(BadgeReaderContract):
    pass


def test_wrong_check_byte_is_refused_and_counted(bench: UdpBench) -> None:
    with FalseBadge(bench.port, (b"106A 0400", b"106A deadbeef" + b"00", b"106A 08")):
        assert bench.reader.poll(0.3) is None
    assert bench.reader.state().refused == 1


def test_answer_from_another_port_is_not_the_badge_questioned(bench: UdpBench) -> None:
    device = LoopbackReaderDevice(bench.port)
    with loopback_socket(bench.port), loopback_socket() as stranger:
        for answer in (b"106A 0400", b"106A deadbeef22", b"106A 08"):  # a whole badge, from elsewhere
            stranger.sendto(answer, device.socket.getsockname())
        assert device.sense_tta(nfc.clf.RemoteTarget("106A")) is None
    device.close()


def test_reader_and_badge_listen_on_loopback_only(bench: UdpBench) -> None:
    device = LoopbackReaderDevice(bench.port)
    assert device.socket.getsockname()[0] == "127.0.0.1"
    device.close()
    with NfcBadge(bench.port, "DEADBEEF"):
        everywhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with everywhere:
            everywhere.bind(("127.0.0.2", bench.port))  # would be taken by a badge bound to 0.0.0.0


def test_nfcpy_takes_the_software_badge_for_an_ntag213_with_its_text() -> None:
    port = free_port()
    frontend = nfc.ContactlessFrontend()
    frontend.device = LoopbackReaderDevice(port)
    with NfcBadge(port, "04A1B2C3D4E5F6", text="bonjour"):
        tag = nfc.tag.activate(frontend, frontend.sense(nfc.clf.RemoteTarget("106A")))
        assert tag.product == "NXP NTAG213"
        assert tag.identifier.hex().upper() == "04A1B2C3D4E5F6"
        assert [record.text for record in tag.ndef.records] == ["bonjour"]
    frontend.close()


def test_second_badge_on_one_reader_is_an_error_of_the_system() -> None:
    port = free_port()
    with NfcBadge(port, "DEADBEEF"), pytest.raises(OSError, match="in use"), NfcBadge(port, "04A1B2C3D4E5F6"):
        pass


def test_badge_knows_when_its_uid_was_read(bench: UdpBench) -> None:
    with NfcBadge(bench.port, "04A1B2C3D4E5F6") as badge:
        assert not badge.wait_until_read(0)
        assert bench.reader.poll(PATIENCE_SECONDS) is not None
        assert badge.wait_until_read(PATIENCE_SECONDS)


@pytest.mark.parametrize("uid", ["04A1B2C3D4E5F6A7B8C9", "0A000003E8", "zz", ""])
def test_badge_refuses_a_number_it_cannot_carry(uid: str) -> None:
    with pytest.raises(BadgeUidError):
        NfcBadge(free_port(), uid)


def test_port_that_bears_a_service_name_is_only_a_number() -> None:
    reader = open_reader("nfc:udp:127.0.0.1:80")  # nfcpy would look the port up and fail on "http"
    assert reader.state().status is ReaderStatus.READY
    reader.close()
