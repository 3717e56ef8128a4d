"""Places, classes and services as staff rename them, close them and stop offering them (domain notes §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select

from domain.french import plural, short_date
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    CalendarEvent,
    ClassMembership,
    ClassTeacher,
    Enrolment,
    RolloverLine,
    SchoolClass,
    Service,
    ServicePlace,
    Structure,
)
from records.operations.lookup import by_ref, change, check_changes, ids_by_ref, in_force_on, invalid
from records.operations.registry import operation
from records.operations.versions import close

# What figures and prices rest on (time zone, kind, school year) stays: open another place or class.
STRUCTURE_FIELDS = frozenset({"name", "commune"})
CLASS_FIELDS = frozenset({"name", "level"})
SERVICE_FIELDS = frozenset({"label"})


@operation(Right.EDIT_REFERENCE)
def edit_structure(
    records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change STRUCTURE_FIELDS of a place; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    check_changes(changes, STRUCTURE_FIELDS, STRUCTURE_FIELDS)
    with records.write(actor, "edit_structure") as write:
        return change(write, by_ref(write.session, Structure, ref), dict(changes), row_version=row_version)


@operation(Right.EDIT_REFERENCE)
def edit_service(records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int) -> bool:
    """Change SERVICE_FIELDS of a service; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    check_changes(changes, SERVICE_FIELDS, SERVICE_FIELDS)
    with records.write(actor, "edit_service") as write:
        return change(write, by_ref(write.session, Service, ref), dict(changes), row_version=row_version)


@operation(Right.EDIT_REFERENCE)
def edit_class(records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int) -> bool:
    """Change CLASS_FIELDS of a class; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    check_changes(changes, CLASS_FIELDS, CLASS_FIELDS)
    with records.write(actor, "edit_class") as write:
        row = by_ref(write.session, SchoolClass, ref)
        namesake = select(SchoolClass.id).where(
            SchoolClass.structure_id == row.structure_id,
            SchoolClass.school_year_id == row.school_year_id,
            SchoolClass.name == changes.get("name", row.name),
            SchoolClass.id != row.id,
        )
        if write.session.scalar(namesake) is not None:
            raise invalid(
                f"Une autre classe s'appelle « {changes['name']} » dans cette école : choisissez un autre nom."
            )
        return change(write, row, dict(changes), row_version=row_version)


@operation(Right.EDIT_REFERENCE)
def remove_class(records: Records, actor: Actor, ref: str) -> None:
    """Remove a class where nobody ever was, with its teachers. Raises InvalidData when it was used, NotFound."""
    with records.write(actor, "remove_class") as write:
        row = by_ref(write.session, SchoolClass, ref)
        _refuse_used(write, row)
        for teacher in write.session.scalars(select(ClassTeacher).where(ClassTeacher.class_id == row.id)).all():
            write.audit("class_teacher", teacher.id, old={"account_id": teacher.account_id}, new={})
            write.session.delete(teacher)
        write.session.flush()
        write.audit("school_class", row.ref, old={"name": row.name, "level": row.level}, new={})
        write.session.delete(row)


@operation(Right.EDIT_REFERENCE)
def withdraw_service(
    records: Records, actor: Actor, service_ref: str, structure_refs: Sequence[str], day: date
) -> None:
    """Offer a service at places no more: `day` is the first day without.

    Raises InvalidData for a place where it is not offered then, or while enrolments go on there; NotFound.
    """
    with records.write(actor, "withdraw_service") as write:
        session = write.session
        service = by_ref(session, Service, service_ref)
        for ref, structure_id in ids_by_ref(session, Structure, structure_refs).items():
            row = session.scalar(
                select(ServicePlace).where(
                    ServicePlace.service_id == service.id,
                    ServicePlace.structure_id == structure_id,
                    *in_force_on(day, ServicePlace.valid_from, ServicePlace.valid_to),
                )
            )
            if row is None:
                raise invalid(f"{service.label} n'est pas proposé à « {ref} » le {short_date(day)}.", structure=ref)
            _refuse_enrolled(write, row, day, ref)
            close(write, row, day)


def _refuse_used(write: Write, row: SchoolClass) -> None:
    session = write.session
    uses = (
        select(ClassMembership.id).where(ClassMembership.class_id == row.id),
        select(CalendarEvent.id).where(CalendarEvent.class_id == row.id),
        select(RolloverLine.id).where(
            (RolloverLine.from_class_id == row.id) | (RolloverLine.to_class_id == row.id)
        ),
    )
    if any(session.scalar(each.limit(1)) is not None for each in uses):
        raise invalid(
            f"La classe « {row.name} » a des élèves, un passage ou un événement : gardez-la.", ref=row.ref
        )


def _refuse_enrolled(write: Write, offered: ServicePlace, day: date, ref: str) -> None:
    going_on = write.session.scalar(
        select(func.count()).where(
            Enrolment.service_id == offered.service_id,
            Enrolment.structure_id == offered.structure_id,
            Enrolment.valid_to.is_(None) | (Enrolment.valid_to > day),
        )
    )
    if going_on:
        raise invalid(
            f"{plural(going_on, 'inscription dure', 'inscriptions durent')} à « {ref} » après cette date : "
            "terminez-les d'abord.",
            enrolments=going_on,
        )
