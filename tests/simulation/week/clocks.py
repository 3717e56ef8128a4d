"""The clocks of a simulated machine: a wall that may lie, and the milliseconds since its boot, which do not."""

from collections.abc import Callable
from dataclasses import dataclass

from terminal.clock import Instruments

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY

TrueTime = Callable[[], int]


@dataclass(slots=True)
class MachineClock:
    """One machine's clocks, in µs of true time; `drift_ppm` is how much too fast the wall clock runs."""

    machine: str
    now: TrueTime
    drift_ppm: int = 0
    boots: int = 1
    is_lying: bool = False  # the wall was ever wrong: nothing that rests on it alone can be held against the truth
    _set_at: int = 0
    _wall_then: int = 0
    _booted_at: int = 0

    def __post_init__(self) -> None:
        """Start right, just booted."""
        self._set_at = self._wall_then = self._booted_at = self.now()
        self.is_lying = self.drift_ppm != 0

    def wall(self) -> int:
        """What the machine believes, in µs UTC."""
        passed = self.now() - self._set_at
        return self._wall_then + passed + passed * self.drift_ppm // 1_000_000

    def mono_ms(self) -> int:
        """Milliseconds since boot."""
        return (self.now() - self._booted_at) // 1000 + 1

    def set_wall(self, wall: int) -> None:
        """Set the wall clock to something."""
        self._set_at, self._wall_then = self.now(), wall
        self.is_lying = True

    def drift(self, ppm: int) -> None:
        """Let the wall clock run too fast or too slow from now on."""
        self._set_at, self._wall_then = self.now(), self.wall()
        self.drift_ppm = ppm
        self.is_lying = True

    def correct(self) -> None:
        """Set the wall clock right, as a time server does."""
        self._set_at = self._wall_then = self.now()
        self.drift_ppm = 0

    def boot(self) -> None:
        """Begin a new boot; the wall goes on."""
        self.boots += 1
        self._booted_at = self.now()

    def instruments(self) -> Instruments:
        """What the shipped code sees during this boot."""
        return Instruments(self.wall, self.mono_ms, f"{self.machine}-boot-{self.boots}")
