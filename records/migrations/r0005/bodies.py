"""The new tables of bodies, as revision 0005 makes them: frozen, whatever the models become."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_coverage() -> None:
    """Create the table `coverage`."""
    op.create_table(
        "coverage",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("body_id", BigInt, nullable=False),
        sa.Column("child_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=True),
        sa.Column("decision_number", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("percent_e4", sa.Integer(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("units_max", sa.Integer(), nullable=True),
        sa.Column("ceiling_cents", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("document_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(form = 'percent') = (amount_cents is null)", name=op.f("ck_coverage_amount")),
        sa.CheckConstraint("(form = 'percent') = (percent_e4 is not null)", name=op.f("ck_coverage_percent")),
        sa.CheckConstraint("form in ('percent', 'flat', 'cap')", name=op.f("ck_coverage_form")),
        sa.CheckConstraint(
            "state in ('asked', 'quoted', 'notified', 'applied', 'used_up', 'refused', 'cancelled')",
            name=op.f("ck_coverage_state"),
        ),
        sa.CheckConstraint(
            "state not in ('notified', 'applied', 'used_up') or decision_number is not null",
            name=op.f("ck_coverage_decision_number"),
        ),
        sa.CheckConstraint(
            "unit in ('hour', 'half_day', 'day', 'meal', 'month', 'total')",
            name=op.f("ck_coverage_unit"),
        ),
        sa.CheckConstraint("amount_cents is null or amount_cents > 0", name=op.f("ck_coverage_amount_positive")),
        sa.CheckConstraint("ceiling_cents is null or ceiling_cents > 0", name=op.f("ck_coverage_ceiling_positive")),
        sa.CheckConstraint(
            "percent_e4 is null or percent_e4 between 1 and 10000", name=op.f("ck_coverage_percent_bounds")
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_coverage_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["paying_body.id"], name=op.f("fk_coverage_body_id")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_coverage_child_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_coverage_document_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_coverage_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
        sa.UniqueConstraint(
            "body_id", "child_id", "decision_number", name=op.f("uq_coverage_body_id_child_id_decision_number")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_coverage_ref")),
    )
    op.create_index(op.f("ix_coverage_child_id"), "coverage", ["child_id"], unique=False)
    op.create_index(op.f("ix_coverage_document_id"), "coverage", ["document_id"], unique=False)
    op.create_index(op.f("ix_coverage_service_id"), "coverage", ["service_id"], unique=False)


def create_coverage_enrolment() -> None:
    """Create the table `coverage_enrolment`."""
    op.create_table(
        "coverage_enrolment",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("coverage_id", BigInt, nullable=False),
        sa.Column("enrolment_id", BigInt, nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["coverage_id"], ["coverage.id"], name=op.f("fk_coverage_enrolment_coverage_id")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_coverage_enrolment_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_enrolment")),
        sa.UniqueConstraint(
            "coverage_id", "enrolment_id", name=op.f("uq_coverage_enrolment_coverage_id_enrolment_id")
        ),
    )
    op.create_index(
        op.f("ix_coverage_enrolment_enrolment_id"), "coverage_enrolment", ["enrolment_id"], unique=False
    )


def create_coverage_event() -> None:
    """Create the table `coverage_event`."""
    op.create_table(
        "coverage_event",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("coverage_id", BigInt, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "state in ('asked', 'quoted', 'notified', 'applied', 'used_up', 'refused', 'cancelled')",
            name=op.f("ck_coverage_event_state"),
        ),
        sa.ForeignKeyConstraint(["coverage_id"], ["coverage.id"], name=op.f("fk_coverage_event_coverage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_event")),
        sa.UniqueConstraint("coverage_id", "seq", name=op.f("uq_coverage_event_coverage_id_seq")),
    )


def create_paying_body() -> None:
    """Create the table `paying_body`."""
    op.create_table(
        "paying_body",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("street", sa.String(length=200), nullable=True),
        sa.Column("postcode", sa.String(length=10), nullable=True),
        sa.Column("commune", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('caf', 'msa', 'department', 'works_council', 'guardian', 'home', 'other_town', "
            "'employer', 'other')",
            name=op.f("ck_paying_body_kind"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("ck_paying_body_valid_from_before_valid_to")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paying_body")),
        sa.UniqueConstraint("ref", name=op.f("uq_paying_body_ref")),
    )
