"""The new tables of family papers, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_family_review() -> None:
    """Create the table `family_review`."""
    op.create_table(
        "family_review",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("school_year_id", BigInt, nullable=False),
        sa.Column("clerk_id", BigInt, nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clerk_id"], ["account.id"], name=op.f("fk_family_review_clerk_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_family_review_family_id")),
        sa.ForeignKeyConstraint(
            ["school_year_id"], ["school_year.id"], name=op.f("fk_family_review_school_year_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_review")),
        sa.UniqueConstraint("family_id", "school_year_id", name=op.f("uq_family_review_family_id_school_year_id")),
    )
    op.create_index(op.f("ix_family_review_clerk_id"), "family_review", ["clerk_id"], unique=False)
    op.create_index(op.f("ix_family_review_school_year_id"), "family_review", ["school_year_id"], unique=False)


def create_merge() -> None:
    """Create the table `merge`."""
    op.create_table(
        "merge",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("kept_id", BigInt, nullable=False),
        sa.Column("merged_id", BigInt, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("undoes_id", BigInt, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("entity in ('family', 'person')", name=op.f("ck_merge_entity")),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_merge_two_rows")),
        sa.ForeignKeyConstraint(["undoes_id"], ["merge.id"], name=op.f("fk_merge_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_merge_undoes_id")),
    )
    op.create_index("ix_merge_entity_merged", "merge", ["entity", "merged_id"], unique=False)


def create_merge_move() -> None:
    """Create the table `merge_move`."""
    op.create_table(
        "merge_move",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("merge_id", BigInt, nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_id", BigInt, nullable=False),
        sa.Column("column_name", sa.String(length=40), nullable=False),
        sa.Column("old_id", BigInt, nullable=False),
        sa.Column("new_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merge_move_merge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_move")),
        sa.UniqueConstraint(
            "merge_id",
            "table_name",
            "row_id",
            "column_name",
            name=op.f("uq_merge_move_merge_id_table_name_row_id_column_name"),
        ),
    )


def create_note() -> None:
    """Create the table `note`."""
    op.create_table(
        "note",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opens_with_file", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('general', 'address', 'contact', 'money', 'pickup')",
            name=op.f("ck_note_kind"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_note_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_note_family_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_note_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_family_id"), "note", ["family_id"], unique=False)
    op.create_index(op.f("ix_note_person_id"), "note", ["person_id"], unique=False)


def create_signature() -> None:
    """Create the table `signature`."""
    op.create_table(
        "signature",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("signer_id", BigInt, nullable=False),
        sa.Column("paper", sa.String(length=40), nullable=False),
        sa.Column("enrolment_id", BigInt, nullable=True),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("delegation_id", BigInt, nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", BigInt, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("channel in ('paper', 'portal')", name=op.f("ck_signature_channel")),
        sa.CheckConstraint("paper <> 'enrolment' or enrolment_id is not null", name=op.f("ck_signature_enrolment")),
        sa.CheckConstraint(
            "paper <> 'rules' or service_id is not null", name=op.f("ck_signature_rules_of_service")
        ),
        sa.CheckConstraint(
            "paper in ('family_file', 'enrolment', 'rules', 'mandate', 'authorisation', 'quote')",
            name=op.f("ck_signature_paper"),
        ),
        sa.CheckConstraint(
            "replaces_id is not null or not is_withdrawn", name=op.f("ck_signature_withdrawn_replaces")
        ),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegation.id"], name=op.f("fk_signature_delegation_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_signature_document_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_signature_enrolment_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_signature_family_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["signature.id"], name=op.f("fk_signature_replaces_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_signature_service_id")),
        sa.ForeignKeyConstraint(["signer_id"], ["person.id"], name=op.f("fk_signature_signer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    op.create_index(op.f("ix_signature_delegation_id"), "signature", ["delegation_id"], unique=False)
    op.create_index(op.f("ix_signature_document_id"), "signature", ["document_id"], unique=False)
    op.create_index(op.f("ix_signature_enrolment_id"), "signature", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_signature_family_id"), "signature", ["family_id"], unique=False)
    op.create_index(op.f("ix_signature_replaces_id"), "signature", ["replaces_id"], unique=False)
    op.create_index(op.f("ix_signature_service_id"), "signature", ["service_id"], unique=False)
    op.create_index(op.f("ix_signature_signer_id"), "signature", ["signer_id"], unique=False)
