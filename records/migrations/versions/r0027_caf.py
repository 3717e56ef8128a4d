"""What a CAF declaration rests on: settings of places, accounts, anonymous counts, consents, and declarations."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDICATORS = (
    "rpe_fte",
    "rpe_opening_hours",
    "rpe_childminders",
    "rpe_families",
    "rpe_contacts",
    "rpe_sessions",
    "rpe_session_children",
    "rpe_session_childminders",
    "rpe_trainings",
    "laep_sessions",
    "laep_opening_hours",
    "laep_organisation_hours",
    "laep_children",
    "laep_families",
    "laep_attendances",
    "laep_new_families",
    "youth_opening_hours",
    "youth_visits",
    "youth_sessions",
)


def upgrade() -> None:
    """Create the five tables."""
    _caf_setting()
    _accounting_line()
    _anonymous_count()
    _filoue_consent()
    _declaration()


def _caf_setting() -> None:
    _table(
        "caf_setting",
        "structure",
        [
            sa.Column("valid_from", sa.Date(), nullable=False),
            sa.Column("seq", sa.Integer(), nullable=False),
            sa.Column("decision", sa.String(length=200), nullable=False),
            sa.Column("funding", sa.String(length=40), nullable=True),
            sa.Column("authorised_places", sa.Integer(), nullable=False),
            sa.Column("authorised_under_6", sa.Integer(), nullable=True),
            sa.Column("authorised_from_6", sa.Integer(), nullable=True),
            sa.Column("meals_provided", sa.Boolean(), nullable=False),
            sa.Column("diapers_provided", sa.Boolean(), nullable=False),
            sa.Column("has_pedt", sa.Boolean(), nullable=False),
            sa.Column("has_plan_mercredi", sa.Boolean(), nullable=False),
            sa.Column("reference_wednesday_minutes", sa.Integer(), nullable=True),
            sa.Column("oversize_rounding", sa.String(length=40), nullable=False),
            sa.Column("general_regime_e4", sa.Integer(), nullable=True),
            sa.Column("caf_office_code", sa.String(length=3), nullable=True),
            sa.Column("caf_file_number", sa.String(length=20), nullable=True),
            sa.Column("idequ", sa.String(length=20), nullable=True),
        ],
        {
            "funding": _in("funding", "psu", "pso_periscolaire", "pso_extrascolaire", "pso_jeunes", "rpe", "laep"),
            "oversize_rounding": _in("oversize_rounding", "floor", "nearest", "ceiling"),
            "places": "authorised_places >= 0",
            "places_by_age": "authorised_under_6 >= 0 and authorised_from_6 >= 0",
            "general_regime": "general_regime_e4 between 0 and 10000",
            "reference_wednesday": "reference_wednesday_minutes >= 0",
        },
        ("structure_id", "valid_from", "seq"),
    )


def _accounting_line() -> None:
    _table(
        "accounting_line",
        "structure",
        [
            sa.Column("year", sa.Integer(), nullable=False),
            sa.Column("account", sa.String(length=12), nullable=False),
            sa.Column("label", sa.String(length=200), nullable=False),
            sa.Column("amount_cents", BigInt, nullable=False),
            sa.Column("nature", sa.String(length=40), nullable=False),
            sa.Column("origin", sa.String(length=40), nullable=False),
            sa.Column("replaces_id", BigInt, nullable=True),
            sa.ForeignKeyConstraint(
                ["replaces_id"], ["accounting_line.id"], name=op.f("fk_accounting_line_replaces_id")
            ),
        ],
        {
            "nature": _in("nature", "charge", "produit"),
            "origin": _in("origin", "entered", "imported"),
            "year": "year between 2000 and 2100",
        },
        ("replaces_id",),
    )
    op.create_index(op.f("ix_accounting_line_structure_id"), "accounting_line", ["structure_id"])


def _anonymous_count() -> None:
    _table(
        "anonymous_count",
        "structure",
        [
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("indicator", sa.String(length=40), nullable=False),
            sa.Column("seq", sa.Integer(), nullable=False),
            sa.Column("quantity_e2", sa.BigInteger(), nullable=False),
        ],
        {"indicator": _in("indicator", *INDICATORS), "quantity": "quantity_e2 >= 0"},
        ("structure_id", "day", "indicator", "seq"),
    )


def _filoue_consent() -> None:
    _table(
        "filoue_consent",
        "family",
        [
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("seq", sa.Integer(), nullable=False),
            sa.Column("is_agreed", sa.Boolean(), nullable=False),
        ],
        {},
        ("family_id", "day", "seq"),
    )


def _declaration() -> None:
    _table(
        "declaration",
        "structure",
        [
            sa.Column("year", sa.Integer(), nullable=False),
            sa.Column("version", sa.String(length=40), nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("snapshot_id", sa.String(length=80), nullable=False),
            sa.Column("figures", sa.Text(), nullable=False),
            sa.Column("controls", sa.Text(), nullable=False),
            sa.Column("sha256", sa.String(length=64), nullable=False),
        ],
        {
            "version": _in("version", "forecast", "updated_june", "updated_september", "actual"),
            "year": "year between 2000 and 2100",
        },
        ("structure_id", "year", "version", "number"),
    )


def _table(
    name: str,
    owner: str,
    parts: list[sa.schema.SchemaItem],
    checks: Mapping[str, str],
    unique: tuple[str, ...],
) -> None:
    """Create a table that belongs to a structure or a family, with who wrote each row and when."""
    op.create_table(
        name,
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column(f"{owner}_id", BigInt, nullable=False),
        *parts,
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        *(sa.CheckConstraint(check, name=op.f(f"ck_{name}_{code}")) for code, check in checks.items()),
        sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=op.f(f"fk_{name}_{owner}_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")),
    )


def _in(column: str, *values: str) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"
