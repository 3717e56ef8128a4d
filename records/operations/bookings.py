"""Bookings day by day: book, cancel, declare an absence, wait, and be served in order (domain notes §5).

Judged here: an open day, an enrolment in force, the deadline on the date of receipt and the channel, the places.
Everything of one call is one transaction, and whoever comes second sees what the first one took.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from domain.deadlines import Timing, received
from domain.french import medium_date, typeset
from domain.schedule import EXPECTING_ACTIONS
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Booking, Structure
from records.operations.booking_facts import BookingFacts, NewBooking, facts_of
from records.operations.booking_terms import TermsBook, refuse_early_or_closed, refuse_late
from records.operations.lookup import by_ref, invalid
from records.operations.place_days import PlaceDays, Wanted
from records.operations.registry import Scope, operation
from records.operations.waiting import WAIT, Waiter, waited_days, waiters

__all__ = ["BookingAnswer", "NewBooking", "add_bookings", "book", "cancel", "declare_absence", "serve_waiting"]

ABSENCE, ACCEPT, BOOK, CANCEL = "absence", "accept", "book", "cancel"
_GIVES_BACK = frozenset({CANCEL, "refuse"})
IMPORT = "import"


@dataclass(frozen=True, slots=True)
class BookingAnswer:
    """What became of a request: the booking's id, what was recorded, and the sentence to show.

    `rank` is the place on the waiting list, from 1. A late cancellation may have become an absence.
    """

    id: int
    action: str
    message: str
    rank: int | None = None


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE, also=frozenset({Right.DECIDE_REQUESTS, Right.IMPORT_DATA}))
def book(records: Records, actor: Actor, booking: NewBooking) -> BookingAnswer:
    """Book a day; where none is left and the service has a waiting list, wait for it."""
    return add_bookings(records, actor, [replace(booking, action=BOOK)])[0]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE, also=frozenset({Right.DECIDE_REQUESTS, Right.IMPORT_DATA}))
def cancel(records: Records, actor: Actor, booking: NewBooking) -> BookingAnswer:
    """Cancel a day: it is neither expected nor billed, and the next one waiting has the place."""
    return add_bookings(records, actor, [replace(booking, action=CANCEL)])[0]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE, also=frozenset({Right.DECIDE_REQUESTS, Right.IMPORT_DATA}))
def declare_absence(records: Records, actor: Actor, booking: NewBooking) -> BookingAnswer:
    """Declare an absence: not expected, but billed unless it is decided justified. It keeps the place."""
    return add_bookings(records, actor, [replace(booking, action=ABSENCE)])[0]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE, also=frozenset({Right.DECIDE_REQUESTS, Right.IMPORT_DATA}))
def add_bookings(records: Records, actor: Actor, bookings: Sequence[NewBooking]) -> list[BookingAnswer]:
    """Add bookings in one transaction, in order; all or nothing. Raises InvalidData, in words for the family.

    Refused: a closed day, no enrolment in force, bookings not open yet or past their deadline, no place left and no
    waiting list. `despite` says why somebody with the right to decide lets a late one pass. « import » tells what
    happened elsewhere: neither deadlines nor places judge it, and it takes the right to import.
    """
    if not bookings:
        return []
    with records.write(actor, "book") as write:
        return write_bookings(write, bookings)


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def serve_waiting(records: Records, actor: Actor, structure_ref: str, day: date) -> list[int]:
    """Give the places of a day to those who wait, in order: after a capacity was raised. Returns their bookings."""
    with records.write(actor, "serve_waiting") as write:
        structure_id = by_ref(write.session, Structure, structure_ref).id
        actor.require(Right.EDIT_ENROLMENTS, structure_id)
        desk = _Desk(write, BookingFacts.of_nothing(write), [day])
        desk.serve(structure_id, day)
        return [row.id for row in desk.save()]


def serve_days(write: Write, structure_id: int, first_day: date, last_day: date) -> list[int]:
    """Serve those who wait for a day from the first to the last, both included, inside an open write.

    Returns the bookings that give them the place.
    """
    days = waited_days(write.session, structure_id, first_day, last_day)
    if not days:
        return []
    desk = _Desk(write, BookingFacts.of_nothing(write), days)
    for day in days:
        desk.serve(structure_id, day)
    return [row.id for row in desk.save()]


def write_bookings(write: Write, bookings: Sequence[NewBooking]) -> list[BookingAnswer]:
    """Judge and write bookings inside an open write: what an accepted request calls too."""
    facts = facts_of(write, bookings)
    return answer_all(facts, bookings)


def answer_all(facts: BookingFacts, bookings: Sequence[NewBooking]) -> list[BookingAnswer]:
    """Judge and write bookings whose author has the right to ask."""
    write = facts.write
    desk = _Desk(write, facts, [each.day for each in bookings])
    answers = [desk.answer(number, each) for number, each in enumerate(bookings)]
    rows = desk.save()
    for each, row in zip(bookings, rows, strict=False):
        told = {name: value for name, value in asdict(each).items() if value is not None}
        write.audit("booking", row.id, old=None, new={**told, "action": row.action})
    return [replace(answer, id=row.id) for answer, row in zip(answers, rows, strict=False)]


class _Desk:
    """Answers the requests of one transaction one after the other, each seeing those before it."""

    def __init__(self, write: Write, facts: BookingFacts, days: Sequence[date]) -> None:
        self.write = write
        self.facts = facts
        self.terms = TermsBook(write.session, write.now)
        self._days = (min(days), max(days))
        self._places: dict[int, PlaceDays] = {}
        self._queues: dict[tuple[int, date], list[Waiter]] = {}
        self._rows: list[Booking] = []
        self._served: list[Booking] = []

    def answer(self, number: int, each: NewBooking) -> BookingAnswer:
        """Judge one request and prepare its row."""
        person_id, service_id, structure_id = self.facts.keys[number]
        wanted = Wanted(person_id, service_id, each.day, each.formula, each.start_minute, each.end_minute)
        action = self._judged(number, each)
        rank: int | None = None
        if action in EXPECTING_ACTIONS and self._is_counted(structure_id, each):
            action, rank = self._seated(number, wanted, action, each)
        if action == WAIT and rank is None:
            rank = self._rank(number, wanted, each)
        row = self.facts.row(number, each, action, self._is_late(number, each))
        self.write.session.add(row)  # flushed before the next query: whoever comes next sees it
        self._rows.append(row)
        if rank is None:
            self._leave_queue(structure_id, wanted)
        if action in _GIVES_BACK:
            self._give_back(structure_id, wanted)
        return BookingAnswer(0, action, self._message(number, each, action, rank), rank)

    def serve(self, structure_id: int, day: date) -> None:
        """Give what is free on a day to those who wait, in order; who does not fit lets the next ones pass."""
        if day < self.terms.now(structure_id).day:
            return
        places = self._at(structure_id)
        for waiter in list(self._queue(structure_id, day)):
            occupant = places.occupant(waiter.wanted)
            if occupant is not None and places.full_for(day, occupant) is None:
                places.put(day, occupant)
                self._queue(structure_id, day).remove(waiter)
                row = self.facts.served(waiter, structure_id)
                self.write.session.add(row)
                self._served.append(row)

    def save(self) -> list[Booking]:
        """Write what is left and audit those served; returns the rows of the requests, else of those served."""
        self.write.session.flush()
        for row in self._served:
            self.write.audit("booking", row.id, old={"action": WAIT}, new={"action": ACCEPT, "day": row.day})
        return self._rows or self._served

    def _judged(self, number: int, each: NewBooking) -> str:
        """Return what to record for a request by its dates; raises InvalidData when it is refused."""
        person_id, service_id, structure_id = self.facts.keys[number]
        terms = self.terms.terms(service_id, structure_id, each.day)
        # Without its hours a day booked from–to could be neither seated nor billed, whoever lets it pass.
        if terms.is_from_to and each.action in (*EXPECTING_ACTIONS, WAIT) and each.start_minute is None:
            raise invalid("Indiquez l'heure d'arrivée et l'heure de départ.", day=each.day)
        if each.action not in (BOOK, CANCEL, WAIT) or each.channel == IMPORT or each.despite:
            return each.action
        if each.action == CANCEL and self._waits(person_id, service_id, structure_id, each.day):
            return each.action  # who has no place yet may leave the waiting list whenever they like
        when = self.terms.timing(
            service_id, structure_id, each.day, received(each.received_on, each.received_minute)
        )
        refuse_early_or_closed(terms, when, self.facts.labels[service_id])
        if when is not Timing.LATE or terms.after_deadline == "accepted":
            return each.action
        if terms.after_deadline == "billed":
            return ABSENCE if each.action == CANCEL else each.action
        limit = self.terms.limit(service_id, structure_id, each.day)
        refuse_late(limit, each.action, self.facts.labels[service_id], each.day)
        return each.action

    def _is_late(self, number: int, each: NewBooking) -> bool:
        """Return whether the terms let a request pass although its deadline had: a tariff may ask more for it."""
        if each.channel == IMPORT or each.despite:
            return False
        _, service_id, structure_id = self.facts.keys[number]
        if self.terms.terms(service_id, structure_id, each.day).after_deadline == "refused":
            return False
        asked = received(each.received_on, each.received_minute)
        return self.terms.timing(service_id, structure_id, each.day, asked) is Timing.LATE

    def _waits(self, person_id: int, service_id: int, structure_id: int, day: date) -> bool:
        mine = (person_id, service_id)
        return any((w.wanted.person_id, w.wanted.service_id) == mine for w in self._queue(structure_id, day))

    def _is_counted(self, structure_id: int, each: NewBooking) -> bool:
        """Places are judged from today on: a presence of yesterday is a fact, whatever the capacity was."""
        return each.channel != IMPORT and each.day >= self.terms.now(structure_id).day

    def _seated(self, number: int, wanted: Wanted, action: str, each: NewBooking) -> tuple[str, int | None]:
        """Give a place, or a rank on the waiting list; raises InvalidData when there is neither."""
        structure_id = self.facts.keys[number][2]
        places = self._at(structure_id)
        if not places.is_limited(wanted.service_id, wanted.day):
            return action, None
        # Those who wait come first, should something be free.
        self.serve(structure_id, wanted.day)
        occupant = places.occupant(wanted)
        assert occupant is not None  # the day is open and an enrolment in force: facts_of has looked
        full = places.full_for(wanted.day, occupant)
        if full is None:
            places.put(wanted.day, occupant)
            return action, None
        if action == BOOK and self.terms.terms(wanted.service_id, structure_id, wanted.day).has_waiting_list:
            return WAIT, self._rank(number, wanted, each)
        raise invalid(
            f"Il n'y a plus de place le {medium_date(wanted.day)} ({full}). Choisissez un autre jour.",
            day=wanted.day,
        )

    def _rank(self, number: int, wanted: Wanted, each: NewBooking) -> int:
        queue = self._queue(self.facts.keys[number][2], wanted.day)
        of_service = [other for other in queue if other.wanted.service_id == wanted.service_id]
        for rank, other in enumerate(of_service, 1):
            if other.wanted.person_id == wanted.person_id:
                other.wanted = wanted
                return rank
        since_id = max((other.since_id for other in queue), default=0) + 1
        received_as = (each.received_on, each.received_minute, self._is_late(number, each))
        queue.append(Waiter(wanted, each.channel, *received_as, each.batch_ref, since_id))
        return len(of_service) + 1

    def _leave_queue(self, structure_id: int, wanted: Wanted) -> None:
        queue = self._queues.get((structure_id, wanted.day), [])
        mine = (wanted.person_id, wanted.service_id)
        queue[:] = [each for each in queue if (each.wanted.person_id, each.wanted.service_id) != mine]

    def _give_back(self, structure_id: int, wanted: Wanted) -> None:
        """Free a place and serve those who wait. Without anybody waiting nothing needs to be counted."""
        if structure_id in self._places:
            self._places[structure_id].remove(wanted.person_id, wanted.service_id, wanted.day)
        if self._queue(structure_id, wanted.day):
            self._at(structure_id).remove(wanted.person_id, wanted.service_id, wanted.day)
            self.serve(structure_id, wanted.day)

    def _at(self, structure_id: int) -> PlaceDays:
        if structure_id not in self._places:
            self._places[structure_id] = PlaceDays(self.write.session, structure_id, *self._days)
        return self._places[structure_id]

    def _queue(self, structure_id: int, day: date) -> list[Waiter]:
        key = (structure_id, day)
        if key not in self._queues:
            self._queues[key] = waiters(self.write.session, structure_id, day)
        return self._queues[key]

    def _message(self, number: int, each: NewBooking, action: str, rank: int | None) -> str:
        child = self.facts.first_names[self.facts.keys[number][0]]
        service = self.facts.labels[self.facts.keys[number][1]]
        if rank is not None:
            place = "en tête de" if rank == 1 else f"{rank}e sur"
            said = f"{child} est {place} la liste d'attente : {service}, {medium_date(each.day)}."
            return typeset(said if each.action == WAIT else f"Il n'y a plus de place ce jour-là. {said}")
        said = {
            BOOK: f"Réservation enregistrée : {service}, {child}, {medium_date(each.day)}.",
            ACCEPT: f"Réservation acceptée : {service}, {child}, {medium_date(each.day)}.",
            CANCEL: "Réservation annulée. Rien ne sera facturé.",
            ABSENCE: f"Absence déclarée pour {child}. Ce jour reste facturé, sauf si le service la dit justifiée.",
            "refuse": f"Réservation refusée : {service}, {child}, {medium_date(each.day)}.",
        }[action]
        if action == ABSENCE and each.action == CANCEL:
            said = f"Le délai d'annulation est passé. {said}"
        return typeset(said)
