"""The passage to the next school year, as it is proposed: what is known of pupils, and one line each.

Nobody changes class before a person has looked and applied it (`rollover`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.rollover import ClassSeen, PastYear, Proposed, Pupil, level_now, levels_of, propose
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    ClassMembership,
    Family,
    FamilyMember,
    Person,
    Rollover,
    RolloverLine,
    SchoolClass,
    SchoolYear,
    Structure,
)
from records.operations.lookup import add, add_all, by_ref, change, in_force_on, invalid
from records.operations.merged import kept_ids, unmerged
from records.operations.registry import operation
from records.operations.school_years import first_school_day

PUPILS_AT_ONCE = 1_000  # a quarter of a second of writing: a tap waits no longer


@dataclass(frozen=True, slots=True)
class Passage:
    """The school year that ends and the one that follows, by ref."""

    from_ref: str
    to_ref: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """How many lines were proposed, how many stayed as a person decided them, how many need a close look."""

    proposed: int
    decided: int
    doubtful: int


@operation(Right.EDIT_REFERENCE)
def propose_rollover(records: Records, actor: Actor, passage: Passage) -> Proposal:
    """Propose the next class of each pupil who is in a class on the last day of a school year.

    Made again, it keeps the lines that a person decided and proposes the others anew; whoever has a place in the
    next year already is left alone. It is thought out before any write, then written some pupils at a time, so that
    taps never wait for a whole town; interrupted, make it again. Raises NotFound, InvalidData once it is being
    applied or without classes.
    """
    _remove_dropped_lines(records, actor, passage)
    with records.read() as session:
        years = _years_in_order(session, passage)
        found = _between(session, *years)
        facts = _read(session, *years)
        lines = {} if found is None else lines_of(session, found)
        decided = {person_id for person_id, line in lines.items() if line.is_checked and person_id in facts.classes}
        proposed = propose(
            [pupil for pupil in facts.pupils if pupil.id not in decided],
            facts.next_classes,
            _seated(facts, [lines[person_id] for person_id in decided]),
            _schools(facts, [lines[person_id] for person_id in decided]),
        )
        people = [*(each for each in lines if each not in facts.classes), *proposed]
    with records.write(actor, "propose_rollover") as write:
        _open_draft(write, passage)
    for start in range(0, len(people), PUPILS_AT_ONCE):
        with records.write(actor, "propose_rollover") as write:
            _write_lines(write, passage, people[start : start + PUPILS_AT_ONCE], facts.classes, proposed)
    return Proposal(len(proposed), len(decided), sum(one.doubt is not None for one in proposed.values()))


@operation(Right.EDIT_REFERENCE)
def drop_rollover(records: Records, actor: Actor, passage: Passage) -> bool:
    """Drop a passage that is not being applied, with every decision in it; False when it was dropped already.

    Nobody had changed class. Interrupted, drop it again. Raises NotFound, InvalidData once it is being applied.
    """
    with records.write(actor, "drop_rollover") as write:
        rollover = rollover_of(write.session, passage)
        refuse_begun(rollover)
        was_dropped = change(write, rollover, {"state": "dropped"})
    _remove_dropped_lines(records, actor, passage)
    return was_dropped


def rollover_of(session: Session, passage: Passage) -> Rollover:
    """Return the passage between two school years; raises NotFound when none was proposed."""
    from_year, to_year = _years(session, passage)
    found = _between(session, from_year, to_year)
    if found is None:
        raise NotFound(
            f"Le passage de {passage.from_ref} à {passage.to_ref} n'a pas été proposé. Rien n'a été enregistré. "
            "Proposez-le d'abord.",
            from_ref=passage.from_ref,
            to_ref=passage.to_ref,
        )
    return found


def refuse_begun(rollover: Rollover) -> None:
    """Raise InvalidData when pupils change class or have: each is then corrected in their own file."""
    if rollover.state == "applying":
        raise invalid("Ce passage est en cours d'application : appliquez-le à nouveau pour le terminer.")
    if rollover.state == "applied":
        raise invalid("Ce passage est déjà appliqué : changez la classe d'un élève dans son dossier.")


def lines_of(session: Session, rollover: Rollover, from_class_id: int | None = None) -> dict[int, RolloverLine]:
    """Return the lines by pupil, of a class or all; a line that stayed with a merged person counts no more."""
    conditions = [RolloverLine.rollover_id == rollover.id, unmerged(RolloverLine.person_id)]
    if from_class_id is not None:
        conditions.append(RolloverLine.from_class_id == from_class_id)
    rows = session.scalars(select(RolloverLine).where(*conditions).order_by(RolloverLine.id))
    return {line.person_id: line for line in rows}


def _years(session: Session, passage: Passage) -> tuple[SchoolYear, SchoolYear]:
    return by_ref(session, SchoolYear, passage.from_ref), by_ref(session, SchoolYear, passage.to_ref)


def _between(session: Session, from_year: SchoolYear, to_year: SchoolYear) -> Rollover | None:
    return session.scalar(
        select(Rollover).where(Rollover.from_year_id == from_year.id, Rollover.to_year_id == to_year.id)
    )


def _years_in_order(session: Session, passage: Passage) -> tuple[SchoolYear, SchoolYear]:
    """Return the two years of a passage that may be proposed. Raises NotFound, InvalidData."""
    from_year, to_year = _years(session, passage)
    if to_year.starts_on < from_year.ends_on:
        raise invalid(f"L'année {to_year.ref} ne vient pas après l'année {from_year.ref}.")
    if session.scalar(select(SchoolClass.id).where(SchoolClass.school_year_id == to_year.id).limit(1)) is None:
        raise invalid(f"L'année {to_year.ref} n'a aucune classe : préparez-la d'abord.")
    found = _between(session, from_year, to_year)
    if found is not None:
        refuse_begun(found)
    return from_year, to_year


def _remove_dropped_lines(records: Records, actor: Actor, passage: Passage) -> None:
    """Remove the lines of a passage that was dropped, some at a time: what was decided then counts no more."""
    with records.read() as session:
        found = _between(session, *_years(session, passage))
        if found is None or found.state != "dropped":
            return
        lines = select(RolloverLine.id).where(RolloverLine.rollover_id == found.id).order_by(RolloverLine.id)
        line_ids = session.scalars(lines).all()
    for start in range(0, len(line_ids), PUPILS_AT_ONCE):
        with records.write(actor, "drop_rollover") as write:
            if rollover_of(write.session, passage).state != "dropped":
                return  # proposed again meanwhile: these lines are what is proposed now
            wanted = RolloverLine.id.in_(line_ids[start : start + PUPILS_AT_ONCE])
            for line in write.session.scalars(select(RolloverLine).where(wanted).order_by(RolloverLine.id)):
                _delete(write, line)


def _open_draft(write: Write, passage: Passage) -> None:
    """Begin the draft between two years, or begin it again."""
    from_year, to_year = _years_in_order(write.session, passage)
    found = _between(write.session, from_year, to_year)
    if found is None:
        add(write, Rollover(from_year_id=from_year.id, to_year_id=to_year.id, state="draft"))
    else:
        change(write, found, {"state": "draft"})


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the two years: pupils with the class they leave, and who has a place already."""

    pupils: tuple[Pupil, ...]
    classes: Mapping[int, int]
    next_classes: tuple[ClassSeen, ...]
    placed: Mapping[int, int]
    families: Mapping[int, frozenset[int]]


