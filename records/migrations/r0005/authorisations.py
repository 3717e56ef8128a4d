"""The new tables of authorisations, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_answer() -> None:
    """Create the table `answer`."""
    op.create_table(
        "answer",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("question_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_answer_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_answer_person_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "question_id", "person_id", "valid_from", name=op.f("uq_answer_question_id_person_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_answer_person_id"), "answer", ["person_id"], unique=False)


def create_authorisation() -> None:
    """Create the table `authorisation`."""
    op.create_table(
        "authorisation",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("kind_id", BigInt, nullable=False),
        sa.Column("given_by_id", BigInt, nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("detail", sa.String(length=400), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_authorisation_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_authorisation_document_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_authorisation_given_by_id")),
        sa.ForeignKeyConstraint(["kind_id"], ["authorisation_kind.id"], name=op.f("fk_authorisation_kind_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_authorisation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation")),
        sa.UniqueConstraint(
            "person_id",
            "kind_id",
            "given_by_id",
            "valid_from",
            name=op.f("uq_authorisation_person_id_kind_id_given_by_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_authorisation_document_id"), "authorisation", ["document_id"], unique=False)
    op.create_index(op.f("ix_authorisation_given_by_id"), "authorisation", ["given_by_id"], unique=False)
    op.create_index(op.f("ix_authorisation_kind_id"), "authorisation", ["kind_id"], unique=False)


def create_authorisation_kind() -> None:
    """Create the table `authorisation_kind`."""
    op.create_table(
        "authorisation_kind",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("needs_both_guardians", sa.Boolean(), nullable=False),
        sa.Column("is_mandatory", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from",
            name=op.f("ck_authorisation_kind_valid_from_before_valid_to"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation_kind")),
        sa.UniqueConstraint("ref", name=op.f("uq_authorisation_kind_ref")),
    )


def create_question() -> None:
    """Create the table `question`."""
    op.create_table(
        "question",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("answer_type", sa.String(length=40), nullable=False),
        sa.Column("choices", sa.Text(), nullable=True),
        sa.Column("is_mandatory", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(answer_type = 'choice') = (choices is not null)", name=op.f("ck_question_choices")),
        sa.CheckConstraint("about in ('child', 'adult')", name=op.f("ck_question_about")),
        sa.CheckConstraint(
            "answer_type in ('yes_no', 'text', 'number', 'date', 'choice')",
            name=op.f("ck_question_answer_type"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_question_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_question_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("ref", name=op.f("uq_question_ref")),
    )
    op.create_index(op.f("ix_question_service_id"), "question", ["service_id"], unique=False)
