"""Duplicates: who is there already before a file is created, and the yearly report for the whole town."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.french import staff_name
from domain.names import near_forms, phone_digits, search_key
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Address,
    Family,
    FamilyMember,
    Person,
    PersonPhone,
    PersonWord,
    SearchVariant,
    SearchWord,
)
from records.operations.lookup import chunks
from records.operations.new_people import NewPerson
from records.operations.paging import FIRST_PAGE, Page, PageAsked, page_of
from records.operations.registry import Scope, operation
from records.operations.resemblance import PROBABLE, Likeness, compact, compare, likeness_names
from records.operations.search_index import email_word

GROUP_MAX = 200  # more people of one telephone or one name without a date tell nothing
CANDIDATES_MAX = 500


@dataclass(frozen=True, slots=True)
class Similar:
    """Somebody known who may be the person about to be created: a score out of 100, and why."""

    person_ref: str
    name: str
    birth_date: date | None
    family_refs: tuple[str, ...]
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two people or two files (`entity`) that are probably one: a score out of 100, and why."""

    entity: str
    refs: tuple[str, str]
    names: tuple[str, str]
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A person of the records, ready to be compared."""

    person_id: int
    ref: str
    name: str
    like: Likeness


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def similar_people(records: Records, actor: Actor, person: NewPerson) -> list[Similar]:
    """Return who may already be this person, the most alike first: to be looked at before creating anybody."""
    with records.read() as session:
        return _similar(session, person)


def most_alike(session: Session, person: NewPerson) -> Similar | None:
    """Return who is probably this person, None when nobody is: asked before anybody is created."""
    found = _similar(session, person)
    return found[0] if found and found[0].score >= PROBABLE else None


def _similar(session: Session, person: NewPerson) -> list[Similar]:
    asked = Likeness(
        compact(person.first_name),
        likeness_names(person.last_name, person.used_name),
        person.birth_date,
        frozenset({phone_digits(person.phone)} if person.phone else ()),
        email_word(person.email) if person.email else None,
    )
    known = _known(session, Person.id.in_(_candidates(session, person)))
    found = [(each, *compare(asked, each.like)) for each in known]
    found = sorted((each for each in found if each[1] > 0), key=lambda each: (-each[1], each[0].ref))
    files = _files_of(session, [each.person_id for each, _, _ in found])
    return [
        Similar(each.ref, each.name, each.like.birth_date, tuple(sorted(files[each.person_id])), score, reasons)
        for each, score, reasons in found
    ]


@operation(Right.MERGE_FAMILIES)
def probable_duplicates(records: Records, actor: Actor, asked: PageAsked = FIRST_PAGE) -> Page[Duplicate]:
    """Return the people then the files of the whole town that are probably one, the most alike first.

    Reads everybody: some seconds for a large town; it is asked for once a year (domain notes §3).
    """
    with records.read() as session:
        known = _known(session, Person.id > 0)
        people = list(_pairs(known))
        files = list(
            _family_pairs(session, [(one.person_id, other.person_id, score) for one, other, score, _ in people])
        )
    found = [
        Duplicate("person", (one.ref, other.ref), (one.name, other.name), score, reasons)
        for one, other, score, reasons in people
    ]
    lines = sorted((*found, *files), key=lambda line: (-line.score, line.entity, line.refs))
    return page_of(lines, asked)


def _candidates(session: Session, person: NewPerson) -> Collection[int]:
    """Return the ids of people whose name, telephone or e-mail may be the asked one's."""
    found: set[int] = set()
    for names in ((person.first_name,), (person.last_name, person.used_name)):
        words = {word for name in names if name for word in (compact(name), *search_key(name).split())}
        ids = session.scalars(select(PersonWord.person_id).where(_bears(words))).all()
        found = set(ids) if not found else found & set(ids)
    contacts = {phone_digits(person.phone)} if person.phone else set[str]()
    contacts |= {email_word(person.email)} if person.email else set()
    if contacts:
        by_word = select(SearchWord.id).where(SearchWord.word.in_(contacts))
        found |= set(session.scalars(select(PersonWord.person_id).where(PersonWord.word_id.in_(by_word))))
    return sorted(found)[:CANDIDATES_MAX]


