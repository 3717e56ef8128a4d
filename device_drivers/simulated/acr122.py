"""A software ACR122U: a PN532 behind USB, as the transport nfcpy's acr122 driver talks to.

Frames of the CCID specification (PC_to_RDR_XfrBlock, RDR_to_PC_DataBlock) around the pseudo-APDUs of ACS's
"ACR122U Application Programming Interface". There is no USB: ``read`` and ``write`` take the place of libusb's
bulk transfers.
"""

from __future__ import annotations

import errno
import os
import struct

from device_drivers.simulated.pn532 import Pn532Chip
from device_drivers.simulated.type2_badge import make_badge

_HEADER_BYTES = 10
_DATA_BLOCK = 0x80
_FIRMWARE_REQUEST = bytes.fromhex("FF00480000")
_FIRMWARE = b"ACR122U207"
_DIRECT_TRANSMIT = b"\xff\x00\x00\x00"
_OK = b"\x90\x00"


class Acr122Transport:
    """The reader's end of the USB cable; give it to ``nfc.clf.acr122.init``."""

    TYPE = "USB"
    manufacturer_name = "ACS"
    product_name = "ACR122U simulated"

    def __init__(self) -> None:
        self.chip = Pn532Chip()
        self.plugged = True
        self._answers: list[bytes] = []
        self._noise: list[bytes] = []

    def place(self, uid: str) -> None:
        """Lay a badge on the antenna; raises BadgeUidError."""
        self.chip.badge = make_badge(uid)

    def remove(self) -> None:
        """Take the badge away."""
        self.chip.badge = None

    def garble(self, noise: bytes, answers: int = 1) -> None:
        """Give ``noise`` instead of the next ``answers`` answers."""
        self._noise = [noise] * answers

    def write(self, frame: bytes, timeout: int = 0) -> None:
        """Take a frame from the host; raises OSError ENODEV when unplugged."""
        self._check_plugged()
        self._answers = [_data_block(self._answer(bytes(frame[_HEADER_BYTES:])))]
        if self._noise:
            self._answers = [self._noise.pop()]

    def read(self, timeout: int = 0) -> bytearray:
        """Give the host its answer; raises OSError ENODEV when unplugged, ETIMEDOUT when there is none."""
        self._check_plugged()
        if not self._answers:
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        return bytearray(self._answers.pop(0))

    def close(self) -> None:
        """Free the device."""

    def _check_plugged(self) -> None:
        if not self.plugged:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def _answer(self, data: bytes) -> bytes:
        if data == _FIRMWARE_REQUEST:
            return _FIRMWARE
        if data.startswith(_DIRECT_TRANSMIT):
            return self.chip.answer(data[len(_DIRECT_TRANSMIT) + 1 :]) + _OK
        return _OK


def _data_block(data: bytes) -> bytes:
    return struct.pack("<BI5B", _DATA_BLOCK, len(data), 0, 0, 0, 0, 0) + data
