"""Enrolments with their weekly patterns and payers (domain notes §5); bookings day by day are in `bookings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import long_date, short_date
from domain.overlaps import expect_same_day, repeats_weekday
from domain.schedule import in_force
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    Enrolment,
    EnrolmentPattern,
    EnrolmentPayer,
    Payer,
    Person,
    Sejour,
    Service,
    ServicePlace,
    Structure,
)
from records.operations.booking_facts import known_formulas, spans_of
from records.operations.custody import payers_sharing
from records.operations.enrolment_places import WeeklyPlaces
from records.operations.lookup import by_ref, ids_by_ref, invalid, refuse_known
from records.operations.merged import kept_ids_by_ref
from records.operations.registry import Scope, operation
from records.operations.sejours import check_sejour, refuse_full_sejours

_MONDAY = 0


@dataclass(frozen=True, slots=True)
class NewPattern:
    """A weekday (0 = Monday) of every week, or of week A or B from the anchor's Monday; dates default to the
    enrolment's own."""

    weekday: int
    formula: str | None = None
    week_cycle: str | None = None
    cycle_anchor_on: date | None = None
    start_minute: int | None = None
    end_minute: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewEnrolmentPayer:
    """Who pays: `all`, or `custody` for the days that the custody calendar gives."""

    payer_ref: str
    rule: str = "all"


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """A person enrolled in a service at a place, in a tariff category, over [valid_from, valid_to).

    A séjour has its own places: the enrolment covers its days.
    """

    ref: str
    person_ref: str
    service_ref: str
    structure_ref: str
    category: str
    valid_from: date
    valid_to: date | None
    patterns: tuple[NewPattern, ...]
    payers: tuple[NewEnrolmentPayer, ...]
    sejour_ref: str | None = None


@dataclass(frozen=True, slots=True)
class _Ids:
    people: dict[str, int]
    services: dict[str, int]
    structures: dict[str, int]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def enrol(records: Records, actor: Actor, enrolment: NewEnrolment) -> int:
    """Enrol one person; returns the enrolment's id. Raises InvalidData, see `enrol_all`."""
    return enrol_all(records, actor, [enrolment])[enrolment.ref]


@operation(Right.EDIT_ENROLMENTS, Scope.PLACE)
def enrol_all(records: Records, actor: Actor, enrolments: Sequence[NewEnrolment]) -> dict[str, int]:
    """Enrol people in one transaction; returns ids by ref.

    Refused: a place that does not offer the service, an unknown formula, an enrolment that overlaps another of the
    same person and service on the same weekday, two payers without a custody calendar.
    """
    with records.write(actor, "enrol") as write:
        return write_enrolments(write, enrolments)


def write_enrolments(write: Write, enrolments: Sequence[NewEnrolment]) -> dict[str, int]:
    """Check and write enrolments inside an open write; returns ids by ref. See `enrol_all`."""
    session = write.session
    ids = _ids(session, enrolments)
    for structure_id in ids.structures.values():
        write.actor.require(Right.EDIT_ENROLMENTS, structure_id)
    refuse_known(session, Enrolment, [each.ref for each in enrolments])
    payers = kept_ids_by_ref(session, Payer, [payer.payer_ref for each in enrolments for payer in each.payers])
    offers, formulas = _offers(session), known_formulas(session)
    for each in enrolments:
        _check_enrolment(each, ids, offers, formulas)
        _check_payers(session, each, ids.people[each.person_ref], payers)
    sejours = _sejours(session, enrolments)
    rows = [_enrolment_row(each, ids, sejours) for each in enrolments]
    for row, each in zip(rows, enrolments, strict=True):
        if each.sejour_ref is not None:
            check_sejour(session, sejours[each.sejour_ref], row)
    places = WeeklyPlaces(write, [row for row, each in zip(rows, enrolments, strict=True) if each.patterns])
    places.serve_first()
    session.add_all(rows)
    session.flush()
    found = {row.ref: row.id for row in rows}
    for each in enrolments:
        _add_patterns_and_payers(session, each, found[each.ref], payers)
        write.audit("enrolment", each.ref, old=None, new=asdict(each))
    session.flush()
    _refuse_overlaps(session, sorted(ids.people.values()))
    places.refuse_full()
    refuse_full_sejours(write, rows)
    return found


def _ids(session: Session, lines: Sequence[NewEnrolment]) -> _Ids:
    return _Ids(
        kept_ids_by_ref(session, Person, [each.person_ref for each in lines]),
        ids_by_ref(session, Service, [each.service_ref for each in lines]),
        ids_by_ref(session, Structure, [each.structure_ref for each in lines]),
    )


def _offers(session: Session) -> dict[tuple[int, int], list[tuple[date, date | None]]]:
    found: dict[tuple[int, int], list[tuple[date, date | None]]] = {}
    for place in session.scalars(select(ServicePlace)):
        found.setdefault((place.service_id, place.structure_id), []).append((place.valid_from, place.valid_to))
    return found


