"""What a coverage is chosen among: the bodies and services of today, the enrolments that one may be applied to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import Coverage, Enrolment, PayingBody, Person, Service, Structure
from records.operations.family_search import local_day_of
from records.operations.lookup import by_ref, in_force_on
from records.operations.merged import ids_with_merged, kept_ids
from records.operations.registry import Scope, operation
from records.operations.versions import overlap


@dataclass(frozen=True, slots=True)
class CoverageChoices:
    """Names by reference: bodies that pay today, and services."""

    bodies: Mapping[str, str]
    services: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EnrolmentToCover:
    """An enrolment of the child that a coverage may be applied to."""

    enrolment_ref: str
    service_label: str
    structure_ref: str
    structure_label: str
    valid_from: date
    valid_to: date | None


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def coverage_choices(records: Records, actor: Actor) -> CoverageChoices:
    """Return what a new coverage may name."""
    with records.read() as session:
        today = local_day_of(session, records.clock())
        bodies = select(PayingBody.ref, PayingBody.name).where(
            *in_force_on(today, PayingBody.valid_from, PayingBody.valid_to)
        )
        services = select(Service.ref, Service.label)
        return CoverageChoices(
            {ref: name for ref, name in session.execute(bodies.order_by(PayingBody.name, PayingBody.id))},
            {ref: label for ref, label in session.execute(services.order_by(Service.label, Service.id))},
        )


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def enrolments_to_cover(records: Records, actor: Actor, ref: str) -> list[EnrolmentToCover]:
    """Return the child's enrolments at the actor's places with a day and a service of a coverage, the oldest first.

    Raises NotFound.
    """
    allowed = actor.structures_with(Right.EDIT_COVERAGES)
    with records.read() as session:
        row = by_ref(session, Coverage, ref)
        people = ids_with_merged(session, Person, kept_ids(session, Person).of(row.child_id))
        statement = (
            select(Enrolment, Service.label, Structure.ref, Structure.name)
            .join(Service, Service.id == Enrolment.service_id)
            .join(Structure, Structure.id == Enrolment.structure_id)
            .where(Enrolment.person_id.in_(people))
            .order_by(Enrolment.valid_from, Enrolment.id)
        )
        return [
            EnrolmentToCover(each.ref, label, place_ref, place, each.valid_from, each.valid_to)
            for each, label, place_ref, place in session.execute(statement)
            if (allowed is None or each.structure_id in allowed)
            and row.service_id in (None, each.service_id)
            and overlap((row.valid_from, row.valid_to), (each.valid_from, each.valid_to))
        ]
