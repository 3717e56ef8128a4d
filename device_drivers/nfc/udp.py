"""nfcpy's UDP devices kept on loopback: a reader, and the badge it reads (simulated/nfc_badge.py).

============  =======  ====================================================
function      support  remarks
============  =======  ====================================================
read a UID    yes      4, 7 bytes; every part's check byte is verified
other hosts   no       both ends are bound to 127.0.0.1 (nfcpy: 0.0.0.0)
============  =======  ====================================================
"""

from __future__ import annotations

import functools
import operator
import select
import time
from typing import Any

import nfc.clf
import nfc.clf.udp

from device_drivers.transports.loopback import LOOPBACK, loopback_socket

_DATAGRAM_BYTES_MAX = 1024
# A software badge answers in a millisecond; nfcpy's own second would hold the terminal up.
_ANSWER_SECONDS_MAX = 0.1


class LoopbackDevice(nfc.clf.udp.Device):  # type: ignore[misc]  # nfcpy is untyped
    """What reader and badge share: one loopback socket, datagrams ``106A <hex>`` and ``RFOFF``."""

    def __init__(self, port: int) -> None:
        # Not nfcpy's own: it looks the port up in /etc/services and fails on those that have a name.
        self.addr = (LOOPBACK, port)
        self._path = f"udp:{LOOPBACK}:{port}"
        self._vendor_name, self._device_name, self._chipset_name = "Marelle", "loopback", "UDP"
        self.socket: Any = None  # nfcpy opens and drops it
        self._create_socket()

    def _decode(self, datagram: bytes) -> tuple[str, bytearray]:
        """Return bit rate and data; raises nfc.clf.CommunicationError for anything else."""
        if datagram.startswith(b"RFOFF"):
            raise nfc.clf.BrokenLinkError("RFOFF")
        try:
            brty, data = datagram.decode("ascii").split(" ")
            return brty, bytearray.fromhex(data)
        except ValueError:
            raise nfc.clf.TransmissionError("malformed datagram") from None


class LoopbackReaderDevice(LoopbackDevice):
    """The reader's end."""

    def __init__(self, port: int) -> None:
        self._awaits_uid_part = False
        self._garbled = False
        super().__init__(port)

    def sense_tta(self, target: Any) -> Any:
        """Look for one badge; raises nfc.clf.TransmissionError when the answers were garbled."""
        self._garbled = False
        found = super().sense_tta(target)
        if found is None and self._garbled:
            raise nfc.clf.TransmissionError("garbled answer")
        return found

    def _create_socket(self) -> None:
        if self.socket is None:
            self.socket = loopback_socket()
            self.sent_data = self.rcvd_data = 0

    def _send_data(self, brty: str, data: bytes, addr: tuple[str, int]) -> None:
        self._awaits_uid_part = len(data) == 2 and data[1] == 0x20  # SDD_REQ
        super()._send_data(brty, data, addr)

    def _recv_data(self, timeout: float, *brty_list: str) -> tuple[str, bytearray, tuple[str, int]]:
        deadline = time.monotonic() + min(timeout, _ANSWER_SECONDS_MAX)
        while (remaining := deadline - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], remaining)[0]:
                break
            datagram, sender = self.socket.recvfrom(_DATAGRAM_BYTES_MAX)
            if sender != self.addr:
                continue  # only the badge we questioned may answer
            try:
                brty, data = self._decode(datagram)
                self._check(data)
            except nfc.clf.TransmissionError:
                self._garbled = True
                raise
            if brty in brty_list:
                self.rcvd_data += len(data)
                return brty, data, sender
        raise nfc.clf.TimeoutError("no answer")

    def _check(self, data: bytearray) -> None:
        if not data:
            raise nfc.clf.TransmissionError("empty answer")
        # ISO/IEC 14443-3: four bytes and their exclusive or. nfcpy does not check it.
        if self._awaits_uid_part and (len(data) != 5 or functools.reduce(operator.xor, data)):
            raise nfc.clf.TransmissionError("UID part with a wrong check byte")
