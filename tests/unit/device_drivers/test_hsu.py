"""PN532 frames on a damaged serial line, through nfcpy's own driver."""

from __future__ import annotations

import logging
from typing import Any

import nfc
import nfc.clf.pn532
import nfc.tag
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.link import LinkDownError, LinkEvent, Sighting
from device_drivers.nfc.hsu import ACK, HsuTransport, frame_of, take_frame
from device_drivers.nfc.link import NfcLink
from device_drivers.simulated.pn532 import Pn532Chip
from device_drivers.simulated.type2_badge import make_badge

LOG = logging.getLogger("nfc.clf.pn532")

ANSWER_SIZE = len(ACK) + len(frame_of(bytes.fromhex("D54B01010044000704A1B2C3D4E5F6")))


class DamagedLine:
    """A serial line whose chip answers in memory; ``damage`` changes what it says to a look for badges."""

    device_file = "/dev/null"

    def __init__(self, damage: Any) -> None:
        self.chip = Pn532Chip()
        self._damage = damage
        self._received = b""

    def write(self, data: bytes) -> None:
        frame = take_frame(bytearray(data))
        if frame is None or frame == ACK:
            return
        request = frame[8:-2] if frame[3:5] == b"\xff\xff" else frame[5:-2]
        answer = ACK + frame_of(self.chip.answer(request))
        self._received = self._damage(answer) if request[1] == 0x4A else answer

    def read(self, timeout_seconds: float) -> bytes:
        received, self._received = self._received, b""
        return received  # b"" means that the time is up, without waiting for it

    def drop_input(self) -> None:
        self._received = b""

    def set_baudrate(self, baudrate: int) -> None:
        """One speed."""

    def close(self) -> None:
        """Nothing to free."""


def look(damage: Any) -> list[LinkEvent]:
    line = DamagedLine(damage)
    transport = HsuTransport(line, 115_200)  # type: ignore[arg-type]
    link = NfcLink("test", lambda: nfc.clf.pn532.Device(nfc.clf.pn532.Chipset(transport, LOG), LOG))
    link.connect()
    line.chip.badge = make_badge("04A1B2C3D4E5F6")
    try:
        return list(link.wait_events(0))
    except LinkDownError:
        return []


def uids(events: list[LinkEvent]) -> set[str]:
    return {event.uid for event in events if isinstance(event, Sighting)}


def test_no_single_wrong_bit_makes_another_uid() -> None:
    def flip(answer: bytes, bit: int) -> bytes:
        damaged = bytearray(answer)
        damaged[bit // 8] ^= 1 << bit % 8
        return bytes(damaged)

    read: set[str] = set()
    for bit in range(ANSWER_SIZE * 8):
        read |= uids(look(lambda answer, bit=bit: flip(answer, bit)))
    assert read == {"04A1B2C3D4E5F6"}


@pytest.mark.parametrize("kept", range(ANSWER_SIZE))
def test_answer_cut_short_is_no_badge(kept: int) -> None:
    # The last byte is a postamble: a frame without it is still not a whole frame.
    assert uids(look(lambda answer: answer[:kept])) == set()


@given(before=st.binary(max_size=30))
def test_noise_before_an_answer_never_makes_another_uid(before: bytes) -> None:
    assert uids(look(lambda answer: before + answer)) <= {"04A1B2C3D4E5F6"}


@given(noise=st.binary(max_size=300))
def test_noise_instead_of_an_answer_is_no_badge(noise: bytes) -> None:
    assert uids(look(lambda answer: noise)) == set()


@given(payloads=st.lists(st.binary(min_size=1, max_size=400), max_size=4), data=st.data())
def test_frames_are_found_wherever_the_stream_is_cut(payloads: list[bytes], data: st.DataObject) -> None:
    frames = [frame_of(payload) for payload in payloads]
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    buffer, found = bytearray(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        buffer += stream[start:end]
        while (frame := take_frame(buffer)) is not None:
            found.append(frame)
    assert found == frames


@given(noise=st.binary(max_size=200))
def test_what_is_kept_of_noise_is_bounded_by_one_frame(noise: bytes) -> None:
    buffer = bytearray(noise)
    while take_frame(buffer) is not None:
        pass
    assert len(buffer) <= len(noise)
    assert len(buffer) < 3 or bytes(buffer).startswith(b"\x00\x00\xff")


def test_frame_is_found_after_a_start_that_leads_nowhere() -> None:
    false_start = b"\x00\x00\xff\x05\x05"  # its length and the check of its length disagree
    assert uids(look(lambda answer: false_start + answer)) == {"04A1B2C3D4E5F6"}


def test_late_answer_to_an_earlier_question_is_dropped() -> None:
    line = DamagedLine(lambda answer: answer)
    transport = HsuTransport(line, 115_200)  # type: ignore[arg-type]
    transport.write(frame_of(b"\xd4\x02"))
    transport.read(100)  # the acknowledgement; the answer comes with it and is left unread
    transport.write(frame_of(b"\xd4\x12\x00"))
    assert [transport.read(100), transport.read(100)] == [ACK, frame_of(b"\xd5\x13")]


def test_bytes_that_came_before_a_question_do_not_answer_it() -> None:
    line = DamagedLine(lambda answer: answer)
    dropped: list[bool] = []
    line.drop_input = lambda: dropped.append(True)  # type: ignore[method-assign]
    HsuTransport(line, 115_200).write(ACK)  # type: ignore[arg-type]
    assert dropped == [True]


def test_nfcpy_reads_the_text_of_an_ntag213_through_the_software_chip() -> None:
    line = DamagedLine(lambda answer: answer)
    transport = HsuTransport(line, 115_200)  # type: ignore[arg-type]
    frontend = nfc.ContactlessFrontend()
    frontend.device = nfc.clf.pn532.Device(nfc.clf.pn532.Chipset(transport, LOG), LOG)
    line.chip.badge = make_badge("04A1B2C3D4E5F6", text="bonjour")
    tag = nfc.tag.activate(frontend, frontend.sense(nfc.clf.RemoteTarget("106A")))
    assert [record.text for record in tag.ndef.records] == ["bonjour"]
    line.chip.badge = None
    assert not tag.is_present
