"""Which way to reach the chip each ``nfc:`` address means."""

from __future__ import annotations

from device_drivers.addresses import ReaderAddress, ReaderKind
from device_drivers.nfc.link import NfcDevice, NfcLink
from device_drivers.reader import MonotonicClock
from device_drivers.supervisor import SupervisedReader


def nfc_reader(address: ReaderAddress, clock: MonotonicClock) -> SupervisedReader:
    """Return the (closed) reader of an ``nfc:`` address."""

    # nfcpy loads libusb when imported. Importing it when connecting makes a missing library a reader state.
    def open_device() -> NfcDevice:
        if address.kind is ReaderKind.NFC_TTY:
            from device_drivers.nfc.tty import open_pn532

            return open_pn532(address.device_file)
        if address.kind is ReaderKind.NFC_UDP:
            from device_drivers.nfc.udp import LoopbackReaderDevice

            return LoopbackReaderDevice(address.udp_port)
        from device_drivers.nfc.usb import open_usb

        return open_usb(address.usb_id)

    return SupervisedReader(address, NfcLink(_name(address), open_device), clock)


def _name(address: ReaderAddress) -> str:
    if address.kind is ReaderKind.NFC_TTY:
        return address.device_file
    if address.kind is ReaderKind.NFC_UDP:
        return f"le port local {address.udp_port}"
    return f"le port USB ({address.usb_id})" if address.usb_id else "un port USB"
