"""Days asked for: book, cancel, declare absent; judged on the moment of receipt, whenever staff answer (notes §5).

A service set to « automatic » takes what comes in time at once; the portal shows the rest as waiting.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, TypeVar

from sqlalchemy import select

from domain.french import medium_date
from domain.schedule import in_force
from domain.time import local_minute
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import AbsenceReason, Booking, Person, Service, Structure
from records.operations.booking_terms import TermsBook
from records.operations.bookings import ABSENCE, NewBooking, add_bookings
from records.operations.lookup import by_ref, invalid
from records.operations.merged import ids_with_merged
from records.operations.own_bookings import book_own, is_alone
from records.requests.files import child_of
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import hours, joined

_DAYS_MAX = 400  # a whole school year, day by day
_WORDS = {
    "book": "réservé",
    "accept": "réservé",
    "cancel": "annulé",
    "absence": "absence déclarée",
    "wait": "en liste d'attente",
    "refuse": "refusé",
}


class DayV1(Payload):
    """One day to book or to cancel; minutes are local, for services booked from–to."""

    day: date
    action: Literal["book", "cancel"]
    formula: str | None = None
    start_minute: int | None = None
    end_minute: int | None = None


class BookingsV1(Payload):
    """Days of one child at one service and place."""

    child_ref: str
    service_ref: str
    structure_ref: str
    days: tuple[DayV1, ...]


class AbsencesV1(Payload):
    """Days on which a child will not come, and why: a reason of the list, or « other » in words."""

    child_ref: str
    service_ref: str
    structure_ref: str
    days: tuple[date, ...]
    reason_ref: str | None = None
    reason: str | None = None


D = TypeVar("D", BookingsV1, AbsencesV1)


class _DayKind(RequestKind[D]):
    """Days of one child at one service and place."""

    writing = frozenset({Right.EDIT_ENROLMENTS})

    @abstractmethod
    def bookings(self, asked: Asked[D]) -> list[NewBooking]:
        """Return the days as the desk would type them, received when the request was."""

    def look(self, asked: Asked[D]) -> Subject:
        """Return the days as they stand now; each is compared with what the family saw."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        service = by_ref(asked.session, Service, wanted.service_ref)
        place = by_ref(asked.session, Structure, wanted.structure_ref)
        if not 1 <= len(wanted.days) <= _DAYS_MAX:
            raise invalid(f"Choisissez entre un jour et {_DAYS_MAX}.")
        fields = tuple(self._fields(asked, child, service))
        if len({each.key for each in fields}) < len(fields):
            raise invalid("Le même jour est demandé deux fois : gardez-en un.")
        return Subject(fields, person_id=child.id, structure_id=place.id, service_id=service.id)

    def _fields(self, asked: Asked[D], child: Person, service: Service) -> Iterator[Field]:
        standing = _standing_days(asked, child, service, [each.day for each in self.bookings(asked)])
        for each in self.bookings(asked):
            new = joined(
                (_WORDS[each.action], each.formula, hours(each.start_minute, each.end_minute), each.reason)
            )
            label = medium_date(each.day).capitalize()
            yield Field(each.day.isoformat(), label, standing.get(each.day), new)

    def check_sender(self, write: Write, asked: Asked[D]) -> None:
        """Refuse what the service does not take on the portal."""
        terms = TermsBook(write.session, write.now)
        for each in self.bookings(asked):
            terms.refuse_portal(*_place_ids(asked), each.day)

    def apply_alone(self, records: Records, write: Write, asked: Asked[D]) -> tuple[str, ...] | None:
        """Book at once when the service takes every day by itself and in time."""
        terms = TermsBook(write.session, write.now)
        service_id, structure_id = _place_ids(asked)
        bookings = self.bookings(asked)
        if not all(is_alone(terms, (0, service_id, structure_id), each) for each in bookings):
            return None
        return tuple(answer.message for answer in book_own(records, write.actor, bookings))

    def apply(self, records: Records, actor: Actor, asked: Asked[D], given: Payload | None) -> tuple[str, ...]:
        """Book, cancel or declare absent; returns the sentence of each day."""
        return tuple(answer.message for answer in add_bookings(records, actor, self.bookings(asked)))

    def _booking(self, asked: Asked[D], day: date, **values: Any) -> NewBooking:
        wanted = asked.payload
        zone = asked.session.scalars(select(Structure.timezone).where(Structure.ref == wanted.structure_ref)).one()
        return NewBooking(
            person_ref=wanted.child_ref,
            service_ref=wanted.service_ref,
            structure_ref=wanted.structure_ref,
            day=day,
            channel=asked.channel,
            received_on=asked.received_on,
            received_minute=local_minute(asked.received_at, zone) if asked.channel == "portal" else None,
            batch_ref=asked.ref,
            **values,
        )


class Bookings(_DayKind[BookingsV1]):
    """« Réservations »: days to book or to cancel."""

    code = "bookings"
    label = "Réservations"
    payloads = (BookingsV1,)

    def bookings(self, asked: Asked[BookingsV1]) -> list[NewBooking]:
        """Return each day with its formula or hours."""
        return [
            self._booking(
                asked,
                each.day,
                action=each.action,
                formula=each.formula,
                start_minute=each.start_minute,
                end_minute=each.end_minute,
            )
            for each in asked.payload.days
        ]


class Absences(_DayKind[AbsencesV1]):
    """« Absences »: days on which a child will not come."""

    code = "absences"
    label = "Absences"
    payloads = (AbsencesV1,)

    def look(self, asked: Asked[AbsencesV1]) -> Subject:
        """Return the days, once the reason is one that families may choose."""
        subject = super().look(asked)
        wanted = asked.payload
        if (wanted.reason_ref is None) == (not wanted.reason):
            raise invalid("Choisissez le motif de l'absence dans la liste, ou écrivez-le.")
        if wanted.reason_ref is not None:
            reason = by_ref(asked.session, AbsenceReason, wanted.reason_ref)
            is_of_service = reason.service_id in (None, subject.service_id)
            holds = all(in_force(day, reason.valid_from, reason.valid_to) for day in wanted.days)
            if not (reason.is_for_families and is_of_service and holds):
                raise invalid(f"Le motif « {reason.label} » ne se choisit pas ici. Choisissez-en un autre.")
        return subject

    def bookings(self, asked: Asked[AbsencesV1]) -> list[NewBooking]:
        """Return each day as a declared absence, its reason in words."""
        wanted = asked.payload
        words = wanted.reason
        if wanted.reason_ref is not None:
            words = by_ref(asked.session, AbsenceReason, wanted.reason_ref).label
        return [
            self._booking(asked, day, action=ABSENCE, reason=words, absence_reason_ref=wanted.reason_ref)
            for day in wanted.days
        ]


def _place_ids(asked: Asked[Any]) -> tuple[int, int]:
    service = by_ref(asked.session, Service, asked.payload.service_ref)
    return service.id, by_ref(asked.session, Structure, asked.payload.structure_ref).id


def _standing_days(asked: Asked[Any], child: Person, service: Service, days: list[date]) -> dict[date, str | None]:
    """Return the last word on each day, in words; days that follow the weekly pattern have none."""
    rows = asked.session.scalars(
        select(Booking)
        .where(
            Booking.person_id.in_(ids_with_merged(asked.session, Person, child.id)),
            Booking.service_id == service.id,
            Booking.day.in_(days),
        )
        .order_by(Booking.seq)
    )
    return {
        row.day: joined((_WORDS[row.action], row.formula, hours(row.start_minute, row.end_minute), row.reason))
        for row in rows
    }
