"""Revision 0001: the family file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_family() -> None:
    """Create the table `family`."""
    op.create_table(
        "family",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("commune", sa.String(length=200), nullable=False),
        sa.Column("former_commune", sa.String(length=200), nullable=True),
        sa.Column("merged_into_id", BigInt, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into_id"], ["family.id"], name=op.f("fk_family_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family")),
        sa.UniqueConstraint("ref", name=op.f("uq_family_ref")),
    )
    op.create_index(op.f("ix_family_merged_into_id"), "family", ["merged_into_id"], unique=False)


def create_person() -> None:
    """Create the table `person`."""
    op.create_table(
        "person",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("civility", sa.String(length=40), nullable=True),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("used_name", sa.String(length=200), nullable=True),
        sa.Column("search_key", sa.String(length=400), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("ref", name=op.f("uq_person_ref")),
    )
    op.create_index(op.f("ix_person_search_key"), "person", ["search_key"], unique=False)


def create_diet() -> None:
    """Create the table `diet`."""
    op.create_table(
        "diet",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_diet_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_diet_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diet")),
    )
    op.create_index(op.f("ix_diet_person_id"), "diet", ["person_id"], unique=False)


def create_family_member() -> None:
    """Create the table `family_member`."""
    op.create_table(
        "family_member",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("kinship", sa.String(length=60), nullable=True),
        sa.Column("pickup", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("pickup in ('yes', 'no', 'forbidden')", name=op.f("ck_family_member_pickup")),
        sa.CheckConstraint("role in ('guardian', 'child', 'contact')", name=op.f("ck_family_member_role")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_family_member_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_family_member_family_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_family_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_member")),
        sa.UniqueConstraint(
            "family_id",
            "person_id",
            "role",
            "valid_from",
            name=op.f("uq_family_member_family_id_person_id_role_valid_from"),
        ),
    )
    op.create_index(op.f("ix_family_member_person_id"), "family_member", ["person_id"], unique=False)


def create_health_note() -> None:
    """Create the table `health_note`."""
    op.create_table(
        "health_note",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('allergy', 'pai')", name=op.f("ck_health_note_kind")),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_health_note_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_health_note_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_note")),
    )
    op.create_index(op.f("ix_health_note_person_id"), "health_note", ["person_id"], unique=False)


def create_payer() -> None:
    """Create the table `payer`."""
    op.create_table(
        "payer",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("body_name", sa.String(length=200), nullable=True),
        sa.Column("notice_channel", sa.String(length=40), nullable=False),
        sa.Column("wants_paper", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("notice_channel in ('sms', 'email', 'none')", name=op.f("ck_payer_notice_channel")),
        sa.CheckConstraint("(person_id is null) <> (body_name is null)", name=op.f("ck_payer_person_or_body")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_payer_family_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer")),
        sa.UniqueConstraint("ref", name=op.f("uq_payer_ref")),
    )
    op.create_index(op.f("ix_payer_family_id"), "payer", ["family_id"], unique=False)
    op.create_index(op.f("ix_payer_person_id"), "payer", ["person_id"], unique=False)


def create_regime() -> None:
    """Create the table `regime`."""
    op.create_table(
        "regime",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("caf_group", sa.String(length=40), nullable=False),
        sa.Column("allocataire_number", sa.String(length=20), nullable=True),
        sa.CheckConstraint("caf_group in ('RG', 'MSA', 'AUTRE')", name=op.f("ck_regime_caf_group")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_regime_family_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regime")),
    )
    op.create_index(op.f("ix_regime_family_id"), "regime", ["family_id"], unique=False)


def create_class_membership() -> None:
    """Create the table `class_membership`."""
    op.create_table(
        "class_membership",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("class_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_class_membership_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["class_id"], ["school_class.id"], name=op.f("fk_class_membership_class_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_class_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_membership")),
        sa.UniqueConstraint(
            "person_id", "class_id", "valid_from", name=op.f("uq_class_membership_person_id_class_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_class_membership_class_id"), "class_membership", ["class_id"], unique=False)


def create_custody_calendar() -> None:
    """Create the table `custody_calendar`."""
    op.create_table(
        "custody_calendar",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("pattern", sa.String(length=14), nullable=False),
        sa.Column("payer_1_id", BigInt, nullable=False),
        sa.Column("payer_2_id", BigInt, nullable=False),
        sa.CheckConstraint("length(pattern) = 14", name=op.f("ck_custody_calendar_fourteen_days")),
        sa.CheckConstraint("payer_1_id <> payer_2_id", name=op.f("ck_custody_calendar_two_payers")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_custody_calendar_child_id")),
        sa.ForeignKeyConstraint(["payer_1_id"], ["payer.id"], name=op.f("fk_custody_calendar_payer_1_id")),
        sa.ForeignKeyConstraint(["payer_2_id"], ["payer.id"], name=op.f("fk_custody_calendar_payer_2_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_calendar")),
        sa.UniqueConstraint("child_id", "valid_from", name=op.f("uq_custody_calendar_child_id_valid_from")),
    )
    op.create_index(op.f("ix_custody_calendar_payer_1_id"), "custody_calendar", ["payer_1_id"], unique=False)
    op.create_index(op.f("ix_custody_calendar_payer_2_id"), "custody_calendar", ["payer_2_id"], unique=False)


def create_qf() -> None:
    """Create the table `qf`."""
    op.create_table(
        "qf",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("family_id", BigInt, nullable=False),
        sa.Column("payer_id", BigInt, nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("value_e2", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("replaces_id", BigInt, nullable=True),
        sa.CheckConstraint("source in ('caf', 'msa', 'computed', 'default')", name=op.f("ck_qf_source")),
        sa.CheckConstraint("value_e2 >= 0", name=op.f("ck_qf_value_not_negative")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_qf_family_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_qf_payer_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["qf.id"], name=op.f("fk_qf_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qf")),
    )
    op.create_index("ix_qf_family_effective", "qf", ["family_id", "effective_from"], unique=False)
    op.create_index(op.f("ix_qf_payer_id"), "qf", ["payer_id"], unique=False)
    op.create_index(op.f("ix_qf_replaces_id"), "qf", ["replaces_id"], unique=False)
