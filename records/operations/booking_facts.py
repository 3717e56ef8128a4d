"""What requests name, looked up once and checked: people, services, places, reasons, open days, enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.french import long_date
from domain.schedule import EXPECTING_ACTIONS, EnrolmentSchedule, in_force
from records.actors import Actor, Right
from records.database import Write
from records.models import AbsenceReason, Booking, Enrolment, Person, Service, ServiceFormula, Structure
from records.operations.lookup import chunks, ids_by_ref, invalid
from records.operations.merged import kept_ids_by_ref
from records.operations.openings import OpeningBook
from records.operations.schedule import schedules_of, service_days
from records.operations.waiting import Waiter

ACTIONS = ("book", "cancel", "absence", "accept", "refuse", "wait")


@dataclass(frozen=True, slots=True)
class NewBooking:
    """One word on one day: book, cancel, absence, accept, refuse or wait.

    `received_on` judges the deadline, with `received_minute` (local) where the channel knows it: the portal.
    `start_minute` and `end_minute` are local, for services booked from–to. `batch_ref` joins one gesture's days.
    """

    person_ref: str
    service_ref: str
    structure_ref: str
    day: date
    channel: str
    received_on: date
    formula: str | None = None
    reason: str | None = None
    action: str = "book"
    start_minute: int | None = None
    end_minute: int | None = None
    received_minute: int | None = None
    absence_reason_ref: str | None = None
    batch_ref: str | None = None
    despite: str | None = None


@dataclass
class BookingFacts:
    """The ids behind the requests, and the next `seq` of each person × service × day."""

    write: Write
    keys: list[tuple[int, int, int]] = field(default_factory=list)
    first_names: dict[int, str] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    last_seq: dict[tuple[int, int, date], int] = field(default_factory=dict)

    @classmethod
    def of_nothing(cls, write: Write) -> BookingFacts:
        """Return facts without a request: for serving those who wait."""
        return cls(write)

    def row(self, number: int, each: NewBooking, action: str, is_late: bool) -> Booking:
        """Return the row of a request, not yet written; late: let pass although its deadline had."""
        person_id, service_id, structure_id = self.keys[number]
        return Booking(
            person_id=person_id,
            service_id=service_id,
            structure_id=structure_id,
            day=each.day,
            seq=self._next_seq(person_id, service_id, each.day),
            action=action,
            formula=each.formula,
            start_minute=each.start_minute,
            end_minute=each.end_minute,
            reason=each.despite or each.reason,
            absence_reason_id=self.reasons[each.absence_reason_ref] if each.absence_reason_ref else None,
            batch_ref=each.batch_ref,
            channel=each.channel,
            received_on=each.received_on,
            received_minute=each.received_minute,
            is_late=is_late,
            recorded_at=self.write.now,
            recorded_by=self.write.actor.signature,
        )

    def served(self, waiter: Waiter, structure_id: int) -> Booking:
        """Return the row that gives a waiter the place, as they had asked for it."""
        wanted = waiter.wanted
        return Booking(
            person_id=wanted.person_id,
            service_id=wanted.service_id,
            structure_id=structure_id,
            day=wanted.day,
            seq=self._next_seq(wanted.person_id, wanted.service_id, wanted.day),
            action="accept",
            formula=wanted.formula,
            start_minute=wanted.start_minute,
            end_minute=wanted.end_minute,
            reason="Place libérée",
            batch_ref=waiter.batch_ref,
            channel=waiter.channel,
            received_on=waiter.received_on,
            received_minute=waiter.received_minute,
            is_late=waiter.is_late,
            recorded_at=self.write.now,
            recorded_by=self.write.actor.signature,
        )

    def _next_seq(self, person_id: int, service_id: int, day: date) -> int:
        key = (person_id, service_id, day)
        if key not in self.last_seq:
            of_key = (Booking.person_id == person_id, Booking.service_id == service_id, Booking.day == day)
            self.last_seq[key] = self.write.session.scalar(select(func.max(Booking.seq)).where(*of_key)) or 0
        self.last_seq[key] += 1
        return self.last_seq[key]


def facts_of(write: Write, bookings: Sequence[NewBooking], *, is_own: bool = False) -> BookingFacts:
    """Look up and check requests; raises NotFound, NotAllowed or InvalidData.

    Own: a family's, for its own children; its caller has looked whose they are.
    """
    session = write.session
    people = kept_ids_by_ref(session, Person, [each.person_ref for each in bookings])
    services = ids_by_ref(session, Service, [each.service_ref for each in bookings])
    structures = ids_by_ref(session, Structure, [each.structure_ref for each in bookings])
    for each in bookings:
        _check_words(each)
        if not is_own:
            _require_rights(write.actor, each, structures[each.structure_ref])
    facts = BookingFacts(
        write,
        [
            (people[each.person_ref], services[each.service_ref], structures[each.structure_ref])
            for each in bookings
        ],
        reasons=ids_by_ref(
            session, AbsenceReason, [e.absence_reason_ref for e in bookings if e.absence_reason_ref]
        ),
    )
    labels = session.execute(select(Service.id, Service.label).where(Service.id.in_(services.values())))
    facts.labels.update({row.id: row.label for row in labels})
    _load_people(session, facts, sorted(people.values()))
    _check_formulas(session, bookings, facts)
    _check_days(session, bookings, facts)
    _check_hours(session, bookings, facts)
    return facts


def known_formulas(session: Session) -> set[tuple[int, str]]:
    """Return every formula that may be chosen, as service and code."""
    return {(row.service_id, row.code) for row in session.scalars(select(ServiceFormula))}


def spans_of(session: Session, people: Sequence[int]) -> dict[tuple[int, int], list[EnrolmentSchedule]]:
    """Return everything these people are enrolled in, by person and service."""
    found: dict[tuple[int, int], list[EnrolmentSchedule]] = {}
    for part in chunks(sorted(set(people))):
        for each in schedules_of(session, [Enrolment.person_id.in_(part)], []):
            found.setdefault((each.child_id, each.service_id), []).append(each)
    return found


def _require_rights(actor: Actor, each: NewBooking, structure_id: int) -> None:
    actor.require(Right.EDIT_ENROLMENTS, structure_id)
    if each.despite or each.action in ("accept", "refuse"):  # nobody judges these by a deadline
        actor.require(Right.DECIDE_REQUESTS, structure_id)
    if each.channel == "import":
        actor.require(Right.IMPORT_DATA)


def _check_words(each: NewBooking) -> None:
    if each.action not in ACTIONS:
        raise invalid(f"Demande inconnue : « {each.action} ».", action=each.action)
    start, end = each.start_minute, each.end_minute
    if (start is None) != (end is None):
        raise invalid("Indiquez l'heure d'arrivée et l'heure de départ.", day=each.day)
    if start is not None and end is not None and not 0 <= start < end <= 24 * 60:
        raise invalid("L'heure de départ doit venir après l'heure d'arrivée, le même jour.", day=each.day)


def _check_formulas(session: Session, bookings: Sequence[NewBooking], facts: BookingFacts) -> None:
    if all(each.formula is None for each in bookings):
        return
    known = known_formulas(session)
    for each, (_, service_id, _) in zip(bookings, facts.keys, strict=True):
        if each.formula is not None and (service_id, each.formula) not in known:
            raise invalid(
                f"Le service « {facts.labels[service_id]} » n'a pas de formule « {each.formula} ». "
                "Choisissez une formule du service.",
                formula=each.formula,
            )


def _check_hours(session: Session, bookings: Sequence[NewBooking], facts: BookingFacts) -> None:
    """Raise InvalidData for hours asked for while the place is shut; an import takes those it is given."""
    asked = [
        (facts.keys[number][2], each.day, (each.start_minute, each.end_minute))
        for number, each in enumerate(bookings)
        if each.start_minute is not None
        and each.end_minute is not None
        and each.action in (*EXPECTING_ACTIONS, "wait")
        and each.channel != "import"
    ]
    if asked:
        days = [day for _, day, _ in asked]
        book = OpeningBook(session, min(days), max(days))
        for structure_id, day, minutes in asked:
            book.refuse_shut(structure_id, day, minutes)


def _load_people(session: Session, facts: BookingFacts, people: Sequence[int]) -> None:
    for part in chunks(people):
        names = session.execute(select(Person.id, Person.first_name).where(Person.id.in_(part)))
        facts.first_names.update({row.id: row.first_name for row in names})
        rows = session.execute(
            select(Booking.person_id, Booking.service_id, Booking.day, func.max(Booking.seq))
            .where(Booking.person_id.in_(part))
            .group_by(Booking.person_id, Booking.service_id, Booking.day)
        )
        facts.last_seq.update({(person_id, service_id, day): seq for person_id, service_id, day, seq in rows})


def _check_days(session: Session, bookings: Sequence[NewBooking], facts: BookingFacts) -> None:
    days = [each.day for each in bookings]
    opened = {(o.service_id, o.structure_id, o.day) for o in service_days(session, min(days), max(days))}
    enrolled = spans_of(session, [person_id for person_id, _, _ in facts.keys])
    for each, (person_id, service_id, structure_id) in zip(bookings, facts.keys, strict=True):
        service = facts.labels[service_id]
        asks = each.action in EXPECTING_ACTIONS or each.action == "wait"
        if asks and (service_id, structure_id, each.day) not in opened:
            raise invalid(f"Le service « {service} » est fermé le {long_date(each.day)}.", day=each.day)
        if not any(
            span.structure_id == structure_id and in_force(each.day, span.valid_from, span.valid_to)
            for span in enrolled.get((person_id, service_id), ())
        ):
            raise invalid(
                f"Aucune inscription à « {service} » n'est en cours le {long_date(each.day)}. "
                "Inscrivez d'abord l'enfant.",
                person=each.person_ref,
                day=each.day,
            )
