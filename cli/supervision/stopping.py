"""Being told to stop by a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from cli.output import Progress

Check = Callable[[], None]
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on(signals: Iterable[signal.Signals], asked: threading.Event) -> None:
    """Set the event when one of the signals comes.

    From a thread of its own: a handler runs inside the main thread, which may be within `asked.wait` and hold the
    event's lock; setting it there would wait for ever.
    """
    for number in signals:
        signal.signal(number, lambda *_: threading.Thread(target=asked.set, daemon=True).start())


def go_on() -> None:
    """Check nothing: for work that nobody may stop half-way by a signal."""


def heard(tell: Progress, check: Check) -> Progress:
    """Return a progress callback that checks first, so that long work which tells its progress can be stopped."""

    def told(share: float, what: str) -> None:
        check()
        tell(share, what)

    return told


@contextmanager
def interruptible() -> Iterator[Check]:
    """Raise KeyboardInterrupt where a stop comes; long work calls what is yielded, which raises it again.

    Again, because Python drops what is raised inside a finaliser or a callback of the garbage collector: a stop
    that comes there would never be heard.
    """
    asked = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    former = {number: signal.signal(number, stop) for number in STOPS}
    try:
        yield check
        check()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
