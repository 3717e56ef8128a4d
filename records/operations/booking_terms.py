"""The booking rules in force, and what a request received then may do (domain notes §5)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.deadlines import FREE, BookingTerms, Moment, Timing, deadline, timing
from domain.french import long_date, medium_date
from domain.time import local_day, local_minute
from records.models import BookingRule, Structure
from records.operations.lookup import invalid
from records.operations.schedule import service_days

_FIELDS = tuple(BookingTerms.__dataclass_fields__)


class TermsBook:
    """The terms of each service and place, read once while one transaction judges requests made `now` (µs UTC)."""

    def __init__(self, session: Session, now: int) -> None:
        self.session = session
        self._now = now
        self._rules: dict[int, list[BookingRule]] = {}
        for row in session.scalars(select(BookingRule)):
            self._rules.setdefault(row.service_id, []).append(row)
        self._open: dict[tuple[int, date], set[tuple[int, date]]] = {}
        self._zones: dict[int, str] = {}

    def terms(self, service_id: int, structure_id: int, day: date) -> BookingTerms:
        """Return the terms of a day: the place's own before the general ones, then the latest that have begun."""
        begun = [
            rule
            for rule in self._rules.get(service_id, ())
            if rule.structure_id in (None, structure_id) and rule.valid_from <= day
        ]
        rule = max(begun, key=lambda each: (each.structure_id is not None, each.valid_from, each.seq), default=None)
        return FREE if rule is None else BookingTerms(**{name: getattr(rule, name) for name in _FIELDS})

    def limit(self, service_id: int, structure_id: int, day: date) -> Moment | None:
        """Return the last moment to ask for a day."""
        terms = self.terms(service_id, structure_id, day)
        return deadline(terms, day, lambda other: self._is_open(service_id, structure_id, other))

    def timing(self, service_id: int, structure_id: int, day: date, asked: Moment) -> Timing:
        """Return how a request received then stands for that day."""
        terms = self.terms(service_id, structure_id, day)
        return timing(terms, asked, self.limit(service_id, structure_id, day))

    def refuse_portal(self, service_id: int, structure_id: int, day: date) -> None:
        """Raise InvalidData when the service takes nothing on the portal."""
        if self.terms(service_id, structure_id, day).portal_mode in ("hidden", "information"):
            raise invalid("Ce service ne prend pas de demande en ligne. Écrivez-lui ou passez le voir.")

    def now(self, structure_id: int) -> Moment:
        """Return the local day and minute at a place."""
        if structure_id not in self._zones:
            rows = self.session.execute(select(Structure.id, Structure.timezone))
            self._zones.update({row.id: row.timezone for row in rows})
        zone = self._zones[structure_id]
        return Moment(local_day(self._now, zone), local_minute(self._now, zone))

    def _is_open(self, service_id: int, structure_id: int, day: date) -> bool:
        month = day.replace(day=1)  # read month by month: a deadline seldom looks further back than two
        if (structure_id, month) not in self._open:
            last_day = month + timedelta(days=monthrange(month.year, month.month)[1] - 1)
            opened = service_days(self.session, month, last_day, structure_id)
            self._open[structure_id, month] = {(each.service_id, each.day) for each in opened}
        return (service_id, day) in self._open[structure_id, month]


def refuse_early_or_closed(terms: BookingTerms, when: Timing, service: str) -> None:
    """Raise InvalidData before bookings open and after they close: from or until when it was possible."""
    if when is Timing.TOO_EARLY and terms.opens_on is not None:
        raise invalid(
            f"{service} : les réservations ouvrent le {long_date(terms.opens_on)}. Revenez à partir de ce jour.",
            opens_on=terms.opens_on,
        )
    if when is Timing.CLOSED and terms.closes_on is not None:
        raise invalid(
            f"{service} : les réservations de cette période étaient possibles jusqu'au "
            f"{long_date(terms.closes_on - timedelta(days=1))}. Écrivez au service.",
            closes_on=terms.closes_on,
        )


def refuse_late(limit: Moment | None, action: str, service: str, day: date) -> None:
    """Raise InvalidData past the deadline: since when it has passed, what stays, what can still be done."""
    if action == "cancel":
        raise invalid(
            f"{service} : le délai est passé depuis {limit}. Le {medium_date(day)} reste réservé et facturé. "
            "Vous pouvez déclarer une absence.",
            limit=str(limit),
            day=day,
        )
    raise invalid(
        f"{service} : le délai pour réserver le {medium_date(day)} est passé depuis {limit}. "
        "Choisissez un autre jour, ou appelez le service.",
        limit=str(limit),
        day=day,
    )
