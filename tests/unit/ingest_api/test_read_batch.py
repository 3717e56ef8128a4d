"""Reading a batch from bytes: each tap alone, its bytes kept, and no input that surprises the reader."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.wire.batch import (
    DETAIL_LENGTH_MAX,
    BatchUnreadable,
    MalformedTap,
    ProtocolUnsupported,
    ReadTap,
    TooManyTaps,
    read_envelope,
)
from domain.wire.v1 import BATCH_TAPS_MAX, ClockV1, TapV1
from tests.factories.wire import batch_body, make_tap, make_taps, read_batch, tap_fields
from tests.harness.effort import examples

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_sound_batch_gives_its_taps_in_order_with_their_hashes() -> None:
    taps = make_taps(3)
    assert read_batch(batch_body(taps)) == [
        ReadTap(index, tap, tap.payload_hash()) for index, tap in enumerate(taps)
    ]


def test_empty_batch_is_sound() -> None:
    assert read_batch(batch_body([])) == []


def test_unknown_keys_of_the_envelope_are_ignored() -> None:
    assert len(read_batch(batch_body(make_taps(1), sent_at=5, software="2.0"))) == 1


CLOCK: dict[str, Any] = {"boot_id": "boot-1", "mono_ms": 5, "server_time": 7}


@pytest.mark.parametrize("taps", [make_taps(1), ["not a tap"]])
def test_clocks_of_the_envelope_are_read_whatever_the_taps_are(taps: list[object]) -> None:
    newer = {**CLOCK, "of_a_newer_terminal": True}
    assert read_envelope(batch_body(taps, clocks=[newer])).clocks == (ClockV1(**CLOCK),)


@pytest.mark.parametrize("clocks", [None, 7, {"boot_id": "b"}, ["x", CLOCK, {**CLOCK, "mono_ms": -1}]])
def test_clocks_that_cannot_be_read_cost_no_tap(clocks: object) -> None:
    tap = make_tap(1)
    found = read_envelope(batch_body([tap], clocks=clocks))
    assert [item.tap for item in found.items if isinstance(item, ReadTap)] == [tap]
    assert found.clocks in ((), (ClockV1(**CLOCK),))


def test_batch_of_an_older_terminal_has_no_clocks() -> None:
    assert read_envelope(batch_body(make_taps(1))).clocks == ()


def test_malformed_tap_does_not_hold_back_its_neighbours() -> None:
    good = make_tap(1)
    found = read_batch(batch_body([good, {"tap_id": "short"}, make_tap(2, good.epoch)]))
    assert [type(item) for item in found] == [ReadTap, MalformedTap, ReadTap]


def test_malformed_tap_keeps_its_bytes_as_received() -> None:
    body = b'{ "taps" : [ {"tap_id":  1.50, "x": "\xc3\xa9\\u00e9"} , 7 ] , "protocol":1}'
    found = read_batch(body)
    assert [item.content for item in found if isinstance(item, MalformedTap)] == [
        b'{"tap_id":  1.50, "x": "\xc3\xa9\\u00e9"}',
        b"7",
    ]


def test_malformed_tap_is_answered_under_the_identity_it_claims() -> None:
    fields = tap_fields(make_tap(1)) | {"seq": 0}
    (item,) = read_batch(batch_body([fields]))
    assert isinstance(item, MalformedTap)
    assert item.tap_id == fields["tap_id"]
    assert item.detail.startswith("seq: ")


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"seq": 1.0},
        {"seq": "1"},
        {"seq": 2**53 + 1},
        {"kind": "hug"},
        {"badge_uid": "04a1b2c3"},
        {"child_ref": "c-1"},
        {"undoes": "0" * 32},
        {"boot_id": ""},
        {"boot_id": "a\x00b"},
        {"occurred_at": -1},
        {"occurred_at": True},
        {"unheard_of": 1},
        {"tap_id": "Z" * 32},
    ],
)
def test_tap_that_breaks_the_contract_is_malformed(change: dict[str, Any]) -> None:
    (item,) = read_batch(batch_body([tap_fields(make_tap(1)) | change]))
    assert isinstance(item, MalformedTap)


def test_typed_name_with_a_nul_is_malformed_because_postgresql_cannot_hold_it() -> None:
    fields = tap_fields(make_tap(1, badge_uid=None, kind="roll_call", typed_name="Léa")) | {"typed_name": "L\x00a"}
    (item,) = read_batch(batch_body([fields]))
    assert isinstance(item, MalformedTap)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"hello",
        b"<html>portail captif</html>",
        b"[]",
        b"{}",
        b'{"protocol": 1}',
        b'{"taps": []}',
        b'{"protocol": "1", "taps": []}',
        b'{"protocol": null, "taps": []}',
        b'{"protocol": 1, "taps": {}}',
        b'{"protocol": 1, "taps": [],}',
        b'{"protocol": 1, "taps": []} more',
        b"[" * 200_000,
        b'{"protocol": 1, "taps": [' + b"[" * 100_000,
        b'{"protocol": ' + b"9" * 10_000 + b', "taps": []}',
    ],
)
def test_bytes_that_are_no_envelope_are_unreadable(body: bytes) -> None:
    with pytest.raises(BatchUnreadable):
        read_batch(body)


@pytest.mark.parametrize("protocol", [0, 2, 99])
def test_other_protocol_is_named_as_such(protocol: int) -> None:
    with pytest.raises(ProtocolUnsupported, match=f"protocol {protocol}"):
        read_batch(batch_body(make_taps(1), protocol=protocol))


def test_exactly_the_allowed_number_of_taps_is_read() -> None:
    assert len(read_batch(batch_body(make_taps(BATCH_TAPS_MAX)))) == BATCH_TAPS_MAX


def test_one_tap_too_many_is_refused_as_a_size() -> None:
    with pytest.raises(TooManyTaps):
        read_batch(batch_body(make_taps(BATCH_TAPS_MAX + 1)))


def test_repeated_key_taps_is_read_as_json_does_the_last_one() -> None:
    kept = make_tap(1)
    body = b'{"protocol": 1, "taps": 3, "taps": [0, ' + json.dumps(tap_fields(kept)).encode() + b"]}"
    assert [type(item) for item in read_batch(body)] == [MalformedTap, ReadTap]


@given(st.lists(JSON_VALUES, max_size=5))
def test_any_json_in_the_list_is_answered_at_its_place(values: list[object]) -> None:
    sound = make_tap(1, epoch="e" * 32)
    found = read_batch(batch_body([*values, sound]))
    assert [item.index for item in found] == list(range(len(values) + 1))
    assert isinstance(found[-1], ReadTap)
    for item in found[:-1]:
        assert isinstance(item, MalformedTap)
        assert len(item.detail) <= DETAIL_LENGTH_MAX
        assert item.detail.isprintable()


@given(st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused_by_name(body: bytes) -> None:
    try:
        found = read_batch(body)
    except BatchUnreadable:
        return
    assert found == []


@given(st.data())
def test_sound_and_tap_by_tap_reading_agree(data: st.DataObject) -> None:
    taps = [make_tap(seq, epoch="a" * 32) for seq in data.draw(st.lists(st.integers(1, 10**6), max_size=4))]
    apart = read_batch(batch_body([*taps, "not a tap"]))
    assert apart[:-1] == list(read_batch(batch_body(taps)))


# What damages a sound body: a byte changed, a piece cut out, put in or said twice (places in thousandths).
PLACES = st.integers(0, 999)
DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(["change", "cut", "put", "repeat"]), PLACES, PLACES, st.binary(min_size=1, max_size=4)
    ),
    min_size=1,
    max_size=4,
)
SOUND = [make_tap(1, "a" * 32), make_tap(2, "a" * 32, kind="undo", badge_uid=None, undoes="b" * 32)]
SOUND += [make_tap(3, "a" * 32, kind="roll_call", badge_uid=None, typed_name="Zoé « \u2028 »", direction="arrival")]


@pytest.mark.fuzz
@settings(max_examples=examples(400))
@given(damages=DAMAGES)
def test_a_damaged_batch_is_taps_or_a_refusal_by_name_and_no_tap_changes_unseen(
    damages: list[tuple[str, int, int, bytes]],
) -> None:
    body = batch_body(SOUND)
    for damage in damages:
        body = damaged(body, *damage)
    try:
        found = read_batch(body)
    except (BatchUnreadable, TooManyTaps):
        return
    assert [item.index for item in found] == list(range(len(found)))
    for item in found:
        if isinstance(item, ReadTap):
            again = TapV1.model_validate_json(item.tap.model_dump_json(exclude_none=True))
            assert (again, again.payload_hash()) == (item.tap, item.payload_hash)
        else:
            assert item.content in body
            assert item.detail.isprintable()


@pytest.mark.fuzz
@settings(max_examples=examples(200))
@given(changes=st.dictionaries(st.sampled_from(sorted(TapV1.model_fields)), JSON_VALUES, min_size=1, max_size=3))
def test_a_tap_with_any_values_in_its_fields_is_a_tap_or_kept_apart(changes: dict[str, object]) -> None:
    (item,) = read_batch(batch_body([tap_fields(SOUND[0]) | changes]))
    if isinstance(item, ReadTap):
        said = tap_fields(item.tap)
        assert {name: said.get(name) for name in changes} == changes
    else:  # compared as text: a NaN is not equal to itself
        assert json.dumps(json.loads(item.content)) == json.dumps(tap_fields(SOUND[0]) | changes)


def damaged(body: bytes, kind: str, place: int, length: int, piece: bytes) -> bytes:
    """Return a body with one fault."""
    start = place * len(body) // 1000
    end = min(len(body), start + length * 60 // 1000)
    if kind == "change":
        return body[:start] + bytes([body[start] ^ piece[0]]) + body[start + 1 :] if body else body
    if kind == "cut":
        return body[:start] + body[end:]
    return body[:start] + (piece if kind == "put" else body[start:end]) + body[start:]
