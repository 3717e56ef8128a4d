"""Whatever bytes a reader gives: a badge only of a whole frame, else a refusal in French or a link that is down.

What a checksum protects is held against single faults in the files of each driver; here are the bytes of anybody.
"""

import logging
from collections.abc import Callable

import nfc.clf
import nfc.clf.acr122
import nfc.clf.pn532
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.link import LinkDownError, LinkEvent, Refusal, Sighting
from device_drivers.nfc.hsu import HsuTransport
from device_drivers.nfc.link import NfcLink
from device_drivers.nfc.udp import LoopbackReaderDevice
from device_drivers.simulated.acr122 import Acr122Transport
from device_drivers.simulated.reader import judge_datagram, tap_datagram
from tests.contracts.badge_reader_contract import assert_french, free_port
from tests.harness.effort import examples
from tests.unit.device_drivers.test_hsu import DamagedLine

pytestmark = pytest.mark.fuzz

UID = "04A1B2C3D4E5F6"
LOG = logging.getLogger("nfc.clf.pn532")
# Pieces of what the chip really says, so that noise gets past the first check.
_SAID = ("0000FF", "0000FF00FF00", "0000FFFFFF", "D54B", "D54B01010044000704A1B2C3D4E5F6", "9000", "80", "00")
PIECES = st.sampled_from([bytes.fromhex(found) for found in _SAID])
noise = st.lists(st.binary(max_size=12) | PIECES, max_size=12).map(b"".join)
damages = st.one_of(
    noise.map(lambda found: lambda answer: found),
    noise.map(lambda found: lambda answer: found + answer),
    noise.map(lambda found: lambda answer: answer + found),
    st.integers(0, 60).map(lambda kept: lambda answer: answer[:kept]),
    st.integers(0, 60).map(lambda dropped: lambda answer: answer[dropped:]),
)
Damage = Callable[[bytes], bytes]


def assert_meant(events: list[LinkEvent], badges: set[str]) -> None:
    """Every event is one of these badges, or a refusal that staff can read."""
    for event in events:
        if isinstance(event, Refusal):
            assert_french(f"Le lecteur dit\u00a0: {event.reason}")
        else:
            assert event.uid in badges


def look(link: NfcLink) -> list[LinkEvent]:
    """Connect and look three times; a link that is down says so in French."""
    events: list[LinkEvent] = []
    try:
        link.connect()
        for _ in range(3):
            events += link.wait_events(0)
    except LinkDownError as down:
        assert_french(down.detail)
    finally:
        link.disconnect()
    return events


class WildLine(DamagedLine):
    """A serial line that damages every answer from the first on, with one damage after another."""

    def __init__(self, wild: list[Damage]) -> None:
        super().__init__(lambda answer: answer)
        self._wild = wild

    def read(self, timeout_seconds: float) -> bytes:
        received = super().read(timeout_seconds)
        return self._wild.pop()(received) if self._wild and received else received


@given(wild=st.lists(damages, max_size=30))
def test_a_pn532_that_says_anything_at_any_moment_is_no_badge_and_no_crash(wild: list[Damage]) -> None:
    line = WildLine(wild)
    transport = HsuTransport(line, 115_200)  # type: ignore[arg-type]
    link = NfcLink("test", lambda: nfc.clf.pn532.Device(nfc.clf.pn532.Chipset(transport, LOG), LOG))
    assert_meant(look(link), set())


@given(answers=st.lists(noise, min_size=1, max_size=12))
def test_an_acr122_that_says_anything_is_no_badge_and_no_crash(answers: list[bytes]) -> None:
    usb = Acr122Transport()

    def opened() -> object:
        device = nfc.clf.acr122.init(usb)
        usb._noise = list(answers)
        return device

    assert_meant(look(NfcLink("test", opened)), {UID})  # type: ignore[arg-type]


@settings(max_examples=examples(40))  # each answer that does not come is waited for
@given(
    answers=st.lists(st.binary(max_size=40) | noise.map(lambda found: b"106A " + found.hex().encode()), max_size=4)
)
def test_a_datagram_of_anybody_is_no_badge_unless_its_check_byte_agrees(answers: list[bytes]) -> None:
    device = LoopbackReaderDevice(free_port())
    try:
        for answer in answers:
            try:
                brty, data = device._decode(answer)
                device._awaits_uid_part = True
                device._check(data)
            except nfc.clf.CommunicationError:
                continue
            assert brty
            assert len(data) == 5
            assert data[0] ^ data[1] ^ data[2] ^ data[3] == data[4]
    finally:
        device.close()


@given(datagram=st.binary(max_size=60) | st.text(max_size=20).map(lambda found: f"TAP {found}".encode()))
def test_a_datagram_to_a_simulated_reader_is_a_badge_that_could_exist_or_a_refusal(datagram: bytes) -> None:
    event = judge_datagram(datagram)
    assert_meant([event], {event.uid} if isinstance(event, Sighting) else set())
    if isinstance(event, Sighting):
        assert len(event.uid) in (8, 10, 14, 20)
        assert tap_datagram(event.uid) in (datagram.upper().strip(), b"TAP " + datagram.upper().split()[1])
