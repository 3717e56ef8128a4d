"""PN532 on a serial line: modules on a Raspberry Pi's pins or behind a USB converter.

==================  =======  =======================================================
function            support  remarks
==================  =======  =======================================================
NXP PN532 (HSU)     yes      speed raised to 921 600 baud where the port can
any device file     yes      /dev/serial/by-id/… and pseudo-terminals too
left at high speed  yes      a program that was killed cannot lower it: found again
PN532 on SPI, I²C   no       set the module's switches to HSU (UART)
==================  =======  =======================================================
"""

from __future__ import annotations

import errno
import logging
import os

import nfc.clf.pn532

from device_drivers.addresses import is_plain_device_file
from device_drivers.link import LinkDownError
from device_drivers.nfc.hsu import ACK, WAKE_UP, HsuTransport, frame_of
from device_drivers.nfc.link import NfcDevice
from device_drivers.transports.faults import down_from_os_error, silent, unplugged
from device_drivers.transports.serial_line import SerialLine

log = logging.getLogger(__name__)

_BAUDRATE = 115_200
_RAISED_BAUDRATES = (921_600, 460_800, 230_400)
_SET_BAUDRATE_115200 = frame_of(bytes((0xD4, 0x10, 0x04)))  # UM0701-02, SetSerialBaudRate


def open_pn532(device_file: str) -> NfcDevice:
    """Open and initialise the PN532 behind ``device_file``; raises LinkDownError."""
    # Resolved at each attempt: a replugged converter may come back under another number, and nfcpy
    # knows a Raspberry Pi's slow ports by their real names.
    real_file = os.path.realpath(device_file)
    if not os.path.exists(real_file):
        raise unplugged(device_file)
    if not is_plain_device_file(real_file):  # nfcpy hands the name to a shell
        raise silent(device_file, "PN532")
    line = _open_line(real_file, device_file)
    transport = HsuTransport(line, _BAUDRATE)
    try:
        try:
            device: NfcDevice = nfc.clf.pn532.init(transport)
        except OSError:
            if not _bring_back_to_start_speed(transport):
                raise
            device = nfc.clf.pn532.init(transport)
    except OSError as error:
        line.close()
        raise _down(error, device_file) from error
    except Exception:
        line.close()
        raise
    return device


def _open_line(real_file: str, device_file: str) -> SerialLine:
    try:
        return SerialLine(real_file, _BAUDRATE)
    except OSError as error:
        raise down_from_os_error(error, device_file) from error


def _down(error: OSError, device_file: str) -> LinkDownError:
    if not os.path.exists(device_file):
        return unplugged(device_file)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EBUSY):
        return down_from_os_error(error, device_file)
    return silent(device_file, "PN532")


def _bring_back_to_start_speed(transport: HsuTransport) -> bool:
    """Find a chip that a killed program left at a raised speed, and lower it; False when none answers."""
    for baudrate in _RAISED_BAUDRATES:
        transport.baudrate = baudrate
        try:
            transport.write(WAKE_UP + _SET_BAUDRATE_115200)
            found = transport.read(timeout=100) == ACK
            if found:
                transport.read(timeout=100)  # the chip changes speed once its answer is acknowledged
                transport.write(ACK)
        except OSError as error:
            if error.errno != errno.ETIMEDOUT:
                raise
            found = False
        if found:
            log.info("chip found at %d baud and brought back to %d", baudrate, _BAUDRATE)
            transport.baudrate = _BAUDRATE
            return True
    transport.baudrate = _BAUDRATE
    return False
