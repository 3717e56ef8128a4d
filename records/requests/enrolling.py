"""« Inscriptions » and « inscription scolaire »: a service from a day on, a school from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy import select

from domain.french import WEEKDAYS
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import ClassMembership, Enrolment, Person, SchoolClass, Service, Structure
from records.operations.booking_terms import TermsBook
from records.operations.enrolments import NewEnrolment, NewEnrolmentPayer, NewPattern, enrol
from records.operations.families import NewClassMembership
from records.operations.lookup import by_ref, in_force_on, invalid
from records.operations.merged import ids_with_merged
from records.operations.pupils import join_class
from records.requests.files import child_of, payer_of, require_own_payer
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import hours, joined, said


class PatternV1(Payload):
    """A weekday (0 = Monday) of every week, or of week A or B from the Monday when a week A begins."""

    weekday: int
    formula: str | None = None
    week_cycle: Literal["A", "B"] | None = None
    cycle_anchor_on: date | None = None
    start_minute: int | None = None
    end_minute: int | None = None


class EnrolmentV1(Payload):
    """A child at a service and place over [valid_from, valid_to); two payers share by the custody calendar."""

    child_ref: str
    service_ref: str
    structure_ref: str
    valid_from: date
    payer_refs: tuple[str, ...]
    valid_to: date | None = None
    patterns: tuple[PatternV1, ...] = ()


class EnrolmentCompletion(Payload):
    """The tariff category: the town's word, never the family's. None: that of the child's last one there."""

    category: str | None = None


class Enrolling(RequestKind[EnrolmentV1]):
    """Accepted, it enrols the child, on the days asked for."""

    code = "enrolments"
    label = "Inscriptions"
    payloads = (EnrolmentV1,)
    completion = EnrolmentCompletion
    rehearsal = EnrolmentCompletion(category="à choisir")
    writing = frozenset({Right.EDIT_ENROLMENTS})

    def check_sender(self, write: Write, asked: Asked[EnrolmentV1]) -> None:
        """Refuse a service that takes nothing on the portal, and who would have somebody else pay."""
        wanted = asked.payload
        require_own_payer(asked, payer_of(asked, wanted.payer_refs[0] if wanted.payer_refs else None))
        service = by_ref(asked.session, Service, wanted.service_ref)
        place = by_ref(asked.session, Structure, wanted.structure_ref)
        TermsBook(write.session, write.now).refuse_portal(service.id, place.id, wanted.valid_from)

    def look(self, asked: Asked[EnrolmentV1]) -> Subject:
        """Return what the child is enrolled in at the service, and what is wanted."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        service = by_ref(asked.session, Service, wanted.service_ref)
        place = by_ref(asked.session, Structure, wanted.structure_ref)
        payers = [payer_of(asked, ref) for ref in wanted.payer_refs]
        rows = _enrolments(asked, child, service)
        here = joined((f"{_place_name(asked, row)}, {_span(row.valid_from, row.valid_to)}" for row in rows), " ; ")
        new = f"{place.name}, {_span(wanted.valid_from, wanted.valid_to)}"
        fields = (
            Field("place", service.label, here, new),
            Field("days", "Jours", None, joined(map(_pattern_words, wanted.patterns), " ; ") or "jours réservés"),
            Field("payers", "Payeur", None, joined(each.ref for each in payers if each is not None)),
        )
        return Subject(fields, person_id=child.id, structure_id=place.id, service_id=service.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[EnrolmentV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Enrol the child; the request's reference is the enrolment's."""
        wanted = asked.payload
        rule = "all" if len(wanted.payer_refs) == 1 else "custody"
        enrolment = NewEnrolment(
            ref=asked.ref,
            person_ref=wanted.child_ref,
            service_ref=wanted.service_ref,
            structure_ref=wanted.structure_ref,
            category=_category(asked, given),
            valid_from=wanted.valid_from,
            valid_to=wanted.valid_to,
            patterns=tuple(NewPattern(**each.model_dump()) for each in wanted.patterns),
            payers=tuple(NewEnrolmentPayer(ref, rule) for ref in wanted.payer_refs),
        )
        enrol(records, actor, enrolment)
        return ()


