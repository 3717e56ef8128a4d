"""Anonymising family files: names go from every table, what was billed, paid and counted stays (domain notes §10).

Ids, amounts, days, hours and QF stay, without anybody behind them. The birth date of a child who came stays as long
as its hours may be controlled: the age decides the CAF's group (kind `attendance`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from records.database import Write
from records.models import (
    Account,
    AuditEntry,
    BadgeAssignment,
    BadgeChild,
    Base,
    Document,
    Enrolment,
    Family,
    FamilyMember,
    Job,
    Merge,
    Payer,
    Person,
    PersonWord,
    Placement,
    RoleGrant,
    SearchVariant,
    SearchWord,
    Tap,
    TapQuarantine,
)
from records.operations.erasure import (
    ERASED_FIRST_NAME,
    ERASED_LAST_NAME,
    ERASED_NAME,
    Eraser,
)
from records.operations.erasure_accounts import erase_accounts
from records.operations.erasure_papers import erase_papers
from records.operations.erasure_taps import cut_taps
from records.operations.lookup import chunks

Key = tuple[str, str]
_JSON_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')

# The commune of who pays stays with its dates: what was billed by residence must be told again for years.
ADDRESS_COLUMNS = ("street", "extra", "postcode", "former_commune")

# What each table that points at a person, a file, a payer… loses: `()` erases the row, None keeps all of it.
# tests/records/test_erasure_plan.py holds that no table that points at them is left out.
OF_PERSON: dict[str, tuple[str, ...] | None] = {
    "address": ADDRESS_COLUMNS,
    "aeeh_right": None,  # the hours declared to the CAF rest on it
    "answer": (),
    "attendance_decision": ("reason",),
    "authorisation": (),
    "badge_assignment": None,  # renumbered below
    "badge_child": None,
    "booking": ("reason",),
    "class_membership": None,
    "coverage": None,  # the body's decision number proves what it paid
    "custody_calendar": None,
    "custody_exception": ("reason",),
    "custody_holiday": None,
    "delegation": ("covers",),
    "diet": None,  # counts of meals by diet rest on it
    "document": ("refusal",),
    "enrolment": None,  # renamed below
    "family_member": ("kinship",),
    "health_access": None,
    "health_note": (),
    "note": (),
    "payer": None,
    "person_phone": (),
    "person_word": (),
    "placement": ("referent",),
    "quotient_answer": None,
    "request": ("payload", "seen", "asked_by"),
    "rollover_line": ("comment",),
    "signature": ("comment",),
    "tap_child": None,
    "tray_mark": None,  # which trays were served, of which day
    "waiting_entry": (),
}
OF_FAMILY: dict[str, tuple[str, ...] | None] = {
    "address": ADDRESS_COLUMNS,
    "document": ("refusal",),
    "family_member": None,
    "family_review": (),
    "filoue_consent": None,  # a yes or a no, with its day
    "income": None,
    "note": (),
    "payer": None,
    "qf": None,
    "qf_calculation": None,
    "quotient_answer": None,
    "regime": ("allocataire_number",),
    "request": ("payload", "seen", "asked_by"),
    "signature": ("comment",),
}
MANDATE_COLUMNS = ("holder_name", "iban", "iban_end", "bic")


@dataclass(frozen=True, slots=True)
class Whose:
    """Ids of what is erased together: the files with those merged into them, and whoever is in no other file."""

    families: frozenset[int]
    people: frozenset[int]
    payers: frozenset[int]
    accounts: frozenset[int]


def everybody(session: Session, family_ids: Collection[int]) -> Whose:
    """Return everybody of the files, with what was merged into them."""
    families = _with_merged(session, Family, family_ids)
    members = set(session.scalars(select(FamilyMember.person_id).where(FamilyMember.family_id.in_(families))))
    payers = session.scalars(select(Payer).where(Payer.family_id.in_(families))).all()
    members |= {row.person_id for row in payers if row.person_id is not None}
    people = frozenset(_with_merged(session, Person, members))
    accounts = frozenset(session.scalars(select(Account.id).where(Account.person_id.in_(people))))
    return Whose(frozenset(families), people, frozenset(row.id for row in payers), accounts)


def whose(session: Session, family_ids: Collection[int]) -> Whose:
    """Return everybody of the files but those whom another file, or staff work, still needs."""
    them = everybody(session, family_ids)
    families, members = them.families, them.people
    elsewhere = set(
        session.scalars(
            select(FamilyMember.person_id)
            .join(Family, Family.id == FamilyMember.family_id)
            .where(
                FamilyMember.person_id.in_(members),
                FamilyMember.family_id.not_in(families),
                Family.anonymised_at.is_(None),
            )
        )
    )
    elsewhere |= set(
        session.scalars(
            select(Payer.person_id).where(Payer.person_id.in_(members), Payer.family_id.not_in(families))
        )
    )
    elsewhere |= set(session.scalars(select(Placement.carer_id).where(Placement.child_id.not_in(members))))
    elsewhere |= set(
        session.scalars(
            select(Account.person_id)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(Account.person_id.in_(members), RoleGrant.role != "family")
        )
    )
    people = members - elsewhere
    accounts = frozenset(session.scalars(select(Account.id).where(Account.person_id.in_(people))))
    return Whose(families, people, them.payers, accounts)


def erase_families(write: Write, eraser: Eraser, family_ids: Collection[int]) -> None:
    """Anonymise files inside an open window; nobody can be found by what is left."""
    session = write.session
    them = whose(session, family_ids)
    names, keys = _refs_of(session, them), keys_of(session, them)  # before they go: texts are found by these
    cut_taps(session, eraser, _taps_of(session, them))
    badges = set(session.scalars(badges_of(them)))
    eraser.replace_each("badge_assignment", badges, {"badge_uid": "coupé-{}"})
    erase_accounts(write, eraser, them.accounts)
    _rows_that_point(session, eraser, them)
    erase_papers(write, eraser, _documents_of(session, them))
    _rename(write, eraser, them)
    _search(session, them)
    _texts(session, eraser, names, keys)


def _rows_that_point(session: Session, eraser: Eraser, them: Whose) -> None:
    """Treat each table by each of its columns that points at a person or a file."""
    enrolments = set(session.scalars(select(Enrolment.id).where(Enrolment.person_id.in_(them.people))))
    mandates = _ids(session, "mandate", "payer_id", them.payers)
    eraser.erase("transport_seat", "enrolment_id", enrolments)
    eraser.blank("mandate_event", "mandate_id", mandates, ("comment",))
    eraser.blank("mandate", "id", mandates, MANDATE_COLUMNS)
    coverages = _ids(session, "coverage", "child_id", them.people)
    asked = _ids(session, "request", "family_id", them.families)
    for column in ("person_id", "asker_id"):
        asked |= _ids(session, "request", column, them.people)
    eraser.blank("request_decision", "request_id", asked, ("reason",))
    eraser.blank("coverage_event", "coverage_id", coverages, ("comment",))
    paying = session.scalars(select(Person.id).where(Person.id.in_(select(Payer.person_id))))
    eraser.erase("address", "person_id", them.people - set(paying))
    _by_plan(eraser, "person", OF_PERSON, them.people)
    _by_plan(eraser, "family", OF_FAMILY, them.families)
    moves = select(Merge.id).where(
        or_(
            (Merge.entity == "family") & Merge.merged_id.in_(them.families),
            (Merge.entity == "person") & Merge.merged_id.in_(them.people),
        )
    )
    eraser.blank("merge", "id", set(session.scalars(moves)), ("reason",))


def _by_plan(eraser: Eraser, target: str, plan: dict[str, tuple[str, ...] | None], ids: Collection[int]) -> None:
    for table_name, names in plan.items():
        if names is not None:
            for column in pointers(table_name, target):
                _treat(eraser, table_name, column, ids, names)


def pointers(table_name: str, target: str) -> list[str]:
    """Return the columns of a table that point at another table."""
    table = Base.metadata.tables[table_name]
    return [
        column.name
        for column in table.columns
        if any(key.column.table.name == target for key in column.foreign_keys)
    ]


def _treat(eraser: Eraser, table: str, column: str, ids: Collection[int], names: tuple[str, ...]) -> None:
    if names:
        eraser.blank(table, column, ids, names)
    else:
        eraser.erase(table, column, ids)


def _rename(write: Write, eraser: Eraser, them: Whose) -> None:
    """Give files, people, payers and enrolments a name of nobody; their ids stay."""
    session, now = write.session, write.now
    eraser.replace_each("family", them.families, {"ref": "anonyme-{}"})
    eraser.replace("family", "id", them.families, {"name": ERASED_NAME, "letter_name": None, "anonymised_at": now})
    eraser.replace_each("payer", them.payers, {"ref": "anonyme-payeur-{}"})
    enrolments = set(session.scalars(select(Enrolment.id).where(Enrolment.person_id.in_(them.people))))
    eraser.replace_each("enrolment", enrolments, {"ref": "anonyme-inscription-{}"})
    came = set(session.scalars(select(Enrolment.person_id).where(Enrolment.person_id.in_(them.people))))
    eraser.replace_each("person", them.people, {"ref": "anonyme-{}"})
    nobody = {
        "first_name": ERASED_FIRST_NAME,
        "last_name": ERASED_LAST_NAME,
        "search_key": "",
        "anonymised_at": now,
        **dict.fromkeys(("civility", "used_name", "email", "occupation", "sex")),
        **dict.fromkeys(("birth_commune_code", "birth_country_code")),
    }
    eraser.replace("person", "id", them.people, nobody)
    eraser.replace("person", "id", them.people - came, {"birth_date": None})


def _taps_of(session: Session, them: Whose) -> list[Tap]:
    """Return the taps that still name one of the people: by a badge that brings them, or by their ref."""
    refs = select(Person.ref).where(Person.id.in_(them.people))
    uids = select(BadgeAssignment.badge_uid).where(BadgeAssignment.id.in_(badges_of(them)))
    return list(session.scalars(select(Tap).where(or_(Tap.badge_uid.in_(uids), Tap.child_ref.in_(refs)))))


def badges_of(them: Whose) -> Select[int]:
    """Return the query of the badges that somebody of them holds, or that bring one of them."""
    brings = select(BadgeChild.assignment_id).where(BadgeChild.child_id.in_(them.people))
    return select(BadgeAssignment.id).where(
        or_(BadgeAssignment.holder_id.in_(them.people), BadgeAssignment.id.in_(brings))
    )


def _search(session: Session, them: Whose) -> None:
    """Forget the words that only these people bore, and how they may be mistyped."""
    session.execute(delete(PersonWord).where(PersonWord.person_id.in_(them.people)))
    alone = select(SearchWord.id).where(SearchWord.id.not_in(select(PersonWord.word_id)))
    words = list(session.scalars(alone))
    for part in chunks(words):
        session.execute(delete(SearchVariant).where(SearchVariant.word_id.in_(part)))
        session.execute(delete(SearchWord).where(SearchWord.id.in_(part)))


def _texts(session: Session, eraser: Eraser, names: frozenset[str], keys: frozenset[Key]) -> None:
    """Empty what is about them or quotes one of the refs: entries of the audit, bytes put apart, jobs."""
    told = session.execute(
        select(AuditEntry.seq, AuditEntry.entity, AuditEntry.entity_id, AuditEntry.old, AuditEntry.new)
    )
    entries = [
        seq
        for seq, entity, entity_id, old, new in told
        if entity_id in names or (entity, entity_id) in keys or _quotes((old, new), names)
    ]
    eraser.blank("audit", "seq", entries, ("old", "new", "entity_id"))
    apart = session.execute(select(TapQuarantine.id, TapQuarantine.content, TapQuarantine.detail))
    ids = [row.id for row in apart if _quotes((row.content.decode(errors="replace"), row.detail), names)]
    eraser.blank("tap_quarantine", "id", ids, ("content", "detail", "note"))
    jobs = session.execute(select(Job.id, Job.arguments, Job.result, Job.message))
    quoted = [row.id for row in jobs if _quotes((row.arguments, row.result), names)]
    eraser.replace("job", "id", quoted, {"arguments": "{}", "result": None, "message": ""})


def _quotes(texts: Iterable[str | None], names: frozenset[str]) -> bool:
    return any(text and not names.isdisjoint(_JSON_TEXT.findall(text)) for text in texts)


def _refs_of(session: Session, them: Whose) -> frozenset[str]:
    """Return what texts call these people by: refs, badge numbers, log-ins, and ids as the audit writes them."""
    found: set[str] = set(session.scalars(select(Family.ref).where(Family.id.in_(them.families))))
    found |= set(session.scalars(select(Person.ref).where(Person.id.in_(them.people))))
    found |= set(session.scalars(select(Payer.ref).where(Payer.id.in_(them.payers))))
    found |= set(session.scalars(select(Enrolment.ref).where(Enrolment.person_id.in_(them.people))))
    found |= set(session.scalars(select(BadgeAssignment.badge_uid).where(BadgeAssignment.id.in_(badges_of(them)))))
    found |= set(session.scalars(select(Account.login).where(Account.id.in_(them.accounts))))
    return frozenset(found)


def keys_of(session: Session, them: Whose) -> frozenset[Key]:
    """Return how the audit calls each row that points at them: table, and ref or id."""
    mandates = _ids(session, "mandate", "payer_id", them.payers)
    found = {("account", str(each)) for each in them.accounts} | {
        ("totp_secret", str(each)) for each in them.accounts
    }
    found |= {("mandate", str(each)) for each in mandates}
    targets: tuple[tuple[str, Collection[int]], ...] = (
        ("person", them.people),
        ("family", them.families),
        ("account", them.accounts),
        ("mandate", mandates),
        ("coverage", _ids(session, "coverage", "child_id", them.people)),
        ("enrolment", _ids(session, "enrolment", "person_id", them.people)),
        ("request", _ids(session, "request", "family_id", them.families)),
    )
    for table in Base.metadata.sorted_tables:
        key = table.c.get("ref", table.c.get("id"))
        if key is None:
            continue
        for target, ids in targets:
            for column in pointers(table.name, target):
                rows: Iterable[object] = session.scalars(select(key).where(table.c[column].in_(ids)))
                found |= {(table.name, str(each)) for each in rows}
    return frozenset(found)


def _documents_of(session: Session, them: Whose) -> set[int]:
    return set(
        session.scalars(
            select(Document.id).where(
                or_(Document.family_id.in_(them.families), Document.person_id.in_(them.people))
            )
        )
    )


def _ids(session: Session, table_name: str, column: str, values: Collection[int]) -> set[int]:
    table = Base.metadata.tables[table_name]
    return set(session.scalars(select(table.c.id).where(table.c[column].in_(values))))


def _with_merged(session: Session, model: type[Family] | type[Person], ids: Collection[int]) -> set[int]:
    found, edge = set(ids), set(ids)
    while edge:
        edge = set(session.scalars(select(model.id).where(model.merged_into_id.in_(edge)))) - found
        found |= edge
    return found
