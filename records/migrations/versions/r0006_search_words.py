"""The words by which people are found, made from the people who are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records.migrations.r0006.words import index_everybody

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the three tables of words, then fill them."""
    op.create_table(
        "search_word",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("word", Word, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
        sa.UniqueConstraint("word", name=op.f("uq_search_word_word")),
    )
    op.create_table(
        "search_variant",
        sa.Column("variant", Word, nullable=False),
        sa.Column("word_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["word_id"], ["search_word.id"], name=op.f("fk_search_variant_word_id")),
        sa.PrimaryKeyConstraint("variant", "word_id", name=op.f("pk_search_variant")),
    )
    op.create_index(op.f("ix_search_variant_word_id"), "search_variant", ["word_id"], unique=False)
    op.create_table(
        "person_word",
        sa.Column("word_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["word_id"], ["search_word.id"], name=op.f("fk_person_word_word_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_word_person_id")),
        sa.PrimaryKeyConstraint("word_id", "person_id", name=op.f("pk_person_word")),
    )
    op.create_index("ix_person_word_person_id", "person_word", ["person_id", "word_id"], unique=False)
    index_everybody(op.get_bind())
