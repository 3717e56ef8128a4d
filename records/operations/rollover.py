"""The passage to the next school year, looked at line by line and then applied: rosters switch by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from domain.rollover import levels_of
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    ClassMembership,
    Person,
    Rollover,
    RolloverLine,
    SchoolClass,
    SchoolYear,
    Structure,
)
from records.models.rollover import BEGUN, OUTCOMES
from records.operations.lookup import add_all, by_ref, change, invalid
from records.operations.merged import kept_by_ref, unmerged
from records.operations.paging import FIRST_PAGE, Page, PageAsked, paged
from records.operations.registry import Scope, operation
from records.operations.rollover_proposal import PUPILS_AT_ONCE, Passage, lines_of, refuse_begun, rollover_of
from records.operations.school_years import first_school_day
from records.operations.versions import overlap


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A pupil of the passage: the class left, what is proposed or decided, and what is to be looked at."""

    person_ref: str
    last_name: str
    first_name: str
    from_class: str
    from_class_ref: str
    outcome: str
    to_class: str | None
    to_school: str | None
    is_checked: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What a person decides for a pupil: next, repeat, other_school with the class, or leave without one."""

    person_ref: str
    outcome: str
    to_class_ref: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class ClassChecked:
    """How many lines of a class were confirmed as proposed, and how many wait for a decision of their own."""

    confirmed: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class Applied:
    """From which day the new classes hold; how many pupils are seated, leave, or had been placed meanwhile."""

    first_day: date
    seated: int
    leaving: int
    placed_already: int


@operation(Right.SEE_FAMILIES, Scope.PLACE)
def rollover_lines(
    records: Records,
    actor: Actor,
    passage: Passage,
    asked: PageAsked = FIRST_PAGE,
    *,
    to_check_only: bool = False,
) -> Page[LineSeen]:
    """Return the pupils of the actor's schools in a passage, by class and name. Raises NotFound."""
    places = actor.structures_with(Right.SEE_FAMILIES)
    left, taken, school = aliased(SchoolClass), aliased(SchoolClass), aliased(Structure)
    with records.read() as session:
        rollover = rollover_of(session, passage)
        seen: list[Any] = [RolloverLine, Person, left, taken.name, school.name]
        statement = (
            select(*seen)
            .join(Person, Person.id == RolloverLine.person_id)
            .join(left, left.id == RolloverLine.from_class_id)
            .join(taken, taken.id == RolloverLine.to_class_id, isouter=True)
            .join(school, school.id == taken.structure_id, isouter=True)
            .where(RolloverLine.rollover_id == rollover.id, unmerged(RolloverLine.person_id))
            .order_by(left.structure_id, left.name, Person.search_key, RolloverLine.id)
        )
        if places is not None:
            statement = statement.where(left.structure_id.in_(places))
        if to_check_only:
            statement = statement.where(RolloverLine.is_checked.is_(False))
        return paged(session, statement, asked, _seen)


@operation(Right.EDIT_FAMILIES, Scope.PLACE)
def decide_lines(records: Records, actor: Actor, passage: Passage, decisions: Sequence[LineDecision]) -> int:
    """Decide the next class of some pupils, all or none; returns how many lines changed.

    The right must hold at the school that each pupil leaves. Raises NotFound, InvalidData once it is being applied.
    """
    with records.write(actor, "decide_lines") as write:
        session = write.session
        rollover = rollover_of(session, passage)
        refuse_begun(rollover)
        changed = 0
        for decision in decisions:
            line = _line_of(session, rollover, decision)
            left = session.get_one(SchoolClass, line.from_class_id)
            actor.require(Right.EDIT_FAMILIES, left.structure_id)
            taken = by_ref(session, SchoolClass, decision.to_class_ref) if decision.to_class_ref else None
            _check(decision, rollover, left, taken)
            values = {
                "outcome": decision.outcome,
                "to_class_id": None if taken is None else taken.id,
                "comment": decision.comment,
                "is_checked": True,
            }
            changed += change(write, line, values)
        return changed


