"""Figures without names: how many children of each commune are enrolled, small groups hidden (domain notes §10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from domain.small_groups import SMALLEST_GROUP
from records.actors import Actor, Grant, Right
from records.database import Records
from records.models import Address, Enrolment, FamilyMember, Service
from records.operations.lookup import in_force_on
from records.operations.merged import unmerged
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class CommuneFigure:
    """commune × service: how many children are enrolled; None when the group is too small to be told.

    No total is given: it would tell what was hidden.
    """

    commune: str
    service_ref: str
    service_label: str
    children: int | None


@operation(Right.SEE_FIGURES, Scope.PLACE)
def children_by_commune(records: Records, actor: Actor, day: date) -> list[CommuneFigure]:
    """Return the children enrolled on a day at the actor's places, by commune of the file then by service.

    An elected official whose role names a commune sees that one alone. A child of two files counts in each commune.
    """
    counted: dict[tuple[str, str, str], set[int]] = {}
    with records.read() as session:
        for person_id, structure_id, commune, ref, label in _enrolled(session, day):
            if _may_see(actor, structure_id, commune):
                counted.setdefault((commune, ref, label), set()).add(person_id)
    return [
        CommuneFigure(commune, ref, label, len(people) if len(people) >= SMALLEST_GROUP else None)
        for (commune, ref, label), people in sorted(counted.items())
    ]


def _may_see(actor: Actor, structure_id: int, commune: str) -> bool:
    def opens(grant: Grant) -> bool:
        at_place = grant.structure_id in (None, structure_id)
        return grant.gives(Right.SEE_FIGURES) and at_place and grant.commune in (None, commune)

    return Right.SEE_FIGURES in actor.rights or any(opens(grant) for grant in actor.grants)


def _enrolled(session: Session, day: date) -> list[tuple[Any, ...]]:
    """Return child × place × commune × service of the enrolments in force; the child's own address comes first."""
    own = (
        select(func.max(Address.commune))
        .where(Address.person_id == Enrolment.person_id, *in_force_on(day, Address.valid_from, Address.valid_to))
        .correlate(Enrolment)
        .scalar_subquery()
    )
    is_child = and_(FamilyMember.person_id == Enrolment.person_id, FamilyMember.role == "child")
    rows = session.execute(
        select(
            Enrolment.person_id,
            Enrolment.structure_id,
            func.coalesce(own, Address.commune),
            Service.ref,
            Service.label,
        )
        .join(Service, Service.id == Enrolment.service_id)
        .join(FamilyMember, and_(is_child, *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to)))
        .outerjoin(
            Address,
            and_(
                Address.family_id == FamilyMember.family_id,
                *in_force_on(day, Address.valid_from, Address.valid_to),
            ),
        )
        .where(
            *in_force_on(day, Enrolment.valid_from, Enrolment.valid_to),
            unmerged(Enrolment.person_id),
            or_(own.is_not(None), Address.commune.is_not(None)),
        )
        .distinct()
    )
    return [tuple(row) for row in rows]
