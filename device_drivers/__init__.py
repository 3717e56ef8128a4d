"""Badge readers: bytes into meaning. Knows no child and no town.

``open_reader(address)`` gives a BadgeReader; ``available_addresses()`` lists what is plugged in.
"""

from __future__ import annotations

import logging

from device_drivers.addresses import ReaderAddress, ReaderKind, parse_address
from device_drivers.discovery import AvailableAddress, available_addresses
from device_drivers.errors import BadgeNotDeliveredError, BadgeUidError, DeviceDriverError, ReaderAddressError
from device_drivers.reader import (
    BadgeRead,
    BadgeReader,
    MonotonicClock,
    ReaderState,
    ReaderStatus,
    open_reader,
)

# A library says nothing on a terminal's screen unless the application asks.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "AvailableAddress",
    "BadgeNotDeliveredError",
    "BadgeRead",
    "BadgeReader",
    "BadgeUidError",
    "DeviceDriverError",
    "MonotonicClock",
    "ReaderAddress",
    "ReaderAddressError",
    "ReaderKind",
    "ReaderState",
    "ReaderStatus",
    "available_addresses",
    "open_reader",
    "parse_address",
]
