"""Whose class it is: what a teacher sees and calls the roll of, from one day to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import ClassTeacher, SchoolClass
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import operation
from records.operations.sessions import account_of
from records.operations.versions import check_range, close, refuse_overlaps


@dataclass(frozen=True, slots=True)
class NewClassTeacher:
    """A class given to an account over [valid_from, valid_to); several may share a class."""

    class_ref: str
    login: str
    valid_from: date
    valid_to: date | None = None


@operation(Right.EDIT_REFERENCE)
def assign_teacher(records: Records, actor: Actor, teacher: NewClassTeacher) -> int:
    """Give a class to a teacher; returns the id. Raises NotFound, InvalidData when they have it then already."""
    check_range(teacher.valid_from, teacher.valid_to)
    with records.write(actor, "assign_teacher") as write:
        school_class = by_ref(write.session, SchoolClass, teacher.class_ref)
        account_id = account_of(write.session, teacher.login).id
        held = write.session.scalars(
            select(ClassTeacher).where(
                ClassTeacher.class_id == school_class.id, ClassTeacher.account_id == account_id
            )
        )
        ranges = [(each.valid_from, each.valid_to) for each in held]
        refuse_overlaps("Cette classe de cette personne", [*ranges, (teacher.valid_from, teacher.valid_to)])
        return add(
            write,
            ClassTeacher(
                class_id=school_class.id,
                account_id=account_id,
                valid_from=teacher.valid_from,
                valid_to=teacher.valid_to,
            ),
        )


@operation(Right.EDIT_REFERENCE)
def end_teacher(records: Records, actor: Actor, class_ref: str, login: str, day: date) -> None:
    """Take a class back: `day` is the first day without it. Raises InvalidData when the person has it not then."""
    with records.write(actor, "end_teacher") as write:
        school_class = by_ref(write.session, SchoolClass, class_ref)
        row = write.session.scalar(
            select(ClassTeacher)
            .where(
                ClassTeacher.class_id == school_class.id,
                ClassTeacher.account_id == account_of(write.session, login).id,
                ClassTeacher.valid_from < day,
            )
            .order_by(ClassTeacher.valid_from.desc())
        )
        if row is None or (row.valid_to is not None and row.valid_to < day):
            raise invalid(f"« {login} » n'a pas la classe « {class_ref} » à cette date. Vérifiez la date.")
        close(write, row, day)
