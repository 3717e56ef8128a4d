"""Errors a caller of the drivers can meet. Hardware faults are never among them: they are reader states."""

from __future__ import annotations


class DeviceDriverError(Exception):
    """Base of the errors of this room; the text is French, for the person who typed the command."""


class ReaderAddressError(DeviceDriverError):
    """The address of a reader cannot be understood."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason  # French
        super().__init__(
            f"Adresse de lecteur «\u00a0{address}\u00a0» non comprise\u00a0: {reason} "
            "Exemples\u00a0: nfc:usb, nfc:tty:/dev/ttyUSB0?chip=pn532, "
            "serial:/dev/ttyUSB1?protocol=rdm6300, keyboard:, sim:."
        )


class BadgeUidError(DeviceDriverError):
    """A badge number to be presented by a simulator is not one."""

    def __init__(self, uid: str, reason: str) -> None:
        self.uid = uid
        self.reason = reason  # French
        super().__init__(f"Numéro de badge «\u00a0{uid}\u00a0» refusé\u00a0: {reason}")


class BadgeNotDeliveredError(DeviceDriverError):
    """No simulated reader took the badge."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason  # French
        super().__init__(f"Badge non présenté à «\u00a0{address}\u00a0»\u00a0: {reason}")
