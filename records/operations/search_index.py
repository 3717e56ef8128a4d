"""The words by which people are found, kept with the people themselves (records/models/search.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from domain.names import WORD_LENGTH_MAX, name_words, near_forms, phone_digits, search_key
from records.models import Person, PersonPhone, PersonWord, SearchVariant, SearchWord
from records.operations.lookup import chunks


def index_people(session: Session, person_ids: Collection[int]) -> None:
    """Write again the words of people; those of a merged person go to the person kept, an erased one has none.

    Part of the write that changed them. Words that nobody bears any more stay.
    """
    session.flush()
    ids = sorted(_with_merged(session, person_ids))
    wanted = _words_of(session, ids)
    known = word_ids(session, {word for words in wanted.values() for word in words})
    for part in chunks(ids):
        session.execute(delete(PersonWord).where(PersonWord.person_id.in_(part)))
    rows = [
        {"word_id": known[word], "person_id": person_id}
        for person_id, words in wanted.items()
        for word in sorted(words)
    ]
    if rows:
        session.execute(insert(PersonWord), rows)


def word_ids(session: Session, words: Collection[str]) -> dict[str, int]:
    """Return the id of each word, new ones added with their forms."""
    known: dict[str, int] = {}
    for part in chunks(sorted(words)):
        found = session.execute(select(SearchWord.word, SearchWord.id).where(SearchWord.word.in_(part)))
        known.update((word, word_id) for word, word_id in found)
    new = [SearchWord(word=word) for word in sorted(set(words) - known.keys())]
    session.add_all(new)
    session.flush()
    forms = [{"variant": form, "word_id": row.id} for row in new for form in sorted(near_forms(row.word))]
    if forms:
        session.execute(insert(SearchVariant), forms)
    return known | {row.word: row.id for row in new}


def email_word(email: str) -> str:
    """Return an address of e-mail as the one word it is found by."""
    return search_key(email).replace(" ", "")[:WORD_LENGTH_MAX]


def _with_merged(session: Session, person_ids: Iterable[int]) -> set[int]:
    """Return the people, whom they were merged into, and who was merged into those: words move together."""
    found, edge = set[int](), set(person_ids)
    while edge:
        found |= edge
        near: set[int] = set()
        for part in chunks(sorted(edge)):
            near.update(session.scalars(select(Person.id).where(Person.merged_into_id.in_(part))))
            above = select(Person.merged_into_id).where(Person.id.in_(part), Person.merged_into_id.is_not(None))
            near.update(each for each in session.scalars(above) if each is not None)
        edge = near - found
    return found


def _words_of(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    words: dict[int, set[str]] = defaultdict(set)
    kept: dict[int, int] = {}
    for part in chunks(ids):
        for row in session.execute(
            select(
                Person.id, Person.merged_into_id, Person.anonymised_at, Person.email,
                Person.used_name, Person.last_name, Person.first_name,
            ).where(Person.id.in_(part))
        ):  # fmt: skip
            kept[row.id] = row.id if row.merged_into_id is None else row.merged_into_id
            if row.anonymised_at is None:
                words[row.id] |= name_words(row.used_name, row.last_name, row.first_name)
                words[row.id] |= {email_word(row.email)} if row.email else set()
        phones = select(PersonPhone.person_id, PersonPhone.number).where(PersonPhone.person_id.in_(part))
        for person_id, number in session.execute(phones):
            words[person_id].add(phone_digits(number)[:WORD_LENGTH_MAX])
    of_kept: dict[int, set[str]] = defaultdict(set)
    for person_id, found in words.items():
        of_kept[_last(kept, person_id)] |= found - {""}
    return of_kept


def _last(kept: dict[int, int], person_id: int) -> int:
    while kept[person_id] != person_id:
        person_id = kept[person_id]
    return person_id
