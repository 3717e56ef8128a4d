"""Badge numbers a simulator accepts: those the real readers could give."""

from __future__ import annotations

from device_drivers.errors import BadgeUidError
from device_drivers.link import LinkEvent, Refusal, Sighting
from device_drivers.nfc.uid import judge_nfc_uid

_EM4100_BYTES = 5


def uid_bytes(text: str) -> bytes:
    """Return the bytes of a badge number written in hexadecimal; raises BadgeUidError."""
    try:
        # bytes.fromhex skips blanks: a number with blanks is a typing error here.
        uid = bytes.fromhex(text) if text.isalnum() else b""
    except ValueError:
        uid = b""
    if not uid:
        raise BadgeUidError(text, "il s'écrit en hexadécimal, par exemple 04A1B2C3D4E5F6.")
    return uid


def judge_uid(text: str) -> LinkEvent:
    """Judge a number as an NFC or an EM4100 reader would."""
    try:
        uid = uid_bytes(text)
    except BadgeUidError as error:
        return Refusal(error.reason)
    return Sighting(uid.hex().upper()) if len(uid) == _EM4100_BYTES else judge_nfc_uid(uid)
