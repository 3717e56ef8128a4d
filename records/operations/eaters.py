"""Adults who eat: a file of their own, a payer, and their enrolment, in one gesture (domain notes §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from records.actors import Actor, Right
from records.database import Records
from records.operations.enrolments import NewEnrolment, NewEnrolmentPayer, NewPattern, write_enrolments
from records.operations.families import NewFamily, NewMember, NewPayer, write_families
from records.operations.new_people import NewPerson
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class NewEater:
    """An adult enrolled from a day on in a tariff category; pays their own meals, unless a body does.

    Their file, payer and enrolment are named after the person's ref. Without patterns each day is booked.
    """

    person: NewPerson
    commune: str
    service_ref: str
    structure_ref: str
    category: str
    valid_from: date
    patterns: tuple[NewPattern, ...] = ()
    valid_to: date | None = None
    payer_body: str | None = None
    is_known_apart: bool = False


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE, also=frozenset({Right.EDIT_ENROLMENTS}))
def create_eater(records: Records, actor: Actor, eater: NewEater) -> int:
    """Create an adult who eats, enrolled at a place; returns the enrolment's id.

    Raises InvalidData for a duplicate or what `enrol_all` refuses, NotAllowed without the right to enrol there.
    """
    person = eater.person
    payer = NewPayer(
        f"{person.ref}-payeur",
        person_ref=None if eater.payer_body else person.ref,
        body_name=eater.payer_body,
        notice_channel="email" if person.email and not eater.payer_body else "none",
    )
    family = NewFamily(
        ref=f"{person.ref}-dossier",
        name=person.used_name or person.last_name,
        commune=eater.commune,
        valid_from=eater.valid_from,
        members=(NewMember(person, "guardian"),),
        payers=(payer,),
        is_known_apart=eater.is_known_apart,
    )
    enrolment = NewEnrolment(
        ref=f"{person.ref}-{eater.service_ref}",
        person_ref=person.ref,
        service_ref=eater.service_ref,
        structure_ref=eater.structure_ref,
        category=eater.category,
        valid_from=eater.valid_from,
        valid_to=eater.valid_to,
        patterns=eater.patterns,
        payers=(NewEnrolmentPayer(payer.ref),),
    )
    with records.write(actor, "create_eater") as write:
        write_families(write, [family])
        return write_enrolments(write, [enrolment])[enrolment.ref]
