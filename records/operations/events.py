"""Closures, outings and strikes as events (domain notes §4-6): what they shut, and whom they take elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from domain.french import short_date
from records.actors import Actor, Right
from records.database import Records
from records.models import CalendarEvent, SchoolClass, Service, Structure
from records.models.places import EVENT_KINDS, MINUTES_A_DAY
from records.operations.kept_lists import Kept, refs_by_id
from records.operations.lookup import add, by_ref, change, check_changes, invalid, refuse_known
from records.operations.paging import FIRST_PAGE, Page, PageAsked, paged
from records.operations.registry import Scope, operation
from records.operations.versions import check_range

EVENT_FIELDS = frozenset({"label", "starts_on", "ends_on", "start_minute", "end_minute", "comment"})


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A closure, an outing or a strike over days `[starts_on, ends_on)`; no structure, class or service = all.

    `strike_served`: a strike through which the service runs; it shuts nothing, the kitchen expects fewer.

    Minutes are local; without them the whole day. An outing names the class that is away.
    """

    ref: str
    kind: str
    label: str
    starts_on: date
    ends_on: date
    structure_ref: str | None = None
    class_ref: str | None = None
    service_ref: str | None = None
    start_minute: int | None = None
    end_minute: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event in the list; `is_cancelled`: it was taken back, and shuts nothing."""

    kept: Kept[NewEvent]
    is_cancelled: bool


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def add_event(records: Records, actor: Actor, event: NewEvent) -> int:
    """Record an event; returns its id. For the whole town the right must hold in the whole town.

    What it shuts opens no more and expects nobody; the pupils of a class that is away or not received are not
    expected: neither billed nor fed. Bookings stay as they are, so that taking the event back brings them back.
    """
    _check(event)
    with records.write(actor, "add_event") as write:
        session = write.session
        structure_id = by_ref(session, Structure, event.structure_ref).id if event.structure_ref else None
        actor.require(Right.DECIDE_ATTENDANCE, structure_id)
        refuse_known(session, CalendarEvent, [event.ref])
        school_class = by_ref(session, SchoolClass, event.class_ref) if event.class_ref else None
        if school_class is not None and school_class.structure_id != structure_id:
            raise invalid(f"La classe « {school_class.name} » n'est pas de cette structure.", event=event.ref)
        values = asdict(event)
        for name in ("structure_ref", "class_ref", "service_ref"):
            del values[name]
        row = CalendarEvent(
            **values,
            structure_id=structure_id,
            class_id=None if school_class is None else school_class.id,
            service_id=by_ref(session, Service, event.service_ref).id if event.service_ref else None,
        )
        return add(write, row)


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def cancel_event(records: Records, actor: Actor, ref: str, row_version: int | None = None) -> bool:
    """Take an event back: days open and children are expected as before. False when it was already taken back."""
    with records.write(actor, "cancel_event") as write:
        row = by_ref(write.session, CalendarEvent, ref)
        actor.require(Right.DECIDE_ATTENDANCE, row.structure_id)
        if row.cancelled_at is not None:
            return False
        return change(write, row, {"cancelled_at": write.now}, row_version=row_version)


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def edit_event(records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int) -> bool:
    """Change EVENT_FIELDS of an event that stands: its words, days and hours; another place is another event.

    Returns False when nothing differs. Raises Conflict, InvalidData, NotFound.
    """
    check_changes(changes, EVENT_FIELDS, frozenset({"label", "starts_on", "ends_on"}))
    with records.write(actor, "edit_event") as write:
        row = by_ref(write.session, CalendarEvent, ref)
        actor.require(Right.DECIDE_ATTENDANCE, row.structure_id)
        if row.cancelled_at is not None:
            raise invalid("Cet événement a été retiré : ajoutez-en un autre.", event=ref)
        refs = [refs_by_id(write.session, model) for model in (Structure, SchoolClass, Service)]
        _check(replace(_told(row, *refs), **dict(changes)))  # type: ignore[arg-type]
        return change(write, row, dict(changes), row_version=row_version)


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def list_events(
    records: Records, actor: Actor, days: tuple[date, date], asked: PageAsked = FIRST_PAGE
) -> Page[EventSeen]:
    """Return the events of the actor's places that touch the days `[first, last)`, those of all places included."""
    places = actor.structures_with(Right.DECIDE_ATTENDANCE)
    with records.read() as session:
        refs = [refs_by_id(session, model) for model in (Structure, SchoolClass, Service)]
        touched = (CalendarEvent.starts_on < days[1], CalendarEvent.ends_on > days[0])
        statement = select(CalendarEvent).where(*touched)
        if places is not None:
            here = CalendarEvent.structure_id.is_(None) | CalendarEvent.structure_id.in_(places)
            statement = statement.where(here)
        statement = statement.order_by(CalendarEvent.starts_on, CalendarEvent.id)
        return paged(session, statement, asked, lambda row: _seen(row[0], refs))


def _seen(row: CalendarEvent, refs: list[dict[int | None, str | None]]) -> EventSeen:
    return EventSeen(Kept(_told(row, *refs), row.row_version), row.cancelled_at is not None)


def _told(
    row: CalendarEvent,
    structures: Mapping[int | None, str | None],
    classes: Mapping[int | None, str | None],
    services: Mapping[int | None, str | None],
) -> NewEvent:
    pointers: dict[str, Any] = {
        "structure_ref": structures[row.structure_id],
        "class_ref": classes[row.class_id],
        "service_ref": services[row.service_id],
    }
    own = {each.name: getattr(row, each.name) for each in fields(NewEvent) if each.name not in pointers}
    return NewEvent(**own, **pointers)


def _check(event: NewEvent) -> None:
    if event.kind not in EVENT_KINDS:
        raise invalid(f"Nature d'événement inconnue : « {event.kind} ».", kind=event.kind)
    check_range(event.starts_on, event.ends_on)
    if event.class_ref and not event.structure_ref:
        raise invalid("Indiquez la structure de la classe.", event=event.ref)
    if event.kind == "outing" and not event.class_ref:
        raise invalid(
            f"Une sortie concerne une classe : dites laquelle est absente le {short_date(event.starts_on)}.",
            event=event.ref,
        )
    if event.kind == "strike_served" and event.class_ref:
        raise invalid(
            "Une grève où le service est assuré concerne un lieu ou la ville, pas une classe : une classe qui "
            "n'est pas reçue est une fermeture.",
            event=event.ref,
        )
    start, end = event.start_minute, event.end_minute
    if (start is None) != (end is None) or (
        start is not None and end is not None and not 0 <= start < end <= MINUTES_A_DAY
    ):
        raise invalid("Donnez l'heure de début et l'heure de fin, la fin après le début, ou aucune des deux.")
