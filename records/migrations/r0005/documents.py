"""The new tables of documents, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_document() -> None:
    """Create the table `document`."""
    op.create_table(
        "document",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("kind_id", BigInt, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("payer_id", BigInt, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("refusal", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('received', 'accepted', 'refused')", name=op.f("ck_document_state")),
        sa.CheckConstraint(
            "expires_on is null or issued_on is null or expires_on > issued_on",
            name=op.f("ck_document_expiry_order"),
        ),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_document_family_id")),
        sa.ForeignKeyConstraint(["kind_id"], ["document_kind.id"], name=op.f("fk_document_kind_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_document_payer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_document_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_expires_on"), "document", ["expires_on"], unique=False)
    op.create_index(op.f("ix_document_family_id"), "document", ["family_id"], unique=False)
    op.create_index(op.f("ix_document_kind_id"), "document", ["kind_id"], unique=False)
    op.create_index(op.f("ix_document_payer_id"), "document", ["payer_id"], unique=False)
    op.create_index(op.f("ix_document_person_id"), "document", ["person_id"], unique=False)


def create_document_file() -> None:
    """Create the table `document_file`."""
    op.create_table(
        "document_file",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("document_id", BigInt, nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_file_document_id")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_document_file_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_file")),
        sa.UniqueConstraint("document_id", "page", name=op.f("uq_document_file_document_id_page")),
    )
    op.create_index(op.f("ix_document_file_sha256"), "document_file", ["sha256"], unique=False)


def create_document_kind() -> None:
    """Create the table `document_kind`."""
    op.create_table(
        "document_kind",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("months_valid", sa.Integer(), nullable=True),
        sa.Column("is_health", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "about in ('family', 'adult', 'child', 'payer', 'enrolment')",
            name=op.f("ck_document_kind_about"),
        ),
        sa.CheckConstraint("months_valid is null or months_valid > 0", name=op.f("ck_document_kind_months_valid")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_document_kind_valid_from_before_valid_to")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_kind")),
        sa.UniqueConstraint("ref", name=op.f("uq_document_kind_ref")),
    )


def create_document_requirement() -> None:
    """Create the table `document_requirement`."""
    op.create_table(
        "document_requirement",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("kind_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("is_mandatory", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from",
            name=op.f("ck_document_requirement_valid_from_before_valid_to"),
        ),
        sa.ForeignKeyConstraint(["kind_id"], ["document_kind.id"], name=op.f("fk_document_requirement_kind_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_document_requirement_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_requirement")),
        sa.UniqueConstraint(
            "kind_id",
            "service_id",
            "valid_from",
            name=op.f("uq_document_requirement_kind_id_service_id_valid_from"),
        ),
    )
    op.create_index(
        op.f("ix_document_requirement_service_id"), "document_requirement", ["service_id"], unique=False
    )
    op.create_index(
        "uq_document_requirement_everywhere",
        "document_requirement",
        ["kind_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("service_id is null"),
        postgresql_where=sa.text("service_id is null"),
    )


def create_stored_file() -> None:
    """Create the table `stored_file`."""
    op.create_table(
        "stored_file",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_encrypted", sa.Boolean(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_stored_file_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
    )
