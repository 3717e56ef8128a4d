"""Gestures whose every word follows from their name, so that a checker can tell a real tap from an invented one."""

import hashlib
import json
import zlib

from domain.taps import Direction, TapKind
from terminal.outbox import Moment, StoredTap, TapDraft

KEPT_AT = 1_795_500_000_000_000  # an instant in November 2026, µs UTC
_SECOND = 1_000_000


def draft_of(name: str) -> TapDraft:
    """Return the gesture of that name: a badge, a child on a list, or a name typed by hand."""
    number = zlib.crc32(name.encode())
    wall = KEPT_AT + number % 86_400 * _SECOND
    moment = Moment(
        wall, number % 10_000_000, f"boot-{name.split('.')[0]}", number % 4_000 - 2_000, number % 90_000
    )
    match number % 3:
        case 0:
            return TapDraft(
                TapKind.BADGE, moment, badge_uid=f"{number:08X}", service_ref="garderie", agent_ref=name
            )
        case 1:
            return TapDraft(
                TapKind.ROLL_CALL, moment, child_ref=f"c-{number}", direction=Direction.ARRIVAL, agent_ref=name
            )
        case _:
            typed = "É" * (number % 60 + 1)
            return TapDraft(TapKind.ROLL_CALL, moment, typed_name=typed, class_ref="ce1", agent_ref=name)


def identity_of(*parts: object) -> str:
    """Return an identity that is always the same for the same parts."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def name_of(body: bytes) -> str | None:
    """Return the name of the gesture that these bytes claim to be, None when they claim nothing."""
    try:
        found = json.loads(body).get("agent_ref")
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def is_genuine(body: bytes, identities: set[str]) -> bool:
    """Say whether these bytes are, to the last one, a gesture under identities that were given out."""
    name, read = name_of(body), StoredTap.read(body)
    if name is None or read is None or read.tap_id not in identities or read.epoch not in identities:
        return False
    return StoredTap.of(draft_of(name).with_identity(read.tap_id, read.epoch, read.seq)).body == body
