"""The new tables of families, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_address() -> None:
    """Create the table `address`."""
    op.create_table(
        "address",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=True),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("street", sa.String(length=200), nullable=True),
        sa.Column("extra", sa.String(length=200), nullable=True),
        sa.Column("postcode", sa.String(length=10), nullable=True),
        sa.Column("commune", sa.String(length=200), nullable=False),
        sa.Column("former_commune", sa.String(length=200), nullable=True),
        sa.Column("is_reliable", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(family_id is null) <> (person_id is null)", name=op.f("ck_address_one_owner")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_address_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_address_family_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_address_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_family_id"), "address", ["family_id"], unique=False)
    op.create_index(op.f("ix_address_person_id"), "address", ["person_id"], unique=False)
    op.create_index(
        "uq_address_family",
        "address",
        ["family_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("person_id is null"),
        postgresql_where=sa.text("person_id is null"),
    )
    op.create_index(
        "uq_address_person",
        "address",
        ["person_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("family_id is null"),
        postgresql_where=sa.text("family_id is null"),
    )


def create_person_phone() -> None:
    """Create the table `person_phone`."""
    op.create_table(
        "person_phone",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('mobile', 'home', 'work', 'other')", name=op.f("ck_person_phone_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_phone_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_phone")),
        sa.UniqueConstraint("person_id", "number", name=op.f("uq_person_phone_person_id_number")),
    )
    op.create_index(op.f("ix_person_phone_number"), "person_phone", ["number"], unique=False)
