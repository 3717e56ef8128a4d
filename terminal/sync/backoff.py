"""How long to wait after a failure: full jitter, from one second to five minutes (reliability notes §3.4)."""

from __future__ import annotations

import random
from dataclasses import dataclass

_DOUBLINGS_MAX = 20


@dataclass(slots=True)
class Backoff:
    """The waiting of one kind of request. Jitter keeps a town's terminals from coming back all at once."""

    random: random.Random
    base_seconds: float = 1.0
    cap_seconds: float = 300.0
    failures: int = 0

    def failed(self, at_least_seconds: float = 0.0) -> float:
        """Count a failure; return how long to wait, never less than the server asked for, never above the cap."""
        ceiling = min(self.cap_seconds, self.base_seconds * 2 ** min(self.failures, _DOUBLINGS_MAX))
        self.failures += 1
        return min(self.cap_seconds, max(at_least_seconds, self.random.uniform(0, ceiling)))

    def succeeded(self) -> None:
        """Forget the failures."""
        self.failures = 0
