"""A software NFC badge on nfcpy's UDP driver, on loopback: what ``nfc:udp:127.0.0.1:PORT`` reads.

As a context manager the badge lies on the reader as long as the block runs. On the command line:
``python -m device_drivers.simulated.nfc_badge PORT UIDHEX [--seconds 20]``.

Badges of 4 and 7 bytes; nfcpy's driver mistakes the third part of a 10-byte UID.
"""

from __future__ import annotations

import argparse
import select
import sys
import threading
import time
from types import TracebackType
from typing import Self

import nfc.clf

from device_drivers.errors import BadgeUidError
from device_drivers.nfc.udp import LoopbackDevice
from device_drivers.simulated.type2_badge import Type2Badge, make_badge
from device_drivers.transports.loopback import loopback_socket

_DATAGRAM_BYTES_MAX = 1024
_SLICE_SECONDS = 0.05  # how long a removed badge may go on answering
_HALT = 0x50
_SENSE = 0x26


class _BadgeDevice(LoopbackDevice):
    """The badge's end of nfcpy's UDP link: bound once, and able to leave."""

    def __init__(self, port: int) -> None:
        self.removed = threading.Event()
        self.uid_read = threading.Event()
        super().__init__(port)

    def mute(self) -> None:
        """A badge has no field to switch off; nfcpy would drop the port here."""

    def release(self) -> None:
        """Free the port."""
        self.socket.close()

    def _create_socket(self) -> None:
        if self.socket is None:
            self.socket = loopback_socket(self.addr[1])
            self.sent_data = self.rcvd_data = 0

    def _bind_socket(self, time_to_return: float) -> bool:
        return True  # bound to loopback since the beginning; nfcpy would bind 0.0.0.0

    def _send_data(self, brty: str, data: bytes, addr: tuple[str, int]) -> None:
        super()._send_data(brty, data, addr)
        if len(data) == 1 and not data[0] & 0x04:  # SEL_RES without cascade bit: the whole UID was given
            self.uid_read.set()

    def _recv_data(self, timeout: float | None, *brty_list: str) -> tuple[str, bytearray, tuple[str, int]]:
        deadline = time.monotonic() + (3600.0 if timeout is None else timeout)
        while not self.removed.is_set() and time.monotonic() < deadline:
            if not select.select([self.socket], [], [], _SLICE_SECONDS)[0]:
                continue
            datagram, sender = self.socket.recvfrom(_DATAGRAM_BYTES_MAX)
            brty, data = self._decode(datagram)
            if brty in brty_list and data:
                return brty, data, sender
        raise nfc.clf.TimeoutError("badge removed" if self.removed.is_set() else "no command")


class NfcBadge:
    """A badge with the UID ``uid`` (hexadecimal) lying on the reader of ``port`` while the block runs.

    Entering raises OSError when another badge lies there; making one raises BadgeUidError.
    """

    def __init__(self, port: int, uid: str, text: str = "") -> None:
        self._port = port
        self._badge = make_badge(uid, text)
        if len(self._badge.uid) == 10:
            raise BadgeUidError(uid, "le badge simulé a un numéro de 4 ou 7 octets.")
        self._device: _BadgeDevice | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._device = _BadgeDevice(self._port)
        self._thread = threading.Thread(
            target=_serve, args=(self._device, self._badge), name=f"nfc-badge-{self._port}", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._device is not None
        assert self._thread is not None
        self._device.removed.set()
        self._thread.join()
        self._device.release()

    def wait_until_read(self, timeout_seconds: float) -> bool:
        """Wait until a reader has read the whole UID; False when none did in time."""
        assert self._device is not None, "the badge must lie on the reader"
        return self._device.uid_read.wait(timeout_seconds)


def _serve(device: _BadgeDevice, badge: Type2Badge) -> None:
    local = nfc.clf.LocalTarget(
        "106A",
        sens_res=bytearray(badge.sens_res),
        sdd_res=bytearray(badge.uid),
        sel_res=bytearray(badge.sel_res),
    )
    while not device.removed.is_set():
        try:
            target = device.listen_tta(local, timeout=3600.0)
            if target is not None and target.tt2_cmd:
                _answer_commands(device, badge, target)
        except nfc.clf.CommunicationError:
            continue  # the reader switched its field off, or sent nonsense: wait to be found again


def _answer_commands(device: _BadgeDevice, badge: Type2Badge, target: nfc.clf.LocalTarget) -> None:
    command: bytearray | None = target.tt2_cmd
    while command and command[0] not in (_HALT, _SENSE):
        command = device.send_rsp_recv_cmd(target, badge.answer(bytes(command)), 1.0)


def main(arguments: list[str] | None = None) -> int:
    """Hold one badge before the reader of a port, for a given time."""
    parser = argparse.ArgumentParser(
        prog="python -m device_drivers.simulated.nfc_badge",
        description="Pose un badge NFC simulé sur le lecteur nfc:udp:127.0.0.1:PORT.",
    )
    parser.add_argument("port", type=int, help="port local du lecteur")
    parser.add_argument("uid", help="numéro du badge en hexadécimal, 4 ou 7 octets")
    parser.add_argument("--seconds", type=float, default=20.0, help="durée de la pose (20 s)")
    parser.add_argument("--until-read", action="store_true", help="retirer le badge dès qu'il est lu")
    options = parser.parse_args(arguments)
    try:
        with NfcBadge(options.port, options.uid) as badge:
            print(f"Badge {options.uid.upper()} posé sur nfc:udp:127.0.0.1:{options.port}.", flush=True)
            if options.until_read:
                return 0 if badge.wait_until_read(options.seconds) else 1
            threading.Event().wait(options.seconds)
    except BadgeUidError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Le port local {options.port} ne peut pas être pris\u00a0: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
