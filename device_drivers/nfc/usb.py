"""NFC readers on USB, through nfcpy and libusb.

==========================  =======  =========================================================
reader                      support  remarks
==========================  =======  =========================================================
ACS ACR122U (firmware 2.x)  yes      unload the kernel's pn533 modules, or they keep the reader
SCM SCL3710/3711/3712       yes      the same kernel modules
Sony RC-S330/360/370/380    yes      the kernel's port100 module must be unloaded for RC-S380
NXP PN533 board             yes
others (PC/SC only)         no
==========================  =======  =========================================================

The account of the terminal needs write access to the USB device (a udev rule).
"""

from __future__ import annotations

from pathlib import Path

import nfc.clf.device

from device_drivers.discovery import plugged_usb_ids
from device_drivers.nfc.link import NfcDevice
from device_drivers.transports.faults import down_from_os_error, silent, unplugged


def open_usb(usb_id: str, root: Path = Path("/")) -> NfcDevice:
    """Open the reader ``usb_id`` ("072f:2200"), or the first known one when empty; raises LinkDownError.

    ``root`` is the file system's root, where the plugged devices are listed.
    """
    name = f"le port USB ({usb_id})" if usb_id else "un port USB"
    # By its ids even when any reader will do: nfcpy hides why it could not open an unnamed one.
    plugged = [usb_id] if usb_id else plugged_usb_ids(root)
    for candidate in plugged or [""]:
        try:
            device: NfcDevice | None = nfc.clf.device.connect(f"usb:{candidate}" if candidate else "usb")
        except OSError as error:
            raise down_from_os_error(error, name) from error
        if device is not None:
            return device
    if plugged and not usb_id:
        raise silent(name, "NFC")
    raise unplugged(name)
