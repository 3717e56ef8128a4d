"""The shim as seen from inside a watched process: when to watch, what to note, what shall fail."""

import ctypes
import json
import signal
from enum import IntEnum
from typing import Any


class Operation(IntEnum):
    """What a process does to the disk; the numbers are those of shim/shim.h."""

    OPEN = 0
    CLOSE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    RENAME = 5
    UNLINK = 6
    MKDIR = 7
    RMDIR = 8
    MARK = 9
    UNSUPPORTED = 10
    CREATE = 11  # in rules only


class Action(IntEnum):
    """What a rule does to an operation; SHORT writes half of it, the AFTER ones happen and are denied."""

    FAIL = 1
    SHORT = 2
    FAIL_AFTER = 3
    KILL = 4
    KILL_AFTER = 5
    KILL_SHORT = 6


EVERY_TIME = -1
STUCK = -2


class Control:
    """Calls into the preloaded library."""

    def __init__(self) -> None:
        """Find the library in this very process; raises AttributeError when it was not preloaded."""
        self._library: Any = ctypes.CDLL(None)
        self._library.power_begin.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_int]
        self._library.power_mark.argtypes = [ctypes.c_char_p, ctypes.c_uint32]
        for name in ("power_used", "power_log_offset", "power_injected"):
            getattr(self._library, name).restype = ctypes.c_uint64

    # -- the parent of the actors -----------------------------------------------------------------------------

    def begin(self, folder: str, seed: int, switch_mille: int | None) -> None:
        """Watch a folder; actors take turns, changing with this chance at each operation, or run freely (None)."""
        self._library.power_begin(folder.encode(), seed, switch_mille or 0, int(switch_mille is not None))

    def end(self) -> int:
        """Stop watching; return how many bytes were logged."""
        self._library.power_end()
        used: int = self._library.power_used()
        if used == 2**64 - 1:
            raise OverflowError("the log of the shim is too small for this scenario")
        return used

    def expect(self, slot: int) -> None:
        """Say that an actor is about to take this place."""
        self._library.power_expect(slot)

    def wait(self) -> int:
        """Let actors run until one has gone; return its place, -1 when none is left, STUCK when one hangs."""
        return int(self._library.power_wait())

    def is_ready(self) -> bool:
        """Say whether an actor told that its work has begun."""
        return bool(self._library.power_is_ready())

    def log_offset(self) -> int:
        """Return where the log begins in the shared mapping."""
        return int(self._library.power_log_offset())

    # -- an actor ---------------------------------------------------------------------------------------------

    def join(self, slot: int, life: int) -> None:
        """Take a place and wait for the first turn."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._library.power_join(slot, life)

    def name(self, life: int) -> None:
        """Be known in the log by a number, without taking turns."""
        self._library.power_name(life)

    def be_ready(self) -> None:
        """Tell the parent that the work has begun."""
        self._library.power_be_ready()

    def leave(self) -> None:
        """Take no more turns; the process must exit at once."""
        self._library.power_leave()

    def mark(self, what: str, **facts: object) -> None:
        """Write our own word into the log, in its place among the operations."""
        data = json.dumps({"what": what, **facts}, separators=(",", ":")).encode()
        self._library.power_mark(data, len(data))

    def rule(
        self,
        action: Action,
        operations: tuple[Operation, ...],
        match: str = "",
        *,
        skip: int = 0,
        times: int = 1,
        error: int = 0,
        index: int = 0,
    ) -> None:
        """Let matching operations meet an action: after `skip` of them, `times` of them (or EVERY_TIME)."""
        bits = sum(1 << operation for operation in operations)
        self._library.power_rule(index, match.encode(), bits, skip, times, error, int(action))

    def heal(self) -> None:
        """Let the disk work again."""
        self._library.power_heal()

    def injected(self) -> int:
        """Return how many operations met a rule so far."""
        return int(self._library.power_injected())