def _bears(words: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a person bears one of the words, or one a letter away."""
    forms = {form for word in words for form in near_forms(word)}
    by_form = select(SearchVariant.word_id).where(SearchVariant.variant.in_([*words, *forms]))
    by_word = select(SearchWord.id).where(SearchWord.word.in_([*words, *forms]))
    return or_(PersonWord.word_id.in_(by_form), PersonWord.word_id.in_(by_word))


def _known(session: Session, which: ColumnElement[bool]) -> list[_Known]:
    """Return people neither merged nor erased, with what they are compared by."""
    people = session.execute(
        select(
            Person.id, Person.ref, Person.first_name, Person.last_name, Person.used_name, Person.birth_date,
            Person.email,
        ).where(which, Person.merged_into_id.is_(None), Person.anonymised_at.is_(None))
    ).all()  # fmt: skip
    ids = [row.id for row in people]
    phones, places = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    for part in chunks(ids):
        numbers = select(PersonPhone.person_id, PersonPhone.number).where(PersonPhone.person_id.in_(part))
        for person_id, number in session.execute(numbers):
            phones[person_id].add(phone_digits(number))
        for person_id, street, postcode in session.execute(
            select(FamilyMember.person_id, Address.street, Address.postcode)
            .join(Address, Address.family_id == FamilyMember.family_id)
            .where(FamilyMember.person_id.in_(part), Address.street.is_not(None))
        ):
            places[person_id].add(search_key(f"{street} {postcode or ''}"))
    return [
        _Known(
            row.id,
            row.ref,
            staff_name(row.last_name, row.first_name),
            Likeness(
                compact(row.first_name),
                likeness_names(row.last_name, row.used_name),
                row.birth_date,
                frozenset(phones[row.id]),
                email_word(row.email) if row.email else None,
                frozenset(places[row.id]),
            ),
        )
        for row in people
    ]


def _pairs(known: Iterable[_Known]) -> Iterator[tuple[_Known, _Known, int, tuple[str, ...]]]:
    """Yield the pairs that are probably one: of one birth date, one name, one telephone, one e-mail."""
    groups: dict[Hashable, list[_Known]] = defaultdict(list)
    for each in known:
        like = each.like
        if like.birth_date is not None:
            groups[like.birth_date].append(each)
        for name in like.names:
            groups[(like.first_name, name)].append(each)
        for contact in (*like.phones, *([like.email] if like.email else ())):
            groups[("contact", contact)].append(each)
    seen: set[tuple[int, int]] = set()
    for key, group in groups.items():
        if len(group) > GROUP_MAX and not isinstance(key, date):
            continue
        for one, other in combinations(sorted(group, key=lambda each: each.person_id), 2):
            score, reasons = compare(one.like, other.like)
            if score >= PROBABLE and (one.person_id, other.person_id) not in seen:
                seen.add((one.person_id, other.person_id))
                yield one, other, score, reasons


def _family_pairs(session: Session, people: Iterable[tuple[int, int, int]]) -> Iterator[Duplicate]:
    """Yield the files that share a representative, or whose people are probably the same."""
    members: dict[int, set[int]] = defaultdict(set)
    guardians: dict[int, set[int]] = defaultdict(set)
    files: dict[int, Family] = {}
    for family, member in session.execute(
        select(Family, FamilyMember)
        .join(FamilyMember, FamilyMember.family_id == Family.id)
        .where(Family.merged_into_id.is_(None), Family.anonymised_at.is_(None))
    ):
        files[family.id] = family
        members[member.person_id].add(family.id)
        if member.role == "guardian":
            guardians[member.person_id].add(family.id)
    best: dict[tuple[int, int], tuple[int, str]] = {}
    for shared in guardians.values():
        for pair in combinations(sorted(shared), 2):
            best[pair] = (90, "même représentant légal")
    for one, other, score in people:
        for first in members[one]:
            for second in members[other] - {first}:
                pair = (min(first, second), max(first, second))
                best[pair] = max(best.get(pair, (0, "")), (score, "des personnes presque identiques"))
    for (first, second), (score, reason) in best.items():
        pair_of = (files[first], files[second])
        yield Duplicate(
            "family", (pair_of[0].ref, pair_of[1].ref), (pair_of[0].name, pair_of[1].name), score, (reason,)
        )


def _files_of(session: Session, person_ids: Collection[int]) -> dict[int, set[str]]:
    files: dict[int, set[str]] = defaultdict(set)
    rows = select(FamilyMember.person_id, Family.ref).join(Family).where(FamilyMember.person_id.in_(person_ids))
    for person_id, ref in session.execute(rows.where(Family.merged_into_id.is_(None))):
        files[person_id].add(ref)
    return files
