"""Which readers seem to be plugged in, for the staff page « État de la borne »."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from device_drivers.addresses import is_plain_device_file

# The readers nfcpy 1.0.4 can drive on USB, by vendor and product (a test holds this table against nfcpy's own).
NFC_USB_READERS: dict[str, str] = {
    "054c:0193": "Sony PN531",
    "04cc:0531": "Philips PN531, SCM SCL3710",
    "04cc:2533": "NXP PN533",
    "04e6:5591": "SCM SCL3711",
    "04e6:5593": "SCM SCL3712",
    "054c:02e1": "Sony RC-S330/360/370",
    "054c:06c1": "Sony RC-S380",
    "054c:06c3": "Sony RC-S380",
    "072f:2200": "ACS ACR122U",
}

# A converter does not say what is soldered behind it: each is offered as every serial reader we drive.
_SERIAL_OFFERS = (
    ("nfc:tty:{path}?chip=pn532", "lecteur NFC PN532"),
    ("serial:{path}?protocol=rdm6300", "lecteur 125 kHz RDM6300"),
    ("serial:{path}?protocol=id12la", "lecteur 125 kHz ID-12LA"),
)


@dataclass(frozen=True, slots=True)
class AvailableAddress:
    """A reader that may be opened at ``address``."""

    address: str
    label: str  # French, for staff
    certain: bool  # False: something is plugged there, which may be such a reader


def plugged_usb_ids(root: Path) -> list[str]:
    """Return "vendor:product" of the known NFC readers plugged in, in port order (``root``: /)."""
    found = []
    for device in sorted((root / "sys/bus/usb/devices").glob("*")):
        try:
            vendor = (device / "idVendor").read_text().strip()
            product = (device / "idProduct").read_text().strip()
        except (OSError, UnicodeDecodeError):
            continue  # an interface, or unplugged while we look
        usb_id = f"{vendor}:{product}".lower()
        if usb_id in NFC_USB_READERS and usb_id not in found:
            found.append(usb_id)
    return found


def available_addresses(root: Path = Path("/")) -> list[AvailableAddress]:
    """List the plausible readers, certain ones first; ``root`` is the file system's root (another one in tests)."""
    found = [
        AvailableAddress(f"nfc:usb:{usb_id}", f"{NFC_USB_READERS[usb_id]} (NFC, USB)", certain=True)
        for usb_id in plugged_usb_ids(root)
    ]
    for path, name in _serial_ports(root):
        found += [
            AvailableAddress(offer.format(path=path), f"{label}, sur {name}", certain=False)
            for offer, label in _SERIAL_OFFERS
        ]
    return found


def _serial_ports(root: Path) -> list[tuple[str, str]]:
    """Return (device file, name for staff): converters by their stable names, then a Raspberry Pi's own port."""
    ports = [
        (f"/dev/serial/by-id/{link.name}", f"le port série «\u00a0{link.name}\u00a0»")
        for link in sorted((root / "dev/serial/by-id").glob("*"))
    ]
    if (root / "dev/serial0").exists():
        ports.append(("/dev/serial0", "le port série de la carte"))
    return [port for port in ports if is_plain_device_file(port[0])]
