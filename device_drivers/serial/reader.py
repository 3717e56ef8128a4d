"""125 kHz readers on a serial line.

=========================  =======  ==========================================================
reader                     support  remarks
=========================  =======  ==========================================================
RDM6300, RDM630            yes      9600 8N1, repeats its frame while the badge is held
ID-3LA, ID-12LA, ID-20LA   yes      9600 8N1, ASCII mode, one frame when the badge arrives
EM4100, TK4100 badges      yes      version byte and 32-bit number
Wiegand 26/34 outputs      no       needs a converter that sends these frames
=========================  =======  ==========================================================

EM4100 numbers are neither secret nor unique world-wide, and are cloned in seconds: they identify, no more.
A serial reader says nothing while no badge is there: a cut data wire cannot be told from quiet.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from device_drivers.addresses import ReaderAddress
from device_drivers.link import LinkEvent
from device_drivers.reader import MonotonicClock
from device_drivers.serial.frames import PROTOCOLS, FrameParser, FrameProtocol
from device_drivers.supervisor import SupervisedReader
from device_drivers.transports.faults import down_from_os_error, lost, unplugged
from device_drivers.transports.serial_line import SerialLine


def serial_reader(address: ReaderAddress, clock: MonotonicClock) -> SupervisedReader:
    """Return the (closed) reader of a ``serial:`` address."""
    return SupervisedReader(address, SerialFrameLink(address.device_file, PROTOCOLS[address.model], clock), clock)


class SerialFrameLink:
    """Listens to one serial line."""

    technology = "em4100"
    pause_seconds = 0.0

    def __init__(self, device_file: str, protocol: FrameProtocol, clock: MonotonicClock) -> None:
        self._device_file = device_file
        self._protocol = protocol
        self._clock = clock
        self._parser = FrameParser(protocol)
        self._line: SerialLine | None = None

    def connect(self) -> None:
        """Open the line; what it received before does not count."""
        if not os.path.exists(self._device_file):
            raise unplugged(self._device_file)
        try:
            self._line = SerialLine(self._device_file, self._protocol.baudrate)
        except OSError as error:
            raise down_from_os_error(error, self._device_file) from error
        self._parser.reset()

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        """Read what arrives within ``timeout_seconds``."""
        if self._line is None:
            raise lost(self._device_file)
        try:
            data = self._line.read(timeout_seconds)
        except OSError as error:
            raise lost(self._device_file) from error
        return self._parser.feed(data, self._clock()) if data else []

    def disconnect(self) -> None:
        """Close the line."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
