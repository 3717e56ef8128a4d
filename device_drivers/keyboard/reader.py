"""The reader behind ``keyboard:``: the screen hands it each key, because only the screen receives them.

=============================  =======  ==================================================
reader                         support  remarks
=============================  =======  ==================================================
125 kHz HID, 8 or 10 digits    yes      ends with Enter; US or French layout
NFC HID, hexadecimal UID       yes      the same
magnetic stripe, QR in HID     no       their text is not a badge number: refused, counted
=============================  =======  ==================================================

An unplugged keyboard reader cannot be noticed: the system does not say which keyboard is one.
"""

from __future__ import annotations

import queue
from collections.abc import Sequence

from device_drivers.addresses import ReaderAddress
from device_drivers.keyboard.wedge import WedgeDecoder
from device_drivers.link import LinkEvent
from device_drivers.reader import MonotonicClock
from device_drivers.supervisor import SupervisedReader

_KEYS_MAX = 4096  # far above any burst; a screen that never polls must not fill the memory


class KeyboardLink:
    """Keys in, badge numbers out; keys come from the screen's thread."""

    technology = "keyboard"
    pause_seconds = 0.0

    def __init__(self) -> None:
        self._keys: queue.Queue[tuple[str, int]] = queue.Queue(_KEYS_MAX)
        self._decoder = WedgeDecoder()

    def press(self, key: str, now_ns: int) -> None:
        """Take a key; dropped when nobody reads."""
        try:
            self._keys.put_nowait((key, now_ns))
        except queue.Full:
            return

    def connect(self) -> None:
        """Forget the keys pressed while nobody listened."""
        self._keys = queue.Queue(_KEYS_MAX)
        self._decoder = WedgeDecoder()

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        """Wait for the next key and decode all that are there."""
        events: list[LinkEvent] = []
        try:
            pressed = self._keys.get(timeout=timeout_seconds) if timeout_seconds > 0 else self._keys.get_nowait()
            while True:
                event = self._decoder.press(*pressed)
                if event is not None:
                    events.append(event)
                pressed = self._keys.get_nowait()
        except queue.Empty:
            return events

    def disconnect(self) -> None:
        """Nothing to free."""


class KeyboardReader(SupervisedReader):
    """A BadgeReader whose keys come through ``press``."""

    def __init__(self, address: ReaderAddress, clock: MonotonicClock) -> None:
        self._keyboard = KeyboardLink()
        super().__init__(address, self._keyboard, clock)

    def press(self, key: str) -> None:
        """Hand over a key the screen received: a character, or "enter". Never blocks."""
        self._keyboard.press(key, self._clock())
