"""What families ask in the tests, as the portal sends it, and how staff answer."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select

from records.actors import SETUP, Actor
from records.database import Records
from records.models import Person
from records.operations.enrolments import enrol
from records.operations.offers import NewBookingRule
from records.operations.request_desk import RequestAnswer
from records.operations.requests import NewRequest, Receipt, submit_request
from tests.factories.people import FamilyRefs, a_family, new_enrolment
from tests.factories.town import CANTEEN, SCHOOL, START, TODAY

DAY = TODAY + timedelta(days=9)  # a Thursday
IBAN = "FR76 3000 6000 0112 3456 7890 189"
REQUESTS = NewBookingRule(
    CANTEEN, START, "Délibération", "requests", deadline_rule="days_before", deadline_days=2, deadline_minute=720,
    after_deadline="refused",
)  # fmt: skip


def an_asking_family(records: Records) -> FamilyRefs:
    """Create a child who eats on booked days alone, with two guardians."""
    made = a_family(records, guardians=2)
    enrol(records, SETUP, new_enrolment(made, patterns=()))
    return made


def ask(records: Records, actor: Actor, kind: str, family: FamilyRefs, **payload: object) -> Receipt:
    """Ask something on the portal, against the row as it is now."""
    version = version_of(records, str(payload.get("person_ref", "")))
    if kind == "bank":
        version = 1
    return submit_request(records, actor, NewRequest(kind, family.ref, payload, version))


def ask_mail(records: Records, actor: Actor, family: FamilyRefs, email: str = "anne@exemple.fr") -> Receipt:
    """Ask for another mail address of the first guardian."""
    return ask(records, actor, "representative", family, person_ref=family.guardians[0], email=email)


def ask_day(records: Records, actor: Actor, family: FamilyRefs, action: str = "book") -> Receipt:
    """Ask for the canteen of DAY."""
    return ask(records, actor, "bookings", family, **place(family), days=[{"day": DAY, "action": action}])


def place(family: FamilyRefs) -> dict[str, object]:
    """Return the first child at the canteen of the school."""
    return {"child_ref": family.child, "service_ref": CANTEEN, "structure_ref": SCHOOL}


def version_of(records: Records, person_ref: str) -> int | None:
    """Return the version of somebody's row, as the portal's page holds it."""
    with records.read() as session:
        return session.scalar(select(Person.row_version).where(Person.ref == person_ref))


def email_of(records: Records, person_ref: str) -> str | None:
    """Return the mail address that the record holds."""
    with records.read() as session:
        return session.scalar(select(Person.email).where(Person.ref == person_ref))


def accept(ref: str, **answer: object) -> RequestAnswer:
    """Return an acceptance."""
    return RequestAnswer(ref, "accept", **answer)  # type: ignore[arg-type]


def note(label: str = "Arachide") -> Mapping[str, object]:
    """Return a health note to add."""
    return {"kind": "allergy", "label": label, "valid_from": TODAY, "detail": "Trousse au bureau"}
