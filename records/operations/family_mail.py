"""What families and staff are told by mail, written inside the write that it tells of (domain notes §3, §9).

A mail crosses the open internet: it says what was decided and what to do, never health, bank details or a placed
child's name.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from domain.evidence import MICROS_PER_DAY
from records.actors import Right
from records.database import Write
from records.models import (
    Account,
    ClassMembership,
    Enrolment,
    Family,
    FamilyMember,
    Person,
    Request,
    RoleGrant,
    SchoolClass,
    Service,
    Structure,
    WaitingEntry,
)
from records.operations.lookup import in_force_on
from records.operations.merged import kept_ids, unmerged
from records.operations.messages import BY_POST, Letter, mail_of, post_letter
from records.requests.catalogue import kind_of

KEPT_DAYS = 30  # a decision told a month late is told no more
_PRIVATE = (Right.SEE_HEALTH, Right.SEE_BANK)
_HEADS = ("coordinator", "leisure_director", "daycare_director")  # who runs a place (notes §10)


def tell_decision(write: Write, row: Request, decision: str, reason: str | None) -> None:
    """Tell who asked what became of their request: their account's address, else that of their file, else by post.

    When nobody is known, nobody is told: `request_desk.decided_requests` still lists what was decided.
    """
    account = None if row.account_id is None else write.session.get_one(Account, row.account_id)
    if account is not None and account.disabled_at is None:
        name, address = account.display_name, mail_of(account)
    else:
        account, (name, address) = None, _asker_of(write, row)
    if address is None:
        return
    kind = kind_of(row.kind)
    content = {
        "name": name,
        "has_account": account is not None,
        "what": kind.label,
        "asked_on": row.received_on.isoformat(),
        # The reason of an answer about health or the bank is read on the portal alone.
        "reason": None if kind.reading in _PRIVATE else reason,
    }
    code = "request_accepted" if decision == "accept" else "request_refused"
    _post(write, Letter(code, f"{code}-{row.id}", address, content, None if account is None else account.id))


def _asker_of(write: Write, row: Request) -> tuple[str, str | None]:
    """Return the name and the address of whoever asked at the counter; no address when nobody is known."""
    if row.asker_id is None:
        return "", None
    person = write.session.get_one(Person, kept_ids(write.session, Person).of(row.asker_id))
    return _full_name(person), person.email or f"{BY_POST}{person.ref}"


def _full_name(person: Person) -> str:
    return f"{person.first_name} {person.used_name or person.last_name}"


def tell_offer(write: Write, entry: WaitingEntry) -> None:
    """Tell each guardian of who waits that a place is offered, and until when: by mail, else by post."""
    session = write.session
    child = session.get_one(Person, entry.person_id)
    assert entry.offered_until is not None
    content = {
        "child": child.first_name,
        "service": session.get_one(Service, entry.service_id).label,
        "place": session.get_one(Structure, entry.structure_id).name,
        "until": entry.offered_until.isoformat(),
    }
    for guardian in _guardians(write, child.id, entry.offered_until):
        key = f"place_offered-{entry.id}-{entry.row_version}-{guardian.id}"
        own = {**content, "name": _full_name(guardian)}
        account = select(Account.id).where(Account.person_id == guardian.id).order_by(Account.id).limit(1)
        account_id = session.scalar(account)
        _post(write, Letter("place_offered", key, guardian.email or f"{BY_POST}{guardian.ref}", own, account_id))


def tell_placement(write: Write, placement_id: int, family: Family, child_id: int, day: date) -> None:
    """Mail who runs the places of a placed child that the file must be looked at (notes §3): by its reference."""
    for account in _heads(write, _places_of(write, child_id, day), day):
        address = mail_of(account)
        if address is not None:
            content = {"name": account.display_name, "family": family.ref, "from": day.isoformat()}
            key = f"child_placed-{placement_id}-{account.id}"
            _post(write, Letter("child_placed", key, address, content, account.id))


def _post(write: Write, letter: Letter) -> None:
    post_letter(write.session, letter, write.now, write.now + KEPT_DAYS * MICROS_PER_DAY)


def _guardians(write: Write, child_id: int, day: date) -> list[Person]:
    """Return the guardians of a child's files on a day."""
    files = select(FamilyMember.family_id).where(
        FamilyMember.person_id == child_id,
        FamilyMember.role == "child",
        *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
    )
    adults = select(FamilyMember.person_id).where(
        FamilyMember.family_id.in_(files),
        FamilyMember.role == "guardian",
        *in_force_on(day, FamilyMember.valid_from, FamilyMember.valid_to),
    )
    people = select(Person).where(Person.id.in_(adults), unmerged(Person.id))
    return list(write.session.scalars(people.order_by(Person.id)))


def _places_of(write: Write, child_id: int, day: date) -> set[int]:
    """Return where a child is a pupil or enrolled on a day or later."""
    classes = (
        select(SchoolClass.structure_id)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(
            ClassMembership.person_id == child_id,
            ClassMembership.valid_to.is_(None) | (ClassMembership.valid_to > day),
        )
    )
    enrolled = select(Enrolment.structure_id).where(
        Enrolment.person_id == child_id, Enrolment.valid_to.is_(None) | (Enrolment.valid_to > day)
    )
    return {*write.session.scalars(classes), *write.session.scalars(enrolled)}


def _heads(write: Write, places: set[int], day: date) -> list[Account]:
    """Return the open accounts that run some of the places on a day."""
    held = select(RoleGrant.account_id).where(
        RoleGrant.role.in_(_HEADS),
        RoleGrant.structure_id.in_(places),
        *in_force_on(day, RoleGrant.valid_from, RoleGrant.valid_to),
    )
    accounts = select(Account).where(Account.id.in_(held), Account.disabled_at.is_(None))
    return list(write.session.scalars(accounts.order_by(Account.id)))
