"""What a software NFC badge is made of: the answers of its anticollision and of its memory. Pure.

An NTAG213-like Type 2 badge when the UID has 7 bytes (NFC Forum Type 2 Tag; NXP NTAG213 data sheet),
a MIFARE Classic by its answers when it has 4, a triple-size one when it has 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import ndef

from device_drivers.errors import BadgeUidError
from device_drivers.simulated.uids import uid_bytes

_PAGE_BYTES = 4
_PAGES = 45
_CASCADE_TAG = 0x88
_CAPABILITY_CONTAINER = bytes((0xE1, 0x10, 0x12, 0x00))  # NDEF, version 1.0, 144 bytes, read and write
_VERSION = bytes.fromhex("0004040201000F03")  # NTAG213
_READ, _GET_VERSION = 0x30, 0x60
_NAK = b"\x00"

# SENS_RES and SEL_RES by UID size (ISO/IEC 14443-3; NXP AN10833).
_SENS_RES = {4: bytes.fromhex("0400"), 7: bytes.fromhex("4400"), 10: bytes.fromhex("8400")}
_SEL_RES = {4: b"\x08", 7: b"\x00", 10: b"\x00"}


@dataclass(frozen=True, slots=True)
class Type2Badge:
    """One badge: its number and its memory."""

    uid: bytes
    memory: bytes

    @property
    def sens_res(self) -> bytes:
        """First answer, in the order it is sent."""
        return _SENS_RES[len(self.uid)]

    @property
    def sel_res(self) -> bytes:
        """Answer to the selection."""
        return _SEL_RES[len(self.uid)]

    def answer(self, command: bytes) -> bytes | None:
        """Answer a command of the selected badge, without checksum; None when it stays silent."""
        if len(self.uid) != 7:
            return None  # its memory asks for a key we do not simulate
        if command[:1] == bytes((_GET_VERSION,)):
            return _VERSION
        if len(command) >= 2 and command[0] == _READ and command[1] < _PAGES:
            start = command[1] * _PAGE_BYTES
            return (self.memory + self.memory)[start : start + 4 * _PAGE_BYTES]  # reads roll over
        return _NAK


def make_badge(uid: str, text: str = "") -> Type2Badge:
    """Return a badge with the UID ``uid`` (hexadecimal) and an NDEF text; raises BadgeUidError."""
    number = uid_bytes(uid)
    if len(number) not in _SENS_RES:
        raise BadgeUidError(uid, "un badge NFC a un numéro de 4, 7 ou 10 octets.")
    return Type2Badge(number, _memory(number, text) if len(number) == 7 else b"")


def _memory(uid: bytes, text: str) -> bytes:
    message = b"".join(ndef.message_encoder([ndef.TextRecord(text, "fr")])) if text else b""
    check_0 = _CASCADE_TAG ^ uid[0] ^ uid[1] ^ uid[2]
    check_1 = uid[3] ^ uid[4] ^ uid[5] ^ uid[6]
    pages = uid[:3] + bytes((check_0,)) + uid[3:] + bytes((check_1, 0x48, 0, 0))
    pages += _CAPABILITY_CONTAINER + bytes((0x03, len(message))) + message + b"\xfe"
    if len(pages) > _PAGES * _PAGE_BYTES:
        raise ValueError("the text does not fit on the badge")
    return pages.ljust(_PAGES * _PAGE_BYTES, b"\x00")
