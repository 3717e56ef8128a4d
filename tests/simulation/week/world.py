"""True time and what happens in it: one queue of events, run in order, nested while somebody waits for the
network."""

import heapq
import random
from collections import Counter
from collections.abc import Callable

from tests.simulation.week.clocks import SECOND

Event = Callable[[], None]
TRACE_LINES_MAX = 4_000


class World:
    """The one true clock of a simulation, its queue, its chance and its diary."""

    def __init__(self, seed: str, start: int) -> None:
        self.seed = seed
        self.start = start
        self.now = start
        self.fired: Counter[str] = Counter()
        self.diary: list[str] = []
        self._queue: list[tuple[int, int, Event]] = []
        self._order = 0

    def clock(self) -> int:
        """Return true time, in µs UTC."""
        return self.now

    def chance(self, purpose: str) -> random.Random:
        """Return a source of chance of its own for a purpose: one more draw here changes nothing there."""
        return random.Random(f"{self.seed}/{purpose}")

    def at(self, when: int, event: Event) -> None:
        """Let something happen at an instant; at once when that is past."""
        self._order += 1
        heapq.heappush(self._queue, (max(when, self.now), self._order, event))

    def run_until(self, when: int) -> None:
        """Let everything happen up to an instant. May be called by an event that waits: others go on meanwhile."""
        while self._queue and self._queue[0][0] <= when:
            instant, _, event = heapq.heappop(self._queue)
            self.now = max(self.now, instant)
            event()
        self.now = max(self.now, when)

    def next_at(self) -> int | None:
        """Return when the next event is due."""
        return self._queue[0][0] if self._queue else None

    def fault(self, kind: str, who: str) -> None:
        """Note that a fault really struck."""
        self.fired[kind] += 1
        self.note(who, f"FAULT {kind}")

    def note(self, who: str, what: str) -> None:
        """Write a line of the diary."""
        if len(self.diary) < TRACE_LINES_MAX:
            self.diary.append(f"{(self.now - self.start) / SECOND:>14.3f} {who:<10} {what}")
