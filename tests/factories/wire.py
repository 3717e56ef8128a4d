"""Taps as a terminal sends them, for any suite: deterministic when `epoch` is given."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from domain.taps import new_identity
from domain.wire.batch import MalformedTap, ReadTap, read_envelope
from domain.wire.v1 import TapV1

OCCURRED_AT = 1_790_150_400_000_000  # 2026-09-23 08:00 UTC, a Wednesday
SECOND = 1_000_000


def identity(*parts: object) -> str:
    """Return an identity that is always the same for the same parts."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def make_tap(seq: int = 1, epoch: str | None = None, **changes: Any) -> TapV1:
    """Return the badge tap number `seq` of an epoch (a new one by default), with some fields changed."""
    epoch = epoch or new_identity()
    fields: dict[str, Any] = {
        "tap_id": identity(epoch, seq),
        "epoch": epoch,
        "seq": seq,
        "kind": "badge",
        "badge_uid": "04A1B2C3",
        "occurred_at": OCCURRED_AT + seq * SECOND,
        "mono_ms": 1_000 * seq,
        "boot_id": "boot-1",
        "clock_offset_ms": 0,
        "clock_offset_age_ms": 1_000,
    }
    return TapV1(**{**fields, **changes})


def make_taps(count: int, epoch: str | None = None, first_seq: int = 1) -> list[TapV1]:
    """Return `count` taps of one epoch with dense sequence numbers."""
    epoch = epoch or new_identity()
    return [make_tap(seq, epoch) for seq in range(first_seq, first_seq + count)]


def tap_fields(tap: TapV1) -> dict[str, Any]:
    """Return the JSON object of a tap, as it travels."""
    fields: dict[str, Any] = json.loads(tap.model_dump_json(exclude_none=True))
    return fields


def batch_body(taps: Iterable[TapV1 | object], **envelope: object) -> bytes:
    """Return the body of a batch; anything that is not a tap is put in as JSON."""
    written = [tap_fields(tap) if isinstance(tap, TapV1) else tap for tap in taps]
    return json.dumps({"protocol": 1, "taps": written, **envelope}).encode()


def read_batch(body: bytes) -> list[ReadTap | MalformedTap]:
    """Return the taps of a request body, as the server reads them."""
    return read_envelope(body).items
