"""A software PN532: the chip's answers, and its serial (HSU) face on a pseudo-terminal.

Good enough for nfcpy's own pn532 driver: wake-up, line test, registers, speed change, type A badges. Command
codes are those of NXP's user manual UM0701-02. The chip hears nothing at another speed than its own, like the
real one.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from device_drivers.nfc.hsu import ACK, frame_of, take_frame
from device_drivers.simulated.pty_port import PtyPort
from device_drivers.simulated.type2_badge import Type2Badge, make_badge

_FROM_HOST, _FROM_CHIP = 0xD4, 0xD5
_DIAGNOSE, _GET_FIRMWARE_VERSION = 0x00, 0x02
_READ_REGISTER, _WRITE_REGISTER = 0x06, 0x08
_SET_SERIAL_BAUDRATE, _SET_PARAMETERS, _SAM_CONFIGURATION, _POWER_DOWN = 0x10, 0x12, 0x14, 0x16
_RF_CONFIGURATION, _IN_LIST_PASSIVE_TARGET, _IN_COMMUNICATE_THRU = 0x32, 0x4A, 0x42
_SYNTAX_ERROR = b"\x7f"
_RF_TIMEOUT = b"\x01"
_FIRMWARE = bytes.fromhex("32010607")  # PN532 v1.6
_REGISTER_FIFO_DATA = 0x6339
_SENS_REQ = 0x26
_BAUDRATES = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)
_START_BAUDRATE = 115_200


class Pn532Chip:
    """What a PN532 answers to each command, whatever line it hangs on."""

    def __init__(self) -> None:
        self.badge: Type2Badge | None = None
        self.baudrate = _START_BAUDRATE
        self._registers: dict[int, int] = {}

    def answer(self, request: bytes) -> bytes:
        """Return the data (D5…) that answers the host's (D4…)."""
        if len(request) < 2 or request[0] != _FROM_HOST:
            return _SYNTAX_ERROR
        command, data = request[1], request[2:]
        result = self._run(command, data)
        return _SYNTAX_ERROR if result is None else bytes((_FROM_CHIP, command + 1)) + result

    def _run(self, command: int, data: bytes) -> bytes | None:
        if command in (_SET_PARAMETERS, _SAM_CONFIGURATION, _RF_CONFIGURATION):
            return b""
        if command == _DIAGNOSE:
            return data  # the line test sends everything back
        if command == _GET_FIRMWARE_VERSION:
            return _FIRMWARE
        if command == _READ_REGISTER:
            return bytes(self._register(data[i] << 8 | data[i + 1]) for i in range(0, len(data) - 1, 2))
        if command == _WRITE_REGISTER:
            self._registers.update({data[i] << 8 | data[i + 1]: data[i + 2] for i in range(0, len(data) - 2, 3)})
            return b""
        if command == _SET_SERIAL_BAUDRATE and data and data[0] < len(_BAUDRATES):
            self.baudrate = _BAUDRATES[data[0]]
            return b""
        if command == _POWER_DOWN:
            return b"\x00"
        if command == _IN_LIST_PASSIVE_TARGET and len(data) >= 2:
            return self._list_passive_target(modulation=data[1])
        if command == _IN_COMMUNICATE_THRU:
            return self._communicate(data)
        return None

    def _register(self, number: int) -> int:
        if number == _REGISTER_FIFO_DATA and self.badge is None:
            return _SENS_REQ  # nobody answered: the question is still in the queue
        return self._registers.get(number, 0)

    def _list_passive_target(self, modulation: int) -> bytes:
        badge = self.badge
        if badge is None or modulation != 0:  # 0: 106 kbit/s type A
            return b"\x00"
        return b"\x01\x01" + badge.sens_res[::-1] + badge.sel_res + bytes((len(badge.uid),)) + badge.uid

    def _communicate(self, data: bytes) -> bytes:
        reply = None if self.badge is None else self.badge.answer(data)
        if reply is None:
            return _RF_TIMEOUT
        return b"\x00" + reply + (crc_a(reply) if len(reply) > 1 else b"")


def crc_a(data: bytes) -> bytes:
    """CRC_A of ISO/IEC 14443-3, in the order it is sent."""
    crc = 0x6363
    for octet in data:
        octet ^= crc & 0xFF
        octet ^= (octet << 4) & 0xFF
        crc = (crc >> 8) ^ (octet << 8) ^ (octet << 3) ^ (octet >> 4)
        crc &= 0xFFFF
    return crc.to_bytes(2, "little")


class Pn532Simulator:
    """A PN532 module on a USB converter; use as a context manager.

    ``address`` is what ``open_reader`` takes. Badges are placed and removed, the plug pulled and put back, noise
    sent, from any thread.
    """

    def __init__(self) -> None:
        self.chip = Pn532Chip()
        self._received = bytearray()
        self._noise_left = 0
        self._noise = b""
        self._port = PtyPort(self._on_bytes)

    @property
    def device_file(self) -> str:
        """The serial port a driver opens."""
        return self._port.device_file

    @property
    def address(self) -> str:
        """The reader address of this chip."""
        return f"nfc:tty:{self._port.device_file}?chip=pn532"

    def place(self, uid: str) -> None:
        """Lay a badge on the antenna; raises BadgeUidError."""
        self.chip.badge = make_badge(uid)

    def remove(self) -> None:
        """Take the badge away."""
        self.chip.badge = None

    def unplug(self) -> None:
        """Pull the converter's plug; the chip loses its power."""
        self._port.unplug()
        self._received.clear()

    def replug(self) -> None:
        """Put the plug back: the chip starts afresh, at its start speed."""
        self.chip.baudrate = _START_BAUDRATE
        self._port.plug()

    def leave_at_baudrate(self, baudrate: int) -> None:
        """Leave the chip at a raised speed, as a program that was killed does."""
        self.chip.baudrate = baudrate

    def garble(self, noise: bytes, answers: int = 1) -> None:
        """Send ``noise`` instead of the next ``answers`` answers."""
        self._noise, self._noise_left = noise, answers

    def close(self) -> None:
        """Unplug for good."""
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _on_bytes(self, data: bytes) -> None:
        if self._port.baudrate() != self.chip.baudrate:
            return  # at the wrong speed bytes are noise, and a chip is silent
        self._received += data
        while (frame := take_frame(self._received)) is not None:
            if frame != ACK:  # the host's ACK aborts a command; ours are done by then
                self._answer(frame)

    def _answer(self, frame: bytes) -> None:
        extended = frame[3:5] == b"\xff\xff"
        request = frame[8:-2] if extended else frame[5:-2]
        if self._noise_left:
            self._noise_left -= 1
            self._port.send(self._noise)
            return
        self._port.send(ACK + frame_of(self.chip.answer(request)))