def _read(session: Session, from_year: SchoolYear, to_year: SchoolYear) -> _Facts:
    last_day = from_year.ends_on - timedelta(days=1)
    leaving, coming = _classes(session, from_year), _classes(session, to_year)
    placed = _members(session, coming, first_school_day(session, to_year))
    classes = {
        person_id: class_id
        for person_id, class_id in _members(session, leaving, last_day).items()
        if person_id not in placed
    }
    families = _families(session, last_day, classes.keys() | placed.keys())
    levels = _levels(session, classes.keys(), to_year)
    pupils = [
        Pupil(person_id, leaving[class_id], *levels[person_id], families.get(person_id, frozenset()))
        for person_id, class_id in classes.items()
    ]
    return _Facts(tuple(pupils), classes, tuple(coming.values()), placed, families)


def _classes(session: Session, year: SchoolYear) -> dict[int, ClassSeen]:
    """Return the classes of schools; the groups of other places follow no level."""
    rows = session.scalars(
        select(SchoolClass)
        .join(Structure, Structure.id == SchoolClass.structure_id)
        .where(SchoolClass.school_year_id == year.id, Structure.kind == "school")
        .order_by(SchoolClass.id)
    )
    return {one.id: ClassSeen(one.id, one.structure_id, one.name, levels_of(one.level), one.level) for one in rows}


def _members(session: Session, classes: Collection[int], day: date) -> dict[int, int]:
    """Return the class of each pupil of some classes on a day; who was merged away is nobody's pupil."""
    rows = session.execute(
        select(ClassMembership.person_id, ClassMembership.class_id)
        .where(
            unmerged(ClassMembership.person_id),
            *in_force_on(day, ClassMembership.valid_from, ClassMembership.valid_to),
        )
        .order_by(ClassMembership.valid_from, ClassMembership.id)
    )
    return {person_id: class_id for person_id, class_id in rows if class_id in classes}


