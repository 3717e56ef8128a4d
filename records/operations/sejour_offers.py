"""Séjours that staff open, change and cancel (domain notes §4); `sejours` says who fits in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import plural, short_date
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, Write
from records.joined import JoinedRecords
from records.models import Enrolment, Sejour, Service, ServicePlace, Structure, Tariff, WaitingEntry
from records.operations.enrolment_ends import end_enrolment
from records.operations.kept_lists import Kept, refs_by_id
from records.operations.lookup import add, by_ref, change, check_changes, in_force_on, invalid, refuse_known
from records.operations.registry import Scope, operation
from records.operations.sejours import free_places, places_left
from records.operations.tariffs import is_own_tariff
from records.operations.versions import check_range

_WORDS = frozenset({"label", "place", "places"})
_TERMS = frozenset({"starts_on", "ends_on", "age_from_months", "age_to_months"})  # what enrolments were judged by
SEJOUR_FIELDS = _WORDS | _TERMS


@dataclass(frozen=True, slots=True)
class NewSejour:
    """A trip over `[starts_on, ends_on)`; ages in whole months on its first day, half-open; a tariff or none."""

    ref: str
    service_ref: str
    structure_ref: str
    number: str
    label: str
    place: str
    starts_on: date
    ends_on: date
    places: int
    age_from_months: int
    age_to_months: int
    tariff_ref: str | None = None


@dataclass(frozen=True, slots=True)
class SejourSeen:
    """A séjour in the list, how many places are neither taken nor offered, and the day it was cancelled."""

    kept: Kept[NewSejour]
    free: int
    cancelled_on: date | None


@operation(Right.EDIT_REFERENCE)
def add_sejour(records: Records, actor: Actor, sejour: NewSejour) -> int:
    """Open a séjour; returns its id. Raises InvalidData, NotFound."""
    values = asdict(sejour)
    _check(values)
    with records.write(actor, "add_sejour") as write:
        session = write.session
        refuse_known(session, Sejour, [sejour.ref])
        service = by_ref(session, Service, values.pop("service_ref"))
        structure = by_ref(session, Structure, values.pop("structure_ref"))
        tariff_ref = values.pop("tariff_ref")
        tariff = by_ref(session, Tariff, tariff_ref) if tariff_ref else None
        if service.kind != "sejour":
            raise invalid(
                f"« {service.label} » n'est pas un service de séjours : choisissez-en un.", service=service.ref
            )
        if tariff is not None and tariff.service_id != service.id:
            raise invalid(f"Le tarif « {tariff.label} » est celui d'un autre service.", tariff=tariff.ref)
        own = session.scalar(select(Tariff.id).where(is_own_tariff(service.id)))
        if tariff is not None and tariff.id == own:
            raise invalid(
                f"« {tariff.label} » est le tarif du service : un séjour sans tarif à lui le suit déjà.",
                tariff=tariff.ref,
            )
        _check_offered(session, service, structure, sejour.starts_on)
        known = select(Sejour.ref).where(Sejour.service_id == service.id, Sejour.number == sejour.number)
        if session.scalar(known) is not None:
            raise invalid(
                f"Le séjour n° {sejour.number} existe déjà : donnez un autre numéro.", number=sejour.number
            )
        tariff_id = None if tariff is None else tariff.id
        return add(write, Sejour(service_id=service.id, structure_id=structure.id, tariff_id=tariff_id, **values))


@operation(Right.EDIT_REFERENCE)
def edit_sejour(records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int) -> bool:
    """Change SEJOUR_FIELDS of a séjour; its days and ages only while nobody is enrolled or waits.

    Returns False when nothing differs. Raises Conflict, InvalidData (fewer places than are taken), NotFound.
    """
    check_changes(changes, SEJOUR_FIELDS, SEJOUR_FIELDS)
    with records.write(actor, "edit_sejour") as write:
        row = by_ref(write.session, Sejour, ref)
        _refuse_cancelled(row)
        _check({**{name: getattr(row, name) for name in SEJOUR_FIELDS}, **changes})
        moved = [name for name in _TERMS & changes.keys() if changes[name] != getattr(row, name)]
        if moved and _has_people(write.session, row):
            raise invalid("Des enfants y sont inscrits ou attendent : ses dates et ses âges ne changent plus.")
        is_changed = change(write, row, dict(changes), row_version=row_version)
        missing = -free_places(write, row)
        if missing > 0:
            raise invalid(f"{plural(missing, 'place')} de trop sont déjà prises ou proposées : gardez-les.")
        return is_changed


@operation(Right.EDIT_REFERENCE, also=frozenset({Right.EDIT_ENROLMENTS}))
def cancel_sejour(records: Records, actor: Actor, ref: str) -> int:
    """Cancel a séjour that has not begun: nobody is enrolled or waits any more. Returns how many were enrolled.

    Raises InvalidData once it has begun or was cancelled, or for an enrolment that may not be removed.
    """
    with records.write(actor, "cancel_sejour") as write:
        session = write.session
        row = by_ref(session, Sejour, ref)
        _refuse_cancelled(row)
        today = local_day(write.now, session.get_one(Structure, row.structure_id).timezone)
        if row.starts_on <= today:
            raise invalid(
                f"Le séjour « {row.label} » a commencé le {short_date(row.starts_on)} : il ne s'annule plus."
            )
        enrolled = session.scalars(select(Enrolment.ref).where(Enrolment.sejour_id == row.id)).all()
        for enrolment_ref in enrolled:
            end_enrolment(JoinedRecords(records, write), actor, enrolment_ref, row.starts_on)
        _dismiss(write, row)
        change(write, row, {"cancelled_on": today})
        return len(enrolled)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def sejours(records: Records, actor: Actor, from_day: date) -> list[SejourSeen]:
    """Return the séjours that end after a day, cancelled ones too, by first day."""
    with records.read() as session:
        now = records.clock()
        services, places, tariffs = (refs_by_id(session, model) for model in (Service, Structure, Tariff))
        rows: Sequence[Sejour] = session.scalars(
            select(Sejour).where(Sejour.ends_on > from_day).order_by(Sejour.starts_on, Sejour.id)
        ).all()
        return [
            SejourSeen(
                Kept(
                    NewSejour(
                        row.ref,
                        services[row.service_id] or "",
                        places[row.structure_id] or "",
                        row.number,
                        row.label,
                        row.place,
                        row.starts_on,
                        row.ends_on,
                        row.places,
                        row.age_from_months,
                        row.age_to_months,
                        tariffs[row.tariff_id],
                    ),
                    row.row_version,
                ),
                places_left(session, row, now),
                row.cancelled_on,
            )
            for row in rows
        ]


def _check(values: Mapping[str, object]) -> None:
    """Raise InvalidData for days, ages or places that make no sense."""
    starts_on, ends_on = values["starts_on"], values["ends_on"]
    youngest, oldest, places = values["age_from_months"], values["age_to_months"], values["places"]
    assert isinstance(starts_on, date)
    assert isinstance(ends_on, date)
    assert isinstance(youngest, int)
    assert isinstance(oldest, int)
    assert isinstance(places, int)
    check_range(starts_on, ends_on)
    if not 0 <= youngest < oldest:
        raise invalid("Une tranche d'âge commence avant de finir ; les âges sont en mois révolus.")
    if places < 1:
        raise invalid("Un séjour a au moins une place.", places=places)


def _check_offered(session: Session, service: Service, structure: Structure, day: date) -> None:
    offered = select(ServicePlace.id).where(
        ServicePlace.service_id == service.id,
        ServicePlace.structure_id == structure.id,
        *in_force_on(day, ServicePlace.valid_from, ServicePlace.valid_to),
    )
    if session.scalar(offered.limit(1)) is None:
        raise invalid(
            f"« {service.label} » n'est pas proposé à « {structure.name} » le {short_date(day)} : "
            "proposez-l'y d'abord."
        )


def _refuse_cancelled(row: Sejour) -> None:
    if row.cancelled_on is not None:
        raise invalid(
            f"Le séjour « {row.label} » est annulé depuis le {short_date(row.cancelled_on)}.", sejour=row.ref
        )


def _has_people(session: Session, row: Sejour) -> bool:
    enrolled = select(Enrolment.id).where(Enrolment.sejour_id == row.id).limit(1)
    waiting = select(WaitingEntry.id).where(
        WaitingEntry.sejour_id == row.id, WaitingEntry.state.in_(("waiting", "offered"))
    )
    return session.scalar(enrolled) is not None or session.scalar(waiting.limit(1)) is not None


def _dismiss(write: Write, row: Sejour) -> None:
    """Take off the list whoever still waits for a séjour that will not be."""
    waiting = select(WaitingEntry).where(
        WaitingEntry.sejour_id == row.id, WaitingEntry.state.in_(("waiting", "offered"))
    )
    for entry in write.session.scalars(waiting.order_by(WaitingEntry.id)).all():
        change(write, entry, {"state": "withdrawn"})
