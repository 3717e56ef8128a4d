"""Which class a child is in: they join one from a day on, and leave the one before that day (domain notes §4)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import ClassMembership, Person, SchoolClass, SchoolYear
from records.operations.families import NewClassMembership
from records.operations.lookup import add, by_ref, invalid
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, close, overlap


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def join_class(records: Records, actor: Actor, child_ref: str, joined: NewClassMembership) -> int:
    """Admit a child to a class, until the end of its school year unless it is said otherwise; returns the id.

    The class before ends that day. Raises InvalidData for a day out of the class's year, NotFound.
    """
    with records.write(actor, "join_class") as write:
        session = write.session
        child = kept_by_ref(session, Person, child_ref)
        room = by_ref(session, SchoolClass, joined.class_ref)
        year = session.get_one(SchoolYear, room.school_year_id)
        valid_to = joined.valid_to or year.ends_on
        check_range(joined.valid_from, valid_to)
        if not year.starts_on <= joined.valid_from < year.ends_on or valid_to > year.ends_on:
            raise invalid(f"La classe « {room.name} » est celle d'une autre année. Choisissez-en une autre.")
        earlier = select(ClassMembership).where(ClassMembership.person_id == child.id)
        for row in session.scalars(earlier.order_by(ClassMembership.valid_from)).all():
            if not overlap((joined.valid_from, valid_to), (row.valid_from, row.valid_to)):
                continue
            if row.valid_from >= joined.valid_from:
                raise invalid(
                    f"{child.first_name} a déjà une classe ce jour-là ou après. Choisissez un autre jour."
                )
            close(write, row, joined.valid_from)
        return add(
            write,
            ClassMembership(person_id=child.id, class_id=room.id, valid_from=joined.valid_from, valid_to=valid_to),
        )


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def leave_class(records: Records, actor: Actor, child_ref: str, day: date) -> None:
    """Note that a child leaves their class without another: `day` is the first day out. Raises InvalidData.

    Enrolments go on: each is ended by itself.
    """
    with records.write(actor, "leave_class") as write:
        child = kept_by_ref(write.session, Person, child_ref)
        row = write.session.scalar(
            select(ClassMembership).where(
                ClassMembership.person_id == child.id,
                ClassMembership.valid_from < day,
                ClassMembership.valid_to.is_(None) | (ClassMembership.valid_to > day),
            )
        )
        if row is None:
            raise invalid(f"{child.first_name} n'a pas de classe à cette date. Vérifiez la date.", child=child.ref)
        close(write, row, day)
