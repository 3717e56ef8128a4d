"""Frames of 125 kHz readers under every kind of damage."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from device_drivers.link import LinkEvent, Refusal, Sighting
from device_drivers.serial.frames import ID12LA, RDM6300, FrameParser, FrameProtocol, encode_frame

numbers = st.binary(min_size=5, max_size=5)
protocols = st.sampled_from([RDM6300, ID12LA])
# Noise that looks like the inside of frames as often as not.
noise = st.lists(st.sampled_from(list(b"\x02\x03\r\n0123456789ABCDEFabcdef\x00\xff")), max_size=40).map(bytes)
any_bytes = st.one_of(st.binary(max_size=60), noise)


def parse(protocol: FrameProtocol, *pieces: bytes) -> list[LinkEvent]:
    parser = FrameParser(protocol)
    return [event for piece in pieces for event in parser.feed(piece, now_ns=0)]


def uids(events: list[LinkEvent]) -> list[str]:
    return [event.uid for event in events if isinstance(event, Sighting)]


def text(number: bytes) -> str:
    return number.hex().upper()


@given(protocol=protocols, number=numbers)
def test_whole_frame_is_its_number(protocol: FrameProtocol, number: bytes) -> None:
    assert parse(protocol, encode_frame(protocol, number)) == [Sighting(text(number))]


@given(protocol=protocols, badges=st.lists(numbers, min_size=1, max_size=4), data=st.data())
def test_frames_cut_anywhere_are_the_same_numbers(
    protocol: FrameProtocol, badges: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(encode_frame(protocol, number) for number in badges)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parse(protocol, *pieces) == [Sighting(text(number)) for number in badges]


@given(protocol=protocols, badges=st.lists(numbers, min_size=1, max_size=4), data=st.data())
def test_noise_around_frames_loses_none_and_invents_none(
    protocol: FrameProtocol, badges: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(data.draw(any_bytes) + encode_frame(protocol, number) for number in badges)
    assert uids(parse(protocol, stream + data.draw(any_bytes))) == [text(number) for number in badges]


@given(protocol=protocols, number=numbers, damage=any_bytes, data=st.data())
def test_noise_inside_a_frame_never_makes_another_number(
    protocol: FrameProtocol, number: bytes, damage: bytes, data: st.DataObject
) -> None:
    frame = encode_frame(protocol, number)
    at = data.draw(st.integers(1, len(frame) - 1))
    follower = encode_frame(protocol, b"\x0a\x00\x00\x03\xe8")
    read = uids(parse(protocol, frame[:at] + damage + frame[at:] + follower))
    # Bytes that happen to complete the frame at its end leave the number as it is.
    assert read in ([text(number), "0A000003E8"], ["0A000003E8"])


@pytest.mark.parametrize("protocol", [RDM6300, ID12LA], ids=lambda protocol: protocol.name)
@pytest.mark.parametrize("uid", ["0A000003E8", "62E3086CED", "0000000000", "FFFFFFFFFF", "BBBBCCCC42"])
def test_no_single_wrong_bit_makes_another_number(protocol: FrameProtocol, uid: str) -> None:
    frame = encode_frame(protocol, bytes.fromhex(uid))
    read = set()
    for bit in range(len(frame) * 8):
        damaged = bytearray(frame)
        damaged[bit // 8] ^= 1 << bit % 8
        read.update(uids(parse(protocol, bytes(damaged), frame)))
    assert read == {uid}


@given(protocol=protocols, number=numbers, data=st.data())
def test_no_two_wrong_digits_of_different_weight_make_another_number(
    protocol: FrameProtocol, number: bytes, data: st.DataObject
) -> None:
    frame = bytearray(encode_frame(protocol, number))
    first, second = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    # Two changes in the same half of two bytes may cancel out: that is the limit of an exclusive or.
    assume((first - second) % 2 == 1)
    digits = st.sampled_from(list(b"0123456789ABCDEF"))
    frame[first], frame[second] = data.draw(digits), data.draw(digits)
    assert uids(parse(protocol, bytes(frame))) in ([], [text(number)])


@given(protocol=protocols, pieces=st.lists(any_bytes, max_size=6))
def test_any_bytes_are_survived_and_the_next_frame_is_read(protocol: FrameProtocol, pieces: list[bytes]) -> None:
    events = parse(protocol, *pieces, encode_frame(protocol, b"\x0a\x00\x00\x03\xe8"))
    assert uids(events)[-1:] == ["0A000003E8"]


@given(protocol=protocols, number=numbers, kept=st.integers(1, 13))
def test_beginning_of_a_badge_taken_away_is_refused_when_the_next_one_comes(
    protocol: FrameProtocol, number: bytes, kept: int
) -> None:
    parser = FrameParser(protocol)
    assert parser.feed(encode_frame(protocol, number)[:kept], now_ns=0) == []
    later = parser.feed(encode_frame(protocol, number), now_ns=600_000_000)
    assert [type(event) for event in later] == [Refusal, Sighting]


def test_lower_case_digits_are_the_same_number() -> None:
    frame = encode_frame(RDM6300, bytes.fromhex("0A00ABCDEF"))
    assert uids(parse(RDM6300, frame.lower())) == ["0A00ABCDEF"]


def test_frame_of_one_kind_is_no_frame_of_the_other() -> None:
    number = bytes.fromhex("0A000003E8")
    assert uids(parse(RDM6300, encode_frame(ID12LA, number))) == []
    assert uids(parse(ID12LA, encode_frame(RDM6300, number))) == []


def test_number_of_another_length_has_no_frame() -> None:
    with pytest.raises(ValueError, match="5 bytes"):
        encode_frame(RDM6300, b"\x01\x02")


def test_end_of_a_frame_does_not_complete_the_beginning_of_a_badge_long_gone() -> None:
    frame = encode_frame(RDM6300, bytes.fromhex("0A000003E8"))
    parser = FrameParser(RDM6300)
    assert parser.feed(frame[:7], now_ns=0) == []
    assert uids(parser.feed(frame[7:], now_ns=600_000_000)) == []
