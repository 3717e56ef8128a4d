"""Finding a family file by what people remember of it: names, a child, a telephone, an e-mail, a reference.

Each word typed must be borne by somebody of the file, as a whole word, as its beginning, or with one letter wrong.
So « martin lea » finds Léa Fournier whose mother is Mme Martin. Words are looked up by equality and by range in
`search_word` (docs/adr/0014): the same statements on both engines, and no table is read through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import TypeAlias

from sqlalchemy import Select, select, union, union_all
from sqlalchemy.orm import Session, aliased

from domain.names import near_forms, phone_digits, search_key
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Address,
    Collectivity,
    Family,
    FamilyMember,
    Payer,
    Person,
    PersonWord,
    SearchVariant,
    SearchWord,
)
from records.operations.lookup import in_force_on, invalid
from records.operations.merged import kept_by_ref
from records.operations.registry import Scope, operation
from records.operations.search_index import email_word

LINES_MAX = 20
BEARERS_MAX = 1_000  # of one word typed: beyond, the other words decide, or the person types more
WORDS_MAX = 800
VALUES_MAX = 50  # bound in one statement
TYPED_MAX = 6
PHONE_DIGITS_MIN = 6
BEGINNING, NEAR = 0.9, 0.75  # what a match is worth beside a whole word

_Ids: TypeAlias = Select[int] | list[int]


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody of a file that was found; `is_match` when a word typed is theirs."""

    person_ref: str
    first_name: str
    last_name: str
    used_name: str | None
    birth_date: date | None
    role: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class FoundFamily:
    """A file that was found; `score` is 1 when every word typed is a whole word of it."""

    family_ref: str
    name: str
    commune: str | None
    people: tuple[FoundPerson, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The best files; `is_cut` when there are more than are shown: type more."""

    families: tuple[FoundFamily, ...]
    is_cut: bool


@dataclass(slots=True)
class _Match:
    """What a file has of what was typed: the worth of each word, and the people who bear one."""

    score: float
    people: set[int]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that a typed one may stand for: what each is worth, and the statement of their ids.

    Many are given to the engine as the statement: hundreds of bound values cost more than the search itself.
    """

    worths: dict[int, float]
    statement: Select[int]

    def every(self) -> _Ids:
        """Return all of them, to look up."""
        return self.statement if len(self.worths) > VALUES_MAX else list(self.worths)

    def whole_then_others(self) -> Iterator[_Ids]:
        """Yield the whole word, then the others; nothing of what there is not."""
        whole = [word_id for word_id, worth in self.worths.items() if worth == 1]
        others = [word_id for word_id, worth in self.worths.items() if worth < 1]
        if whole:
            yield whole
        if len(others) > VALUES_MAX:
            every = self.statement.subquery()
            yield select(every.c.id).where(every.c.id.not_in(whole))
        elif others:
            yield others


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def search_families(records: Records, actor: Actor, typed: str) -> Found:
    """Return the family files that answer to what was typed, best first, at most LINES_MAX.

    Case, accents, hyphens and one wrong letter a word do not matter. Raises InvalidData for too little.
    """
    with records.read() as session:
        by_ref = _families_of_ref(session, typed.strip())
        matches, is_cut = (by_ref, False) if by_ref else _search(session, typed)
        merged = set(session.scalars(select(Family.id).where(Family.merged_into_id.is_not(None))))
        matches = {family_id: match for family_id, match in matches.items() if family_id not in merged}
        best = sorted(matches.items(), key=lambda each: (-each[1].score, each[0]))
        return Found(
            tuple(_lines(session, best[:LINES_MAX], local_day_of(session, records.clock()))),
            is_cut or len(best) > LINES_MAX,
        )


def local_day_of(session: Session, now: int) -> date:
    """Return the day it is in the town, by its own clock."""
    return local_day(now, session.scalars(select(Collectivity.timezone)).one())


def _families_of_ref(session: Session, ref: str) -> dict[int, _Match]:
    """Return the files named by their own reference, a person's or a payer's."""
    person = session.scalar(select(Person).where(Person.ref == ref))
    found: dict[int, _Match] = {}
    if person is not None:
        person_id = kept_by_ref(session, Person, ref).id
        families = select(FamilyMember.family_id).where(FamilyMember.person_id == person_id)
        found = {family_id: _Match(1, {person_id}) for family_id in session.scalars(families)}
    files = session.scalars(select(Family).where(Family.ref == ref)).all()
    payers = session.scalars(select(Family).join(Payer).where(Payer.ref == ref)).all()
    for family in (*files, *payers):
        found.setdefault(kept_by_ref(session, Family, family.ref).id, _Match(1, set()))
    return found


def _search(session: Session, typed: str) -> tuple[dict[int, _Match], bool]:
    """Return the files by their worth: exact readings first, wrong letters only when those find nothing."""
    is_cut = False
    for words in _readings(typed):
        for with_typos in (False, True):
            matches, is_cut = _families_of_words(session, words, with_typos)
            if matches:
                return matches, is_cut
    return {}, is_cut


def _readings(typed: str) -> Iterator[list[str]]:
    """Yield the ways to read what was typed: an e-mail, a telephone, words, then neighbours in one piece."""
    digits = phone_digits(typed)
    if "@" in typed:
        yield [email_word(typed)]
    elif len(digits) >= PHONE_DIGITS_MIN and not any(character.isalpha() for character in typed):
        yield [digits]
    words = list(dict.fromkeys(search_key(typed).split()))[:TYPED_MAX]
    if sum(len(word) for word in words) < 2:
        raise invalid("Tapez au moins deux lettres d'un nom, un numéro de téléphone ou une référence.")
    yield words
    for place in range(len(words) - 1):
        yield [*words[:place], words[place] + words[place + 1], *words[place + 2 :]]


def _families_of_words(session: Session, words: Sequence[str], with_typos: bool) -> tuple[dict[int, _Match], bool]:
    """Return the files where each word is somebody's; the longest, probably the rarest, narrows the next ones."""
    matches: dict[int, _Match] = {}
    is_cut, first = False, None
    for word in sorted(words, key=len, reverse=True):
        known = _near(session, word) if with_typos else _plain(session, word)
        found, cut = _bearers(session, known, first)
        is_cut = is_cut or cut
        if first is None:
            first, matches = known, found
        matches = {
            family_id: one if one is found[family_id] else _both(one, found[family_id])
            for family_id, one in matches.items()
            if family_id in found
        }
        if not matches:
            return {}, is_cut
    for match in matches.values():
        match.score /= len(words)
    return matches, is_cut


def _both(one: _Match, other: _Match) -> _Match:
    return _Match(one.score + other.score, one.people | other.people)


def _plain(session: Session, word: str) -> _Words:
    """Return the words that are this one or begin with it (from two letters on)."""
    statement = select(SearchWord.id, SearchWord.word).where(SearchWord.word == word)
    if len(word) > 1:
        end = word[:-1] + chr(ord(word[-1]) + 1)
        statement = select(SearchWord.id, SearchWord.word).where(SearchWord.word >= word, SearchWord.word < end)
    statement = statement.order_by(SearchWord.word).limit(WORDS_MAX)
    worths = {word_id: 1.0 if known == word else BEGINNING for word_id, known in session.execute(statement)}
    return _Words(worths, select(statement.subquery().c.id))


def _near(session: Session, word: str) -> _Words:
    """Return also the words that are one letter away."""
    forms = sorted(near_forms(word))
    words = _plain(session, word)
    if not forms:
        return words
    # Two questions joined: asked with OR, PostgreSQL reads every word of the town.
    by_form = select(SearchVariant.word_id).where(SearchVariant.variant.in_([word, *forms]))
    near = union(
        select(SearchWord.id, SearchWord.word).where(SearchWord.word.in_(forms)),
        select(SearchWord.id, SearchWord.word).where(SearchWord.id.in_(by_form)),
    )
    more = {
        word_id: NEAR * SequenceMatcher(None, word, known).ratio()
        for word_id, known in session.execute(near)
        if word_id not in words.worths
    }
    both = union_all(words.statement, select(SearchWord.id).where(SearchWord.id.in_(more)))
    return _Words(words.worths | more, select(both.subquery().c.id))


def _bearers(session: Session, words: _Words, first: _Words | None) -> tuple[dict[int, _Match], bool]:
    """Return the files of those who bear one of the words, whole words first; True when there were too many.

    Only among the files of those who bear one of the `first` words, when they are given.
    """
    found: dict[int, _Match] = {}
    left = BEARERS_MAX
    for ids in words.whole_then_others():
        rows = session.execute(_bearers_of(ids, first).limit(left + 1)).all()
        for word_id, person_id, family_id in rows[:left]:
            match = found.setdefault(family_id, _Match(0, set()))
            match.people.add(person_id)
            match.score = max(match.score, words.worths[word_id])
        left -= len(rows)
        if left < 0:
            return found, True
    return found, False


def _bearers_of(ids: _Ids, first: _Words | None) -> Select[int, int, int]:
    """Return who bears the words, with their files: narrowed, the few files of the first word lead."""
    member, own = aliased(FamilyMember), aliased(PersonWord)
    statement = select(own.word_id, own.person_id, member.family_id).join(member, member.person_id == own.person_id)
    if first is None:
        return statement.where(own.word_id.in_(ids))
    files = (
        select(FamilyMember.family_id)
        .join(PersonWord, PersonWord.person_id == FamilyMember.person_id)
        .where(PersonWord.word_id.in_(first.every()))
        .limit(BEARERS_MAX)
    )
    # `+ 0`: looking up each person's few words beats looking up hundreds of words for each person.
    return statement.where(member.family_id.in_(files), (own.word_id + 0).in_(ids))


def _lines(session: Session, best: Sequence[tuple[int, _Match]], today: date) -> Iterator[FoundFamily]:
    """Yield the files found as a list shows them."""
    ids = [family_id for family_id, _ in best]
    files = {row.id: row for row in session.scalars(select(Family).where(Family.id.in_(ids)))}
    in_force = in_force_on(today, Address.valid_from, Address.valid_to)
    places = select(Address.family_id, Address.commune).where(Address.family_id.in_(ids), *in_force)
    communes = {family_id: commune for family_id, commune in session.execute(places)}
    people: dict[int, dict[int, FoundPerson]] = defaultdict(dict)
    matched = {family_id: match.people for family_id, match in best}
    for member, person in session.execute(
        select(FamilyMember, Person)
        .join(Person, Person.id == FamilyMember.person_id)
        .where(FamilyMember.family_id.in_(ids), Person.merged_into_id.is_(None))
        .order_by(FamilyMember.role.desc(), Person.birth_date, Person.id, FamilyMember.id)
    ):
        people[member.family_id][person.id] = FoundPerson(
            person.ref,
            person.first_name,
            person.last_name,
            person.used_name,
            person.birth_date,
            member.role,
            person.id in matched[member.family_id],
        )
    for family_id, match in best:
        family = files[family_id]
        yield FoundFamily(
            family.ref, family.name, communes.get(family_id), tuple(people[family_id].values()), match.score
        )