@operation(Right.EDIT_FAMILIES, Scope.PLACE)
def check_class(records: Records, actor: Actor, passage: Passage, class_ref: str) -> ClassChecked:
    """Confirm what is proposed for the pupils of a class, except those with something to look at.

    Raises NotFound, InvalidData once it is being applied.
    """
    with records.write(actor, "check_class") as write:
        session = write.session
        rollover = rollover_of(session, passage)
        refuse_begun(rollover)
        school_class = by_ref(session, SchoolClass, class_ref)
        actor.require(Right.EDIT_FAMILIES, school_class.structure_id)
        pupils = lines_of(session, rollover, school_class.id).values()
        waiting = [line for line in pupils if not line.is_checked]
        sure = [line for line in waiting if line.comment is None]
        for line in sure:
            change(write, line, {"is_checked": True})
        return ClassChecked(len(sure), len(waiting) - len(sure))


@operation(Right.EDIT_REFERENCE)
def apply_rollover(records: Records, actor: Actor, passage: Passage) -> Applied:
    """Seat the pupils in their next classes from the first school day on, some pupils at a time.

    The former class ends that day, or when it already ended. Once begun nothing of the passage is changed any more;
    interrupted, it is finished by applying it again. Applied again, it changes nothing and says the same. Who has
    been given a class meanwhile keeps it. Raises NotFound, InvalidData while a line waits for a person.
    """
    with records.write(actor, "apply_rollover") as write:
        _begin(write, passage)
    with records.read() as session:
        waiting = _waiting(session, rollover_of(session, passage))
    for start in range(0, len(waiting), PUPILS_AT_ONCE):
        with records.write(actor, "apply_rollover") as write:
            _seat_some(write, passage, waiting[start : start + PUPILS_AT_ONCE])
    with records.write(actor, "apply_rollover") as write:
        _finish(write, passage)
    with records.read() as session:
        return _applied(session, rollover_of(session, passage))


def _seen(row: Sequence[object]) -> LineSeen:
    line, person, left, taken, school = row
    assert isinstance(line, RolloverLine)
    assert isinstance(person, Person)
    assert isinstance(left, SchoolClass)
    return LineSeen(
        person.ref,
        person.last_name,
        person.first_name,
        left.name,
        left.ref,
        line.outcome,
        None if taken is None else str(taken),
        None if school is None else str(school),
        line.is_checked,
        line.comment,
    )


def _line_of(session: Session, rollover: Rollover, decision: LineDecision) -> RolloverLine:
    person = kept_by_ref(session, Person, decision.person_ref)
    line = session.scalar(
        select(RolloverLine).where(RolloverLine.rollover_id == rollover.id, RolloverLine.person_id == person.id)
    )
    if line is None:
        raise invalid(f"« {decision.person_ref} » n'est pas dans ce passage : refaites la proposition.")
    return line


def _check(decision: LineDecision, rollover: Rollover, left: SchoolClass, taken: SchoolClass | None) -> None:
    """Raise InvalidData unless the class is one of the next year and goes with what is said."""
    if decision.outcome not in OUTCOMES:
        raise invalid(f"Décision inconnue : « {decision.outcome} ».", outcome=decision.outcome)
    if (decision.outcome == "leave") != (taken is None):
        raise invalid("Qui part n'a pas de classe ; qui reste en a une : indiquez-la.")
    if taken is None:
        return
    if taken.school_year_id != rollover.to_year_id:
        raise invalid(f"La classe « {taken.ref} » n'est pas de l'année à venir.", class_ref=taken.ref)
    if (taken.structure_id != left.structure_id) != (decision.outcome == "other_school"):
        raise invalid(f"La classe « {taken.ref} » ne va pas avec la décision : vérifiez l'école.")
    levels = set(levels_of(left.level)) & set(levels_of(taken.level))
    if decision.outcome == "repeat" and not levels and left.level != taken.level:
        raise invalid(f"La classe « {taken.ref} » n'a pas le niveau à refaire.", class_ref=taken.ref)


def _begin(write: Write, passage: Passage) -> None:
    """Close a passage to changes, every line of it being decided; one that was begun stays as it is."""
    session = write.session
    rollover = rollover_of(session, passage)
    if rollover.state in BEGUN:
        return
    _refuse_unready(session, rollover)
    year = session.get_one(SchoolYear, rollover.to_year_id)
    # The day is kept: a calendar edited before the end would seat half of the pupils from another day on.
    change(
        write,
        rollover,
        {"state": "applying", "first_day": first_school_day(session, year), "seated_through": 0},
    )


def _refuse_unready(session: Session, rollover: Rollover) -> None:
    if rollover.state == "dropped":
        raise invalid("Ce passage a été abandonné : proposez-le à nouveau.")
    waiting = session.scalar(
        select(func.count())
        .select_from(RolloverLine)
        .where(
            RolloverLine.rollover_id == rollover.id,
            RolloverLine.is_checked.is_(False),
            unmerged(RolloverLine.person_id),
        )
    )
    if waiting:
        raise invalid(f"Élèves qui attendent encore une décision : {waiting}. Vérifiez chaque classe.")