class SchoolV1(Payload):
    """A school from a day on; out of one's sector, why (dérogation)."""

    child_ref: str
    school_ref: str
    valid_from: date
    level: str
    is_derogation: bool = False
    reason: str | None = None


class SchoolCompletion(Payload):
    """The class that staff admit the child to."""

    class_ref: str


class SchoolEnrolling(RequestKind[SchoolV1]):
    """Accepted, it admits the child to the class that staff choose in that school."""

    code = "school"
    label = "Inscription scolaire"
    payloads = (SchoolV1,)
    completion = SchoolCompletion
    is_rehearsed = False

    def look(self, asked: Asked[SchoolV1]) -> Subject:
        """Return the child's class of that day, and the school that is wanted."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        school = by_ref(asked.session, Structure, wanted.school_ref)
        if school.kind != "school":
            raise invalid(f"« {school.name} » n'est pas une école. Choisissez une école.")
        if wanted.is_derogation and not wanted.reason:
            raise invalid("Une dérogation se demande avec son motif : écrivez-le.")
        fields = (
            Field("school", "École", _class_words(asked, child), f"{school.name}, {wanted.level}"),
            Field("valid_from", "À partir du", None, said(wanted.valid_from)),
            Field("derogation", "Dérogation", None, joined((said(wanted.is_derogation), wanted.reason))),
        )
        return Subject(fields, person_id=child.id, structure_id=school.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[SchoolV1], given: Payload | None
    ) -> tuple[str, ...]:
        """Admit the child to the class. Raises InvalidData when it is of another school."""
        assert isinstance(given, SchoolCompletion)
        wanted = asked.payload
        room = by_ref(asked.session, SchoolClass, given.class_ref)
        school = by_ref(asked.session, Structure, wanted.school_ref)
        if room.structure_id != school.id:
            raise invalid(f"La classe « {room.name} » n'est pas de l'école demandée. Choisissez-en une autre.")
        join_class(records, actor, wanted.child_ref, NewClassMembership(room.ref, wanted.valid_from))
        return (f"Admission en {room.name}, {school.name}.",)


def _category(asked: Asked[EnrolmentV1], given: Payload | None) -> str:
    if isinstance(given, EnrolmentCompletion) and given.category:
        return given.category
    child = child_of(asked, asked.payload.child_ref)
    service = by_ref(asked.session, Service, asked.payload.service_ref)
    known = _enrolments(asked, child, service)
    if not known:
        raise invalid("Choisissez la catégorie tarifaire de cette inscription.")
    return known[-1].category


def _enrolments(asked: Asked[Any], child: Person, service: Service) -> list[Enrolment]:
    people = ids_with_merged(asked.session, Person, child.id)
    mine = (Enrolment.person_id.in_(people), Enrolment.service_id == service.id)
    rows = asked.session.scalars(select(Enrolment).where(*mine).order_by(Enrolment.valid_from, Enrolment.id))
    return list(rows)


def _place_name(asked: Asked[Any], row: Enrolment) -> str:
    return asked.session.get_one(Structure, row.structure_id).name


def _class_words(asked: Asked[SchoolV1], child: Person) -> str | None:
    found = asked.session.execute(
        select(Structure.name, SchoolClass.name)
        .join(SchoolClass, SchoolClass.structure_id == Structure.id)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(
            ClassMembership.person_id == child.id,
            *in_force_on(asked.payload.valid_from, ClassMembership.valid_from, ClassMembership.valid_to),
        )
    ).first()
    return None if found is None else joined(found)


def _span(valid_from: date, valid_to: date | None) -> str:
    end = "" if valid_to is None else f" jusqu'au {said(valid_to)} exclu"
    return f"à partir du {said(valid_from)}{end}"


def _pattern_words(each: PatternV1) -> str | None:
    day = WEEKDAYS[each.weekday] if 0 <= each.weekday < len(WEEKDAYS) else str(each.weekday)
    week = None if each.week_cycle is None else f"semaine {each.week_cycle}"
    return joined((day, week, each.formula, hours(each.start_minute, each.end_minute)), " ")
