"""How people are found: the distinct words of a town, their forms with a letter less, and who bears each word.

Derived from `person` and `person_phone` by `records.operations.search_index`: it can be made again at any time.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.names import WORD_LENGTH_MAX
from records.models.base import Base, BigInt, Id

# Prefixes are ranges of words: PostgreSQL must compare byte by byte, as SQLite does.
WORD = String(WORD_LENGTH_MAX).with_variant(String(WORD_LENGTH_MAX, collation="C"), "postgresql")


class SearchWord(Base):
    """One row per distinct word of names, telephones and e-mails: upper case, A-Z and 0-9."""

    __tablename__ = "search_word"

    id: Mapped[Id]
    word: Mapped[str] = mapped_column(WORD, unique=True)


class SearchVariant(Base):
    """word × the word with one letter left out: a typo is then found by equality (`domain.names.near_forms`)."""

    __tablename__ = "search_variant"

    variant: Mapped[str] = mapped_column(WORD, primary_key=True)
    word_id: Mapped[int] = mapped_column(BigInt, ForeignKey("search_word.id"), primary_key=True, index=True)


class PersonWord(Base):
    """word × person who bears it; a merged person's words are those of the person kept."""

    __tablename__ = "person_word"
    __table_args__ = (Index("ix_person_word_person_id", "person_id", "word_id"),)

    word_id: Mapped[int] = mapped_column(BigInt, ForeignKey("search_word.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
