"""Presences that nobody expected, until a coordinator gives them to a child who is enrolled (domain notes §6).

A name that was typed or a badge nobody knows is attached to a child; the same presence is then billed. The file and
the enrolment come first: `families.create_family`, then the enrolment with the attachment, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.attendance import DayService, DayTap, service_of
from domain.french import long_date
from domain.names import search_key
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Device, Person, Service, Structure, Tap
from records.operations.attendance import Decision, write_decisions
from records.operations.attendance_days import AttendedDay, attended_days, enrolled_on
from records.operations.enrolments import NewEnrolment, write_enrolments
from records.operations.lookup import by_ref, chunks, invalid
from records.operations.merged import kept_by_ref
from records.operations.presence_rows import badge_children, day_taps, offered_services
from records.operations.registry import Scope, operation

NOT_ENROLLED = "not_enrolled"
_DISTRUST = {
    "doubtful_time": "L'heure de ce pointage est impossible : saisissez l'arrivée ou le départ de l'enfant.",
    "revoked_device": "Ce pointage vient d'une borne retirée du service : saisissez l'arrivée ou le départ.",
}


@dataclass(frozen=True, slots=True)
class UnexpectedPresence:
    """Something for the worklist: a day's taps of one badge or typed name, or a child present and not enrolled.

    `reason` is that of the unresolved taps (`fct_unresolved_taps`), or `not_enrolled`, then with child and service.
    """

    day: date
    reason: str
    first_minute: int
    tap_ids: tuple[str, ...] = ()
    badge_uid: str | None = None
    typed_name: str | None = None
    child_ref: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    service_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Taps of one place and day given to a child. No service: the one that was claimed, or open at that minute.

    `enrolment` enrols the child at the same time; it must hold that day, for that service.
    """

    tap_ids: tuple[str, ...]
    child_ref: str
    reason: str
    service_ref: str | None = None
    enrolment: NewEnrolment | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """The decisions, and whether the child is enrolled that day: without, the presence waits to be billed."""

    decision_ids: tuple[int, ...]
    is_enrolled: bool


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def unexpected_presences(
    records: Records, actor: Actor, structure_ref: str, first_day: date, last_day: date
) -> list[UnexpectedPresence]:
    """Return what waits for a child or an enrolment at a place over days, both included, by day and hour."""
    with records.read() as session:
        place = by_ref(session, Structure, structure_ref)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        services = {row.ref: row.id for row in session.execute(select(Service.ref, Service.id))}
        found: list[UnexpectedPresence] = []
        for day in attended_days(session, place, (first_day, last_day), records.clock(), with_closed=True):
            found += _unknown(day)
            enrolled = enrolled_on(session, day.board.day)
            for seen in day.present():
                child = seen.child
                if (child.child_id, services[seen.service.service_ref]) not in enrolled:
                    minute = child.arrived_minute if child.arrived_minute is not None else child.left_minute
                    found.append(
                        UnexpectedPresence(
                            seen.day,
                            NOT_ENROLLED,
                            seen.service.slot_start_minute if minute is None else minute,
                            child_ref=child.child_ref,
                            first_name=child.first_name,
                            last_name=child.last_name,
                            service_ref=seen.service.service_ref,
                        )
                    )
        return sorted(found, key=lambda each: (each.day, each.first_minute, each.reason))


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE, also=frozenset({Right.EDIT_ENROLMENTS}))
def attach_presence(records: Records, actor: Actor, attachment: Attachment) -> Attached:
    """Give taps to a child, and enrol it when that is asked; all or nothing. A later attachment of a tap stands.

    Raises InvalidData for a tap that has its child, whose time cannot be right, or that no service explains.
    """
    with records.write(actor, "attach_presence") as write:
        session = write.session
        place, day = _place_and_day(session, attachment.tap_ids)
        actor.require(Right.DECIDE_ATTENDANCE, place.id)
        places = {place.id: place}
        of_day = day_taps(session, places, day, attachment.tap_ids, None)
        taps = [each for each in of_day if each.tap.tap_id in attachment.tap_ids]
        _refuse_known(session, taps, day)
        service_ref = _service(attachment, taps, offered_services(session, places, day)[place.id])
        if attachment.enrolment is not None:
            _check_enrolment(attachment, service_ref, day)
            write_enrolments(write, [attachment.enrolment])
        return _attached(write, attachment, (service_ref, place.ref, day))


