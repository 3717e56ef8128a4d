"""Software readers and badges, for demonstrations and tests without hardware.

In process: ``SimulatedReader``. From another process: ``present_badge``. Below real drivers: ``Pn532Simulator`` and
``FramePlayer`` on pseudo-terminals, ``NfcBadge`` on loopback UDP.
"""

from __future__ import annotations

from device_drivers.simulated.reader import SimulatedReader
from device_drivers.simulated.remote import present_badge

__all__ = ["SimulatedReader", "present_badge"]
