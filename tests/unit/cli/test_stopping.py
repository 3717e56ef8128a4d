"""Being told to stop by a signal."""

from __future__ import annotations

import signal
import threading

from cli.supervision.stopping import stop_on


def test_a_signal_that_comes_while_the_stop_is_waited_for_is_heard() -> None:
    """Inside `wait` the event's lock is held for a moment: a handler that wanted it would wait for ever."""
    asked = threading.Event()
    former = signal.getsignal(signal.SIGUSR2)
    try:
        stop_on((signal.SIGUSR2,), asked)
        with asked._cond:  # type: ignore[attr-defined]  # what `wait` holds
            signal.raise_signal(signal.SIGUSR2)
        assert asked.wait(5)
    finally:
        signal.signal(signal.SIGUSR2, former)
