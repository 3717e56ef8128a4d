"""Whether the weekly days of new enrolments fit: day by day from today on, after those who wait for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from domain.french import long_date
from domain.time import local_day
from records.database import Write
from records.models import Enrolment, SchoolYear, Structure
from records.operations.bookings import serve_days
from records.operations.lookup import invalid
from records.operations.place_days import PlaceDays, capacities_of


@dataclass(frozen=True, slots=True)
class _Judged:
    """An enrolment with weekly days, and the days of it that are judged, both included."""

    enrolment: Enrolment
    first_day: date
    last_day: date


class WeeklyPlaces:
    """Judges new enrolments: `serve_first` before they are written, `refuse_full` once they are.

    Days are judged until the end of the last recorded school year. What is past is a fact, and is not judged.
    """

    def __init__(self, write: Write, enrolments: Sequence[Enrolment]) -> None:
        self.write = write
        self._last_known = write.session.scalar(select(func.max(SchoolYear.ends_on)))
        self._at: dict[int, list[_Judged]] = {}
        places = sorted({each.structure_id for each in enrolments})
        for structure_id in [each for each in places if capacities_of(write.session, each)]:
            today = local_day(write.now, write.session.get_one(Structure, structure_id).timezone)
            for each in enrolments:
                judged = self._judged(each, today)
                if each.structure_id == structure_id and judged.first_day <= judged.last_day:
                    self._at.setdefault(structure_id, []).append(judged)

    def serve_first(self) -> None:
        """Give what is free on a day to those who have waited for it before anybody takes it weekly."""
        for structure_id, judged in self._at.items():
            serve_days(self.write, structure_id, *_span(judged))

    def refuse_full(self) -> None:
        """Raise InvalidData naming the first weekly day on which no place is left."""
        for structure_id, judged in self._at.items():
            days = PlaceDays(self.write.session, structure_id, *_span(judged))
            for each in judged:
                self._refuse_full(days, each)

    def _judged(self, enrolment: Enrolment, today: date) -> _Judged:
        end = self._last_known or enrolment.valid_from
        if enrolment.valid_to is not None:
            end = min(end, enrolment.valid_to)
        return _Judged(enrolment, max(enrolment.valid_from, today), end - timedelta(days=1))

    def _refuse_full(self, days: PlaceDays, judged: _Judged) -> None:
        enrolment = judged.enrolment
        for day, occupant in days.planned(enrolment.person_id, enrolment.service_id):
            if not judged.first_day <= day <= judged.last_day or not days.is_limited(enrolment.service_id, day):
                continue
            full = days.full_for(day, occupant)
            if full is not None:
                raise invalid(
                    f"Il n'y a plus de place le {long_date(day)} ({full}) : inscription refusée. "
                    "Choisissez d'autres jours, ou mettez l'enfant sur la liste d'attente.",
                    enrolment=enrolment.ref,
                    day=day,
                )


def _span(judged: Sequence[_Judged]) -> tuple[date, date]:
    return min(each.first_day for each in judged), max(each.last_day for each in judged)
