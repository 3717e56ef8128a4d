"""What bodies pay: kinds and limits of a coverage, scales of aids, and the quarterly recap of vouchers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNITS = "unit in ('hour', 'half_day', 'day', 'meal', 'month', 'total')"


def upgrade() -> None:
    """Add the columns of coverages and their events, and the four tables."""
    _change_coverage()
    with op.batch_alter_table("coverage_event") as table:
        table.add_column(sa.Column("amount_cents", sa.BigInteger(), nullable=True))
        table.create_check_constraint(
            op.f("ck_coverage_event_quoted_amount"), "amount_cents is null or state = 'quoted'"
        )
    _create_scales()
    _create_recaps()


def _change_coverage() -> None:
    """What was recorded before is a body's decision, on any day."""
    with op.batch_alter_table("coverage") as table:
        table.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default="decision"))
        table.add_column(sa.Column("unit_ceiling_cents", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("year_units_max", sa.Integer(), nullable=True))
        table.add_column(sa.Column("holidays_only", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name, condition in (
            ("form", "form in ('percent', 'flat', 'cap', 'scale')"),
            ("amount", "(form in ('percent', 'scale')) = (amount_cents is null)"),
        ):
            table.drop_constraint(op.f(f"ck_coverage_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_coverage_{name}"), condition)
        for name, condition in (
            (
                "kind",
                "kind in ('decision', 'yearly_quote', 'msa_voucher', 'caf_leisure', 'works_council')",
            ),
            ("unit_ceiling", "form = 'percent' or unit_ceiling_cents is null"),
            ("unit_ceiling_positive", "unit_ceiling_cents is null or unit_ceiling_cents > 0"),
            ("year_units_positive", "year_units_max is null or year_units_max > 0"),
        ):
            table.create_check_constraint(op.f(f"ck_coverage_{name}"), condition)
    with op.batch_alter_table("coverage") as table:
        table.alter_column("kind", server_default=None)
        table.alter_column("holidays_only", server_default=None)


def _create_scales() -> None:
    op.create_table(
        "aid_scale",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("body_id", BigInt, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("qf_day", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(_UNITS, name=op.f("ck_aid_scale_unit")),
        sa.CheckConstraint("qf_day in ('on_day', 'january')", name=op.f("ck_aid_scale_qf_day")),
        sa.ForeignKeyConstraint(["body_id"], ["paying_body.id"], name=op.f("fk_aid_scale_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_scale")),
        sa.UniqueConstraint("body_id", "valid_from", "seq", name=op.f("uq_aid_scale_body_id_valid_from_seq")),
    )
    op.create_table(
        "aid_band",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("scale_id", BigInt, nullable=False),
        sa.Column("qf_from_e2", sa.Integer(), nullable=False),
        sa.Column("qf_to_e2", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qf_from_e2 >= 0 and qf_to_e2 > qf_from_e2", name=op.f("ck_aid_band_band_order")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_aid_band_amount_positive")),
        sa.ForeignKeyConstraint(["scale_id"], ["aid_scale.id"], name=op.f("fk_aid_band_scale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_band")),
        sa.UniqueConstraint("scale_id", "qf_from_e2", name=op.f("uq_aid_band_scale_id_qf_from_e2")),
    )


def _create_recaps() -> None:
    op.create_table(
        "recap_calendar",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("days", sa.String(length=200), nullable=False),
        sa.Column("reminder_days", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("reminder_days between 0 and 60", name=op.f("ck_recap_calendar_reminder_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recap_calendar")),
        sa.UniqueConstraint("valid_from", "seq", name=op.f("uq_recap_calendar_valid_from_seq")),
    )
    op.create_table(
        "voucher_recap",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "step in ('sent', 'relayed', 'received', 'returned')", name=op.f("ck_voucher_recap_step")
        ),
        sa.CheckConstraint(
            "step <> 'returned' or comment is not null", name=op.f("ck_voucher_recap_return_has_reason")
        ),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_voucher_recap_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_recap")),
        sa.UniqueConstraint("structure_id", "due_on", "seq", name=op.f("uq_voucher_recap_structure_id_due_on_seq")),
    )