def _waiting(session: Session, rollover: Rollover) -> Sequence[int]:
    """Return the lines that are still to be applied, in order; none once all are."""
    if rollover.seated_through is None:
        return ()
    return session.scalars(
        select(RolloverLine.id)
        .where(RolloverLine.rollover_id == rollover.id, RolloverLine.id > rollover.seated_through)
        .order_by(RolloverLine.id)
    ).all()


def _seat_some(write: Write, passage: Passage, line_ids: Sequence[int]) -> None:
    """Apply some lines, once: what another applied meanwhile is behind `seated_through` and is not looked at again.

    A pupil whose seat a person took back since then would otherwise be given it again.
    """
    session = write.session
    rollover = rollover_of(session, passage)
    if rollover.state != "applying":
        return
    assert rollover.first_day is not None
    assert rollover.seated_through is not None
    year = session.get_one(SchoolYear, rollover.to_year_id)
    wanted = [line_id for line_id in line_ids if line_id > rollover.seated_through]
    lines = session.scalars(
        select(RolloverLine)
        .where(RolloverLine.id.in_(wanted), unmerged(RolloverLine.person_id))
        .order_by(RolloverLine.id)
    ).all()
    held = _held(session, [line.person_id for line in lines], rollover.first_day)
    coming = set(session.scalars(select(SchoolClass.id).where(SchoolClass.school_year_id == year.id)))
    days = (rollover.first_day, year.ends_on)
    seats = [_seat(write, line, held.get(line.person_id, ()), coming, days) for line in lines]
    add_all(write, [seat for seat in seats if seat is not None])
    change(write, rollover, {"seated_through": max(line_ids[-1], rollover.seated_through)})


def _finish(write: Write, passage: Passage) -> None:
    rollover = rollover_of(write.session, passage)
    if rollover.state == "applying":
        over = {"state": "applied", "applied_at": write.now, "first_day": None, "seated_through": None}
        change(write, rollover, over)


def _held(session: Session, people: Sequence[int], first_day: date) -> dict[int, list[ClassMembership]]:
    """Return the classes that pupils have on or after a day, oldest first."""
    found: dict[int, list[ClassMembership]] = {}
    rows = session.scalars(
        select(ClassMembership)
        .where(ClassMembership.person_id.in_(people), _ends_after(first_day))
        .order_by(ClassMembership.valid_from, ClassMembership.id)
    )
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def _ends_after(day: date) -> ColumnElement[bool]:
    return ClassMembership.valid_to.is_(None) | (ClassMembership.valid_to > day)


def _seat(
    write: Write,
    line: RolloverLine,
    held: Sequence[ClassMembership],
    coming: Collection[int],
    days: tuple[date, date],
) -> ClassMembership | None:
    """End the class left; returns the next one to be added, unless the pupil has another by then."""
    is_placed = False
    for row in held:
        if row.class_id in coming or row.valid_from >= days[0]:
            is_placed |= overlap((row.valid_from, row.valid_to), days)
        else:
            change(write, row, {"valid_to": days[0]})
    if line.to_class_id is None or is_placed:
        return None
    return ClassMembership(
        person_id=line.person_id, class_id=line.to_class_id, valid_from=days[0], valid_to=days[1]
    )


def _applied(session: Session, rollover: Rollover) -> Applied:
    """Return what pupils have from the first school day on, whoever gave it to them."""
    first_day = first_school_day(session, session.get_one(SchoolYear, rollover.to_year_id))
    held: dict[int, set[int]] = defaultdict(set)
    memberships = select(ClassMembership.person_id, ClassMembership.class_id).where(_ends_after(first_day))
    for person_id, class_id in session.execute(memberships):
        held[person_id].add(class_id)
    lines = session.execute(
        select(RolloverLine.person_id, RolloverLine.to_class_id).where(
            RolloverLine.rollover_id == rollover.id, unmerged(RolloverLine.person_id)
        )
    )
    seated = leaving = elsewhere = 0
    for person_id, to_class_id in lines:
        classes = held.get(person_id, set())
        if to_class_id is None and not classes:
            leaving += 1
        elif to_class_id in classes:
            seated += 1
        else:
            elsewhere += 1
    return Applied(first_day, seated, leaving, elsewhere)
