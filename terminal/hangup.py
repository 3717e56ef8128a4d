"""A screen whose terminal was torn away: nobody sees it any more, and reading it would only burn the processor."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable

# The supervisor starts the screen again; sysexits.h calls this « input/output error ».
EXIT_TORN_AWAY = 74


def end_when_torn_away(stop: Callable[[], None]) -> None:
    """Watch the terminal that this process reads; once it is gone, call `stop` and end the process.

    Without a terminal (a pipe, a service) nothing is watched.
    """
    fd = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
    if fd >= 0 and os.isatty(fd):
        threading.Thread(target=_watch, args=(fd, stop), name="hangup", daemon=True).start()


def _watch(fd: int, stop: Callable[[], None]) -> None:
    poll = select.poll()
    poll.register(fd, 0)  # a hang-up is told without being asked for
    while not any(told & (select.POLLHUP | select.POLLERR) for _, told in poll.poll()):
        pass
    stop()
    # What draws waits for a terminal that takes nothing any more: there is no other way out.
    os._exit(EXIT_TORN_AWAY)
