"""The wire contract: what a tap is, and the fingerprint by which a resend is known."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.taps import new_identity
from domain.wire.v1 import TapV1
from tests.factories.wire import identity, make_tap, tap_fields

FIXED = make_tap(7, identity("epoch"))


@pytest.mark.parametrize(
    "changes",
    [
        {"badge_uid": None},
        {"child_ref": "p1"},
        {"typed_name": "Zoé"},
        {"kind": "undo"},
        {"undoes": identity("x")},
        {"kind": "badge", "badge_uid": None, "typed_name": "Zoé"},
        {"kind": "undo", "badge_uid": None},
    ],
)
def test_tap_has_exactly_one_subject_and_an_undo_names_its_target(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_tap(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"badge_uid": None, "child_ref": "p1"},
        {"kind": "roll_call", "badge_uid": None, "typed_name": "Zoé D."},
        {"kind": "undo", "badge_uid": None, "undoes": identity("x")},
        {"direction": "departure", "service_ref": "cantine"},
    ],
)
def test_every_kind_of_tap_survives_the_wire(changes: dict[str, Any]) -> None:
    tap = make_tap(**changes)
    assert TapV1.model_validate_json(tap.model_dump_json()) == tap


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tap_id", "xyz"),
        ("seq", 0),
        ("seq", "1"),
        ("seq", 2**53 + 1),
        ("badge_uid", "04a1"),
        ("occurred_at", -1),
        ("occurred_at", 1.5),
        ("boot_id", ""),
        ("surprise", 1),
    ],
)
def test_field_of_the_wrong_shape_is_refused(field: str, value: object) -> None:
    fields = {**tap_fields(FIXED), field: value}
    with pytest.raises(ValidationError):
        TapV1.model_validate_json(json.dumps(fields))


def test_fingerprint_is_the_same_for_ever() -> None:
    # Terminals in the field have sent it: a change here would turn every resend into a conflict.
    assert FIXED.payload_hash() == "4d73ac319616f66cf6c266e7cf721694fa3bc3f562b08e1bda65d1a896246c87"


def test_fingerprint_ignores_absent_fields_and_the_order_of_keys() -> None:
    fields = tap_fields(FIXED)
    explicit = {**{"typed_name": None}, **dict(reversed(fields.items()))}
    assert TapV1.model_validate_json(json.dumps(explicit)).payload_hash() == FIXED.payload_hash()


@given(st.sampled_from(["seq", "occurred_at", "mono_ms", "boot_id", "badge_uid", "tap_id", "epoch"]))
def test_any_change_of_content_changes_the_fingerprint(field: str) -> None:
    other = make_tap(8, new_identity(), boot_id="boot-2", badge_uid="04FFFFFF")
    changed = TapV1.model_validate({**FIXED.model_dump(), field: getattr(other, field)})
    assert changed.payload_hash() != FIXED.payload_hash()


def test_identities_are_128_bits_and_never_the_same() -> None:
    made = {new_identity() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(each) == 32 and int(each, 16) >= 0 for each in made)
