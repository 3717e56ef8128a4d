"""What a tap is: one durable gesture at a terminal or tablet, identified before anything else happens."""

from __future__ import annotations

import secrets
from enum import StrEnum


class TapKind(StrEnum):
    """How the gesture was made."""

    BADGE = "badge"  # a badge was read; order decides whether it is an arrival or a departure
    ROLL_CALL = "roll_call"  # a person states that a child is here, or has left
    UNDO = "undo"  # a person takes one earlier tap back; both are kept


class Direction(StrEnum):
    """What the terminal showed (badge) or what the person stated (roll call)."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"


class TimeConfidence(StrEnum):
    """How far the corrected time of a tap can be trusted (reliability notes, P6)."""

    SYNCED = "synced"  # the terminal met the server in the same boot, at most a day before or after
    ASSUMED = "assumed"  # it met the server in the same boot, longer before or after
    DOUBTFUL = "doubtful"  # only its own clock says so, or the claim is impossible: a person checks


def new_identity() -> str:
    """Return 128 random bits as 32 lower-case hexadecimal digits (tap_id, epoch)."""
    return secrets.token_hex(16)
