"""Plays the frames of a 125 kHz reader on a pseudo-terminal: good, split, noisy and broken ones.

``python -m device_drivers.simulated.frame_player --protocol rdm6300`` prints the address a terminal opens, then
obeys one command a line: ``TAP 0A000003E8``, ``HOLD``, ``SPLIT``, ``NOISE`` and ``BAD`` followed by a number,
``AWAY``, ``UNPLUG``, ``PLUG``. The end of its input ends it.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from device_drivers.errors import BadgeUidError
from device_drivers.serial.frames import PROTOCOLS, RDM6300, FrameProtocol, encode_frame
from device_drivers.simulated.pty_port import PtyPort
from device_drivers.simulated.uids import uid_bytes

_REPEAT_SECONDS = 0.065  # RDM6300 data sheet
_SPLIT_SECONDS = 0.02
_NOISE = bytes.fromhex("ff00fe02413303ff")  # with a beginning and an end of frame in it


def frame_for(protocol: FrameProtocol, uid: str) -> bytes:
    """Return the frame of a badge number written as ten hexadecimal digits; raises BadgeUidError."""
    number = uid_bytes(uid)
    if len(number) != 5:
        raise BadgeUidError(
            uid, "un badge 125 kHz a un numéro de dix chiffres hexadécimaux, par exemple 0A000003E8."
        )
    return encode_frame(protocol, number)


def with_bad_checksum(frame: bytes) -> bytes:
    """Return ``frame`` with one digit of the number changed."""
    digit = frame[5:6]
    return frame[:5] + (b"0" if digit != b"0" else b"1") + frame[6:]


class FramePlayer:
    """A 125 kHz reader on a USB converter; use as a context manager.

    ``address`` is what ``open_reader`` takes.
    """

    def __init__(self, protocol: FrameProtocol = RDM6300) -> None:
        self.protocol = protocol
        self._port = PtyPort()
        self._away = threading.Event()
        self._repeater: threading.Thread | None = None

    @property
    def device_file(self) -> str:
        """The serial port a driver opens."""
        return self._port.device_file

    @property
    def address(self) -> str:
        """The reader address of this player."""
        return f"serial:{self._port.device_file}?protocol={self.protocol.name}"

    def tap(self, uid: str) -> None:
        """Send the frame of a badge once."""
        self._port.send(frame_for(self.protocol, uid))

    def place(self, uid: str) -> None:
        """Hold a badge on the reader, which repeats its frame when its kind does; until ``remove``."""
        self.remove()
        frame = frame_for(self.protocol, uid)
        self._port.send(frame)
        if self.protocol.repeats:
            self._away.clear()
            self._repeater = threading.Thread(target=self._repeat, args=(frame,), name="frame-player", daemon=True)
            self._repeater.start()

    def remove(self) -> None:
        """Take the badge away."""
        self._away.set()
        if self._repeater is not None:
            self._repeater.join()
            self._repeater = None

    def split(self, uid: str) -> None:
        """Send a good frame in three pieces with pauses."""
        frame = frame_for(self.protocol, uid)
        for piece in (frame[:1], frame[1:7], frame[7:]):
            self._port.send(piece)
            self._away.wait(0 if piece[-1:] == b"\x03" else _SPLIT_SECONDS)

    def noisy(self, uid: str) -> None:
        """Send a good frame between bytes that mean nothing."""
        self._port.send(_NOISE + frame_for(self.protocol, uid) + _NOISE)

    def bad_checksum(self, uid: str) -> None:
        """Send a frame one digit of which was changed on the way."""
        self._port.send(with_bad_checksum(frame_for(self.protocol, uid)))

    def send(self, data: bytes) -> None:
        """Send any bytes."""
        self._port.send(data)

    def unplug(self) -> None:
        """Pull the converter's plug."""
        self._port.unplug()

    def replug(self) -> None:
        """Put the plug back."""
        self._port.plug()

    def close(self) -> None:
        """Stop, and unplug for good."""
        self.remove()
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _repeat(self, frame: bytes) -> None:
        while not self._away.wait(_REPEAT_SECONDS):
            self._port.send(frame)


def obey(player: FramePlayer, line: str) -> None:
    """Carry out one command line; raises BadgeUidError or ValueError (French) for one that makes no sense."""
    with_badge = {
        "TAP": player.tap,
        "HOLD": player.place,
        "SPLIT": player.split,
        "NOISE": player.noisy,
        "BAD": player.bad_checksum,
    }
    alone = {"AWAY": player.remove, "UNPLUG": player.unplug, "PLUG": player.replug}
    match line.split():
        case [word] if word in alone:
            alone[word]()
        case [word, uid] if word in with_badge:
            with_badge[word](uid)
        case _:
            known = ", ".join([*with_badge, *alone])
            raise ValueError(f"La commande «\u00a0{line.strip()}\u00a0» n'existe pas. Commandes\u00a0: {known}.")


def main(arguments: list[str] | None = None, lines: Iterable[str] | None = None) -> int:
    """Play the commands read from ``lines`` (standard input); returns 1 when one was not understood."""
    parser = argparse.ArgumentParser(
        prog="python -m device_drivers.simulated.frame_player",
        description="Joue les messages d'un lecteur 125 kHz sur un port série simulé.",
        epilog="Commandes ligne à ligne\u00a0: TAP, HOLD, SPLIT, NOISE, BAD et un numéro\u00a0; AWAY, UNPLUG, PLUG",
    )
    parser.add_argument("--protocol", choices=sorted(PROTOCOLS), default=RDM6300.name, help="lecteur simulé")
    options = parser.parse_args(arguments)
    understood = True
    with FramePlayer(PROTOCOLS[options.protocol]) as player:
        print(player.address, flush=True)
        for line in sys.stdin if lines is None else lines:
            if not line.strip():
                continue
            try:
                obey(player, line)
            except (BadgeUidError, ValueError) as error:
                understood = False
                print(error, file=sys.stderr, flush=True)
            else:
                print(f"ok {line.strip()}", flush=True)
    return 0 if understood else 1


if __name__ == "__main__":
    sys.exit(main())
