"""What can be noted since a declaration was frozen, and over which days it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from records.models import Structure


@dataclass(frozen=True, slots=True)
class Span:
    """The days `[first, end)` of a place that a declaration tells, and the instant (µs UTC) to look from."""

    structure: Structure
    first: date
    end: date
    since: int


@dataclass(frozen=True, slots=True)
class NotedSince:
    """Something noted since: what it is, the days it may have moved, when and by whom; `recorded_at` is µs UTC.

    `service_ref` None: any service. `last` None: from `first` on. `weekday` (0 = Monday) is given where only that
    day of the week may have moved. `detail` are the words of whoever noted it.
    """

    service_ref: str | None
    first: date
    last: date | None
    what: str
    detail: str | None
    recorded_at: int
    recorded_by: str
    weekday: int | None = None

    def concerns(self, service_ref: str, day: date) -> bool:
        """Say whether it may have moved a day at a service."""
        return (
            self.service_ref in (None, service_ref)
            and self.first <= day
            and (self.last is None or day <= self.last)
            and self.weekday in (None, day.weekday())
        )