def _attached(write: Write, attachment: Attachment, where: tuple[str, str, date]) -> Attached:
    service_ref, structure_ref, day = where
    decisions = [
        Decision(attachment.child_ref, service_ref, structure_ref, day, "attach", attachment.reason, tap_id=tap_id)
        for tap_id in attachment.tap_ids
    ]
    ids = write_decisions(write, decisions)
    key = (
        kept_by_ref(write.session, Person, attachment.child_ref).id,
        by_ref(write.session, Service, service_ref).id,
    )
    return Attached(tuple(ids), key in enrolled_on(write.session, day))


def _unknown(day: AttendedDay) -> Iterator[UnexpectedPresence]:
    """Yield the unresolved taps of a day, those of one badge or one typed name together."""
    groups: dict[tuple[str, str | None, str | None], list[int]] = {}
    for number, tap in enumerate(day.board.unknown):
        name = None if tap.typed_name is None else search_key(tap.typed_name)
        alone = None if tap.badge_uid or name else tap.tap_id
        groups.setdefault((tap.reason, tap.badge_uid or alone, name), []).append(number)
    for (reason, _, _), numbers in groups.items():
        taps = [day.board.unknown[number] for number in numbers]
        yield UnexpectedPresence(
            day.board.day,
            reason,
            min(tap.occurred_minute for tap in taps),
            tuple(tap.tap_id for tap in taps),
            taps[0].badge_uid,
            taps[0].typed_name,
        )


def _place_and_day(session: Session, tap_ids: Sequence[str]) -> tuple[Structure, date]:
    found: list[tuple[str, int, int]] = []
    for part in chunks(sorted(set(tap_ids))):
        rows = select(Tap.tap_id, Device.structure_id, Tap.occurred_at_corrected)
        known = session.execute(rows.join(Device, Device.id == Tap.device_id).where(Tap.tap_id.in_(part)))
        found += [(tap_id, structure_id, occurred_at) for tap_id, structure_id, occurred_at in known]
    if not found or len(found) < len(set(tap_ids)):
        raise invalid("Le pointage à rattacher n'existe pas. Rechargez la liste.", tap_ids=list(tap_ids))
    places = {structure_id for _, structure_id, _ in found}
    place = session.get_one(Structure, min(places))
    days = {local_day(occurred_at, place.timezone) for _, _, occurred_at in found}
    if len(places) > 1 or len(days) > 1:
        raise invalid("Ces pointages ne sont pas du même lieu et du même jour : rattachez-les en plusieurs fois.")
    return place, min(days)


def _refuse_known(session: Session, taps: Sequence[DayTap], day: date) -> None:
    badges = badge_children(session, {each.badge_uid for each in taps if each.badge_uid}, day)
    for each in taps:
        if each.distrust is not None:
            raise invalid(_DISTRUST[each.distrust], tap_id=each.tap.tap_id)
        if each.child_id is not None or each.badge_uid in badges:
            raise invalid(
                "Ce pointage est déjà celui d'un enfant : corrigez son arrivée, son départ ou son badge.",
                tap_id=each.tap.tap_id,
            )


def _service(attachment: Attachment, taps: Sequence[DayTap], offered: dict[str, DayService]) -> str:
    if attachment.service_ref is not None:
        found: set[str | None] = {attachment.service_ref}
    else:
        found = {service_of(each, offered) for each in taps}
    service_ref = found.pop() if len(found) == 1 else None
    if service_ref is None:
        raise invalid("Ces pointages n'ont pas un seul service : dites duquel il s'agit.")
    if service_ref not in offered or not offered[service_ref].is_open:
        raise invalid("Ce service n'était pas ouvert ce jour-là à cet endroit : choisissez-en un autre.")
    return service_ref


def _check_enrolment(attachment: Attachment, service_ref: str, day: date) -> None:
    enrolment = attachment.enrolment
    assert enrolment is not None
    is_of_it = enrolment.person_ref == attachment.child_ref and enrolment.service_ref == service_ref
    if not is_of_it or not enrolment.valid_from <= day or (enrolment.valid_to or date.max) <= day:
        raise invalid(
            f"L'inscription jointe doit être celle de cet enfant à ce service, en cours le {long_date(day)}.",
            enrolment=enrolment.ref,
        )
