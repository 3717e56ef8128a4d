"""Every form of tariff: conditions and effects of rules, zones of residence, roundings, bookings let pass late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CODES = ("kind", "residence", "level", "situation", "origin", "day_kind", "applies_to", "basis")
_WHOLE = (
    "rank_from", "rank_to", "age_from_months", "age_to_months", "children_from", "children_to", "lead_from_minutes",
    "lead_to_minutes", "amount_to_e4", "rate_e6", "floor_e4", "ceiling_e4",
)  # fmt: skip
_MODIFIERS = "'add', 'percent', 'replace', 'minimum', 'maximum'"
_CHECKS = {
    "form": f"form in ('flat', 'rate', 'linear', 'psu', {_MODIFIERS})",
    "unit": "unit in ('meal', 'formula', 'session', 'day', 'half_day', 'unit_begun', 'hour', 'minute', 'night', "
    "'sejour', 'month', 'school_year', 'occurrence')",
    "kind": "kind in ('late_pickup', 'membership', 'sejour', 'contract', 'overtime', 'deduction')",
    "situation": "situation in ('present', 'present_unexpected', 'planned', 'absent_undecided', 'absent_declared', "
    "'absent_unjustified', 'absent_justified')",
    "origin": "origin in ('pattern', 'single')",
    "day_kind": "day_kind in ('school_day', 'wednesday', 'holiday', 'weekend')",
    "basis": "basis in ('qf', 'income', 'collective', 'family')",
    "applies_to": "applies_to in ('unit', 'line')",
    "amount_not_negative": "form = 'add' or amount_e4 >= 0",
    "amount_given": "case when form in ('percent', 'psu') then amount_e4 is null "
    "else form = 'rate' or amount_e4 is not null end",
    "amount_to": "(form = 'linear') = (amount_to_e4 is not null) and (amount_to_e4 is null or amount_to_e4 >= 0)",
    "linear_has_band": "form <> 'linear' or (qf_from_e2 is not null and qf_to_e2 is not null)",
    "rate_given": "(rate_e6 is not null) = (form in ('rate', 'percent'))",
    "rate_bounds": "rate_e6 >= -1000000 and (form = 'percent' or rate_e6 >= 0)",
    "basis_given": "case form when 'rate' then basis is not null and basis in ('qf', 'income') "
    "when 'psu' then basis is not null and basis in ('collective', 'family') else basis is null end",
    "bounds_of_rate": "form = 'rate' or (floor_e4 is null and ceiling_e4 is null)",
    "floor_not_negative": "floor_e4 >= 0",
    "bounds_order": "floor_e4 is null or ceiling_e4 is null or ceiling_e4 >= floor_e4",
    "above_ceiling_given": "(above_ceiling is not null) = (form = 'psu')",
    "applies_to_given": f"(applies_to is not null) = (form in ({_MODIFIERS}))",
    "unit_given": f"(unit is null) = (form in ({_MODIFIERS}))",
    "psu_is_hourly": "form <> 'psu' or unit = 'hour'",
    "income_order": "income_from_cents is null or income_to_cents is null or income_to_cents > income_from_cents",
    "age_order": "age_from_months is null or age_to_months is null or age_to_months > age_from_months",
    "lead_order": "lead_from_minutes is null or lead_to_minutes is null or lead_to_minutes > lead_from_minutes",
    "rank_order": "rank_from is null or rank_to is null or rank_to >= rank_from",
    "children_order": "children_from is null or children_to is null or children_to >= children_from",
}


def upgrade() -> None:
    """Widen tariffs, then what prices rest on: rules of services, bookings, reasons of absence, communes."""
    _widen_versions()
    _widen_rules()
    _create_zones()
    _widen_services()
    _widen_bookings()
    with op.batch_alter_table("absence_reason") as table:
        table.add_column(sa.Column("deducts_after_days", sa.Integer(), nullable=True))
        table.create_check_constraint(
            op.f("ck_absence_reason_deducts_after_days"),
            "deducts_after_days is null or (is_justified and deducts_after_days >= 0)",
        )


def _widen_versions() -> None:
    with op.batch_alter_table("tariff_version") as table:
        table.add_column(sa.Column("unit_step_e4", sa.Integer(), nullable=True))
        table.add_column(sa.Column("rank_basis", sa.String(length=40), nullable=True))
        table.create_check_constraint(op.f("ck_tariff_version_unit_step"), "unit_step_e4 > 0")
        table.create_check_constraint(
            op.f("ck_tariff_version_rank_basis"), "rank_basis in ('household', 'enrolled', 'same_day')"
        )


def _widen_rules() -> None:
    with op.batch_alter_table("tariff_rule") as table:
        for name in _CODES:
            table.add_column(sa.Column(name, sa.String(length=40), nullable=True))
        for name in _WHOLE:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name in ("income_from_cents", "income_to_cents"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        for name in ("is_booked_late", "above_ceiling"):
            table.add_column(sa.Column(name, sa.Boolean(), nullable=True))
        table.alter_column("unit", existing_type=sa.String(length=40), nullable=True)
        table.alter_column("amount_e4", existing_type=sa.Integer(), nullable=True)
        for name in ("form", "unit", "amount_not_negative"):
            table.drop_constraint(op.f(f"ck_tariff_rule_{name}"), type_="check")
        for name, condition in _CHECKS.items():
            table.create_check_constraint(op.f(f"ck_tariff_rule_{name}"), condition)


def _create_zones() -> None:
    op.create_table(
        "residence_zone",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=200), nullable=False),
        sa.Column("commune_key", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence_zone")),
        sa.UniqueConstraint("commune_key", "valid_from", name=op.f("uq_residence_zone_commune_key_valid_from")),
    )


def _widen_services() -> None:
    with op.batch_alter_table("service_rule") as table:
        for name, value in (("rounding_on", "duration"), ("rounding_mode", "begun")):
            table.add_column(sa.Column(name, sa.String(length=40), nullable=False, server_default=value))
        table.create_check_constraint(
            op.f("ck_service_rule_rounding_on"), "rounding_on in ('duration', 'ends', 'arrival', 'departure')"
        )
        table.create_check_constraint(
            op.f("ck_service_rule_rounding_mode"), "rounding_mode in ('begun', 'nearest', 'elapsed')"
        )
    with op.batch_alter_table("service_rule") as table:
        for name in ("rounding_on", "rounding_mode"):
            table.alter_column(name, server_default=None)


def _widen_bookings() -> None:
    with op.batch_alter_table("booking") as table:
        table.add_column(sa.Column("received_minute", sa.Integer(), nullable=True))
        table.add_column(sa.Column("is_late", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("booking") as table:
        table.alter_column("is_late", server_default=None)