def _families(session: Session, day: date, people: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the files, as they are kept, in which each pupil is a child."""
    kept = kept_ids(session, Family)
    found: dict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(FamilyMember.person_id, FamilyMember.family_id).where(
            FamilyMember.role == "child",
            unmerged(FamilyMember.person_id),
            *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
        )
    )
    for person_id, family_id in rows:
        if person_id in people:
            found[person_id].add(kept.of(family_id))
    return {person_id: frozenset(files) for person_id, files in found.items()}


def _levels(session: Session, people: Collection[int], before: SchoolYear) -> dict[int, tuple[int | None, bool]]:
    """Return the level of each pupil in their last class before a year, and whether it is sure."""
    said = session.execute(
        select(RolloverLine.person_id, RolloverLine.to_class_id)
        .join(Rollover, Rollover.id == RolloverLine.rollover_id)
        .where(Rollover.state == "applied", RolloverLine.outcome == "repeat")
    )
    repeats = {(person_id, class_id) for person_id, class_id in said}
    rows = session.execute(
        select(ClassMembership.person_id, ClassMembership.class_id, SchoolClass.level, SchoolYear.starts_on)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(SchoolYear.starts_on < before.starts_on, unmerged(ClassMembership.person_id))
        .order_by(SchoolYear.starts_on, ClassMembership.valid_from, ClassMembership.id)
    )
    # Of a year, the class at its end says the level: a change of class within it is no new year.
    years: dict[int, dict[date, PastYear]] = defaultdict(dict)
    for person_id, class_id, level, begins in rows:
        if person_id in people:
            is_repeat = (person_id, class_id) in repeats
            years[person_id][begins] = PastYear(levels_of(level), begins.year, is_repeat)
    births = {person_id: born for person_id, born in session.execute(select(Person.id, Person.birth_date))}
    return {person_id: level_now(list(years[person_id].values()), births[person_id]) for person_id in people}


def _seated(facts: _Facts, decided: Collection[RolloverLine]) -> dict[int, int]:
    """Return how many pupils each class of the next year has already."""
    seated: dict[int, int] = defaultdict(int)
    for class_id in [*facts.placed.values(), *(line.to_class_id for line in decided)]:
        if class_id is not None:
            seated[class_id] += 1
    return seated


def _schools(facts: _Facts, decided: Collection[RolloverLine]) -> dict[int, frozenset[int]]:
    """Return the schools where children of each file have their place in the next year already."""
    school = {one.id: one.structure_id for one in facts.next_classes}
    sure = {**facts.placed, **{line.person_id: line.to_class_id for line in decided if line.to_class_id}}
    found: dict[int, set[int]] = defaultdict(set)
    for person_id, class_id in sure.items():
        for family in facts.families.get(person_id, frozenset()):
            found[family].add(school[class_id])
    return {family: frozenset(schools) for family, schools in found.items()}


def _write_lines(
    write: Write,
    passage: Passage,
    people: Sequence[int],
    classes: Mapping[int, int],
    proposed: Mapping[int, Proposed],
) -> None:
    """Write what is proposed for some pupils, and remove the lines of those who are pupils no longer."""
    rollover = rollover_of(write.session, passage)
    refuse_begun(rollover)
    if rollover.state == "dropped":
        raise invalid("Ce passage a été abandonné pendant sa proposition. Proposez-le à nouveau.")
    wanted = (RolloverLine.rollover_id == rollover.id, RolloverLine.person_id.in_(people))
    lines = {line.person_id: line for line in write.session.scalars(select(RolloverLine).where(*wanted))}
    new: list[RolloverLine] = []
    for person_id in people:
        line = lines.get(person_id)
        if person_id not in classes:
            if line is not None:
                _delete(write, line)
            continue
        if line is not None and line.is_checked:
            continue  # a person decided since it was thought out: their word stays
        one = proposed[person_id]
        values = {
            "from_class_id": classes[person_id],
            "to_class_id": one.class_id,
            "outcome": one.outcome,
            "comment": one.doubt,
        }
        if line is None:
            new.append(RolloverLine(rollover_id=rollover.id, person_id=person_id, is_checked=False, **values))
        else:
            change(write, line, values)
    add_all(write, new)


def _delete(write: Write, line: RolloverLine) -> None:
    told = {"person_id": line.person_id, "outcome": line.outcome, "to_class_id": line.to_class_id}
    write.audit("rollover_line", line.id, old=told, new={})
    write.session.delete(line)
