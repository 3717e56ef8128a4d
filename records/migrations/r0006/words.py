"""The words of names, telephones and e-mails as revision 0006 made them: a copy, whatever later releases do.

`domain.names` and `records.operations.search_index` may change and read columns that did not exist yet.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

_LIGATURES = str.maketrans({"œ": "OE", "Œ": "OE", "æ": "AE", "Æ": "AE", "ø": "O", "Ø": "O", "ł": "L", "Ł": "L"})
WORD_LENGTH_MAX = 64
NEAR_FROM = 4  # shorter words have too many neighbours
NEAR_UP_TO = 24


def search_key(text: str) -> str:
    """Return « LEA JEANNE D ARC » from « Léa-Jeanne  d'Arc »: words of A-Z and 0-9, one space between them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).upper())
    kept = "".join(
        c if c.isalnum() and c.isascii() else "" if unicodedata.combining(c) else " " for c in decomposed
    )
    return " ".join(kept.upper().split())  # a letter may decompose into a small one


def near_forms(word: str) -> frozenset[str]:
    """Return a word with one letter left out, each in turn; nothing for figures and for very short or long words.

    Two words share a form, or one is a form of the other, when a letter was forgotten, added, replaced or swapped
    with its neighbour: so typos are found by equality, on any database.
    """
    if not word.isalpha() or not NEAR_FROM <= len(word) <= NEAR_UP_TO:
        return frozenset()
    return frozenset(word[:place] + word[place + 1 :] for place in range(len(word)))


def name_words(*names: str | None) -> frozenset[str]:
    """Return the words of names as they are searched: each word, and a name of several words in one piece.

    « Le Goff » is found as LE, GOFF and LEGOFF, « Jean-Pierre » as JEANPIERRE too.
    """
    words: set[str] = set()
    for name in names:
        parts = search_key(name or "").split()
        words.update(parts)
        if len(parts) > 1:
            words.add("".join(parts)[:WORD_LENGTH_MAX])
    return frozenset(word[:WORD_LENGTH_MAX] for word in words)


def phone_digits(number: str) -> str:
    """Return « 0199001234 » from « +33 1 99 00 12 34 »: the digits as dialled in France."""
    digits = "".join(character for character in number if character.isdigit())
    if number.strip().startswith("+33"):
        return "0" + digits[2:].removeprefix("0")
    return "0" + digits[4:] if digits.startswith("0033") else digits


def index_everybody(connection: sa.Connection) -> None:
    """Fill the empty tables of words from all people; a merged person's words go to the person kept."""
    words = _words_by_person(connection)
    known = {word: number for number, word in enumerate(sorted(set().union(*words.values())), 1)}
    _insert(connection, "search_word", [{"id": number, "word": word} for word, number in known.items()])
    forms = [{"variant": form, "word_id": known[word]} for word in known for form in sorted(near_forms(word))]
    _insert(connection, "search_variant", forms)
    rows = [{"word_id": known[word], "person_id": person} for person, own in words.items() for word in sorted(own)]
    _insert(connection, "person_word", rows)
    if connection.dialect.name == "postgresql" and known:
        after = sa.text("select setval(pg_get_serial_sequence('search_word', 'id'), :last)")
        connection.execute(after, {"last": len(known)})


def _words_by_person(connection: sa.Connection) -> dict[int, set[str]]:
    words: defaultdict[int, set[str]] = defaultdict(set)
    into: dict[int, int] = {}
    people = connection.execute(
        sa.text(
            "select id, merged_into_id, anonymised_at, email, used_name, last_name, first_name "
            "from person order by id"
        )
    )
    for row in people:
        if row.merged_into_id is not None:
            into[row.id] = row.merged_into_id
        if row.anonymised_at is None:
            words[row.id] |= name_words(row.used_name, row.last_name, row.first_name)
            if row.email:
                words[row.id].add(search_key(row.email).replace(" ", "")[:WORD_LENGTH_MAX])
    for row in connection.execute(sa.text("select person_id, number from person_phone")):
        words[row.person_id].add(phone_digits(row.number)[:WORD_LENGTH_MAX])
    of_kept: defaultdict[int, set[str]] = defaultdict(set)
    for person_id, own in words.items():
        kept = person_id
        while kept in into:
            kept = into[kept]
        of_kept[kept] |= own - {""}
    return of_kept


def _insert(connection: sa.Connection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        columns = list(rows[0])
        names, places = ", ".join(columns), ", ".join(f":{column}" for column in columns)
        connection.execute(sa.text(f"insert into {table} ({names}) values ({places})"), rows)  # noqa: S608 (our names)
