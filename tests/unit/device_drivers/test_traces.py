"""Recorded conversations replayed, frame by frame, through the real drivers."""

from __future__ import annotations

import functools
import logging

import nfc.clf.acr122
import nfc.clf.pn532
import pytest

from device_drivers.link import LinkEvent, Refusal, Sighting
from device_drivers.nfc.hsu import ACK, frame_of
from device_drivers.nfc.link import NfcDevice, NfcLink
from device_drivers.serial.frames import PROTOCOLS, FrameParser
from tests.contracts.trace_files import TRACES, ReplayTransport, load_trace, received

# The data sheet's way to write a frame of the PN532: what goes between the framing bytes.
LOG = logging.getLogger("nfc.clf.pn532")


def cmd(text: str) -> bytes:
    """A command to the chip: CMD("4A 01 00")."""
    return frame_of(b"\xd4" + bytes.fromhex(text))


def rsp(text: str) -> bytes:
    """Its answer: RSP("4B 00")."""
    return frame_of(b"\xd5" + bytes.fromhex(text))


def open_pn532(transport: ReplayTransport) -> NfcDevice:
    device: NfcDevice = nfc.clf.pn532.Device(nfc.clf.pn532.Chipset(transport, LOG), LOG)
    return device


def open_acr122(transport: ReplayTransport) -> NfcDevice:
    device: NfcDevice = nfc.clf.acr122.init(transport)
    return device


@pytest.mark.parametrize(
    ("name", "opener", "uid"),
    [
        ("pn532_hsu_ntag213.hex", open_pn532, "04A1B2C3D4E5F6"),
        ("acr122u_mifare.hex", open_acr122, "DEADBEEF"),
    ],
)
def test_recorded_nfc_conversation_gives_nothing_then_the_badge(name: str, opener: object, uid: str) -> None:
    assert callable(opener)
    transport = ReplayTransport(load_trace(name))
    link = NfcLink(name, functools.partial(opener, transport))
    link.connect()
    assert list(link.wait_events(0)) == []
    assert list(link.wait_events(0)) == [Sighting(uid)]
    assert transport.finished


def test_recorded_pn532_frames_are_those_of_the_data_sheet() -> None:
    frames = [line.frame for line in load_trace("pn532_hsu_ntag213.hex")]
    look = frames.index(cmd("4A 01 00"))
    assert frames[look : look + 3] == [cmd("4A 01 00"), ACK, rsp("4B 00")]
    assert rsp("4B 01 01 00 44 00 07 04 A1 B2 C3 D4 E5 F6") in frames


def parse(protocol: str, name: str) -> list[LinkEvent]:
    parser = FrameParser(PROTOCOLS[protocol])
    return [event for i, frame in enumerate(received(name)) for event in parser.feed(frame, i * 65_000_000)]


def test_rdm6300_data_sheet_example_is_read() -> None:
    assert parse("rdm6300", "rdm6300_datasheet.hex") == [Sighting("62E3086CED")] * 3


def test_id12la_frames_are_read() -> None:
    assert parse("id12la", "id12la_datasheet.hex") == [Sighting("62E3086CED"), Sighting("0A000003E8")]


def test_bad_line_loses_its_broken_frames_and_nothing_else() -> None:
    events = parse("rdm6300", "rdm6300_noisy_line.hex")
    assert [event.uid for event in events if isinstance(event, Sighting)] == ["0A000003E8", "0A000003EA"]
    assert [type(event) for event in events] == [Refusal, Sighting, Refusal, Sighting]


def test_every_trace_is_replayed_here() -> None:
    source = (TRACES.parents[1] / "unit/device_drivers/test_traces.py").read_text(encoding="utf-8")
    assert [path.name for path in TRACES.glob("*.hex") if path.name not in source] == []
