"""Being told to stop by a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable


def stop_on(signals: Iterable[signal.Signals], asked: threading.Event) -> None:
    """Set the event when one of the signals comes.

    From a thread of its own: a handler runs inside the main thread, which may be within `asked.wait` and hold the
    event's lock; setting it there would wait for ever.
    """
    for number in signals:
        signal.signal(number, lambda *_: threading.Thread(target=asked.set, daemon=True).start())