def _check_enrolment(
    each: NewEnrolment,
    ids: _Ids,
    offers: dict[tuple[int, int], list[tuple[date, date | None]]],
    formulas: set[tuple[int, str]],
) -> None:
    service_id, structure_id = ids.services[each.service_ref], ids.structures[each.structure_ref]
    if each.valid_to is not None and each.valid_to <= each.valid_from:
        raise invalid("La fin de l'inscription doit être après son début.", enrolment=each.ref)
    if not any(in_force(each.valid_from, *range_) for range_ in offers.get((service_id, structure_id), ())):
        raise invalid(
            f"Le service « {each.service_ref} » n'est pas proposé à « {each.structure_ref} » "
            f"le {short_date(each.valid_from)} : inscription refusée.",
            enrolment=each.ref,
        )
    for pattern in each.patterns:
        if not 0 <= pattern.weekday <= 6:
            raise invalid("Jour de semaine inconnu.", enrolment=each.ref, weekday=pattern.weekday)
        if pattern.formula is not None and (service_id, pattern.formula) not in formulas:
            raise invalid(f"Formule inconnue : « {pattern.formula} ».", enrolment=each.ref)
        if (pattern.week_cycle is None) != (pattern.cycle_anchor_on is None):
            raise invalid("Une semaine A ou B demande la date du lundi où commence la semaine A.")
        if pattern.cycle_anchor_on is not None and pattern.cycle_anchor_on.weekday() != _MONDAY:
            raise invalid(f"La semaine A doit commencer un lundi : {long_date(pattern.cycle_anchor_on)}.")


def _check_payers(session: Session, each: NewEnrolment, person_id: int, payers: dict[str, int]) -> None:
    """Two payers share by a custody calendar that covers the enrolment's start (domain notes §3)."""
    rules = [payer.rule for payer in each.payers]
    if rules == ["all"]:
        return
    if rules != ["custody", "custody"] or len({payers[payer.payer_ref] for payer in each.payers}) == 1:
        raise invalid(
            "Indiquez un payeur qui paie tout, ou deux payeurs partagés selon le calendrier de garde.",
            enrolment=each.ref,
        )
    sharing = payers_sharing(session, person_id, each.valid_from)
    if sharing is None:
        raise invalid(
            "Deux payeurs sans calendrier de garde : inscription refusée. Ajoutez le calendrier.",
            enrolment=each.ref,
        )
    if sharing != {payers[payer.payer_ref] for payer in each.payers}:
        raise invalid(
            "Le calendrier de garde partage l'enfant entre d'autres payeurs : inscription refusée. "
            "Corrigez les payeurs ou ajoutez un calendrier.",
            enrolment=each.ref,
        )


def _sejours(session: Session, lines: Sequence[NewEnrolment]) -> dict[str, Sejour]:
    return {ref: by_ref(session, Sejour, ref) for ref in sorted({e.sejour_ref for e in lines if e.sejour_ref})}


def _enrolment_row(each: NewEnrolment, ids: _Ids, sejours: Mapping[str, Sejour]) -> Enrolment:
    return Enrolment(
        ref=each.ref,
        person_id=ids.people[each.person_ref],
        service_id=ids.services[each.service_ref],
        structure_id=ids.structures[each.structure_ref],
        category=each.category,
        sejour_id=sejours[each.sejour_ref].id if each.sejour_ref is not None else None,
        valid_from=each.valid_from,
        valid_to=each.valid_to,
    )


def _add_patterns_and_payers(
    session: Session, each: NewEnrolment, enrolment_id: int, payers: dict[str, int]
) -> None:
    for pattern in each.patterns:
        values = asdict(pattern)
        values["valid_from"] = pattern.valid_from or each.valid_from
        values["valid_to"] = pattern.valid_to or each.valid_to
        session.add(EnrolmentPattern(enrolment_id=enrolment_id, **values))
    for payer in each.payers:
        session.add(
            EnrolmentPayer(
                enrolment_id=enrolment_id,
                payer_id=payers[payer.payer_ref],
                rule=payer.rule,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
            )
        )


def _refuse_overlaps(session: Session, people: Sequence[int]) -> None:
    """Refuse two enrolments of a person and service that speak of the same day: one place expects the child.

    Two places share a child by different weekdays, or by weeks A and B (domain.overlaps).
    """
    for enrolments in spans_of(session, people).values():
        for one, other in combinations(enrolments, 2):
            if expect_same_day(one, other):
                raise invalid(
                    "Deux inscriptions au même service se chevauchent le même jour : inscription refusée. "
                    "Terminez la première avant de commencer la seconde.",
                    enrolments=[one.enrolment_id, other.enrolment_id],
                )
        for enrolment in enrolments:
            if repeats_weekday(enrolment.patterns):
                raise invalid("Le même jour de semaine est donné deux fois.", enrolment=enrolment.enrolment_id)
