"""What the kitchen says: menus, settings, orders and what was sent of them, what was left, trays ticked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = (
    "activate",
    "reset",
    "request_accepted",
    "request_refused",
    "place_offered",
    "child_placed",
    "invoice",
    "task_due",
    "recap_due",
    "meal_order",
)


def upgrade() -> None:
    """Create the tables and let the outbox carry orders."""
    _orders()
    _settings_and_menus()
    _what_was_served()
    with op.batch_alter_table("message_outbox") as table:
        table.drop_constraint(op.f("ck_message_outbox_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_message_outbox_kind"), f"kind in ({', '.join(repr(kind) for kind in KINDS)})"
        )


def _orders() -> None:
    """Create the orders and what was sent of them."""
    op.create_table(
        "meal_order",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("diet_code", sa.String(length=200), nullable=False),
        sa.Column("diet_label", sa.String(length=200), nullable=False),
        sa.Column("horizon", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "horizon in ('supplier', 'firm', 'day_before', 'morning')", name=op.f("ck_meal_order_horizon")
        ),
        sa.CheckConstraint("quantity between 0 and 100000", name=op.f("ck_meal_order_quantity")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_meal_order_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_meal_order_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_order")),
        sa.UniqueConstraint(
            "day",
            "structure_id",
            "service_id",
            "diet_code",
            "horizon",
            "seq",
            name=op.f("uq_meal_order_day_structure_id_service_id_diet_code_horizon_seq"),
        ),
    )
    op.create_index(op.f("ix_meal_order_service_id"), "meal_order", ["service_id"], unique=False)
    op.create_index(op.f("ix_meal_order_structure_id"), "meal_order", ["structure_id"], unique=False)
    op.create_table(
        "meal_dispatch",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("horizon", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("mail", sa.String(length=200), nullable=False),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "horizon in ('supplier', 'firm', 'day_before', 'morning')", name=op.f("ck_meal_dispatch_horizon")
        ),
        sa.CheckConstraint("end_day > first_day", name=op.f("ck_meal_dispatch_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_dispatch")),
    )


def _settings_and_menus() -> None:
    """Create the settings of kitchens and the menus."""
    op.create_table(
        "kitchen_setting",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("mail", sa.String(length=200), nullable=True),
        sa.Column("pack", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("supplier_days", sa.Integer(), nullable=False),
        sa.Column("firm_days", sa.Integer(), nullable=False),
        sa.Column("missing_cents", sa.Integer(), nullable=False),
        sa.Column("wasted_cents", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "firm_days >= 1 and supplier_days >= firm_days", name=op.f("ck_kitchen_setting_horizons")
        ),
        sa.CheckConstraint("minimum between 0 and 1000", name=op.f("ck_kitchen_setting_minimum")),
        sa.CheckConstraint("missing_cents > 0 and wasted_cents > 0", name=op.f("ck_kitchen_setting_costs")),
        sa.CheckConstraint("pack between 1 and 100", name=op.f("ck_kitchen_setting_pack")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_kitchen_setting_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kitchen_setting")),
        sa.UniqueConstraint(
            "structure_id", "valid_from", "seq", name=op.f("uq_kitchen_setting_structure_id_valid_from_seq")
        ),
    )
    op.create_index(
        "uq_kitchen_setting_everywhere",
        "kitchen_setting",
        ["valid_from", "seq"],
        unique=True,
        sqlite_where=sa.text("structure_id is null"),
        postgresql_where=sa.text("structure_id is null"),
    )
    op.create_table(
        "menu",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("dish", sa.String(length=40), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("dish in ('meat', 'poultry', 'fish', 'vegetarian', 'other')", name=op.f("ck_menu_dish")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_menu_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu")),
        sa.UniqueConstraint("structure_id", "day", name=op.f("uq_menu_structure_id_day")),
    )
    op.create_index(op.f("ix_menu_day"), "menu", ["day"], unique=False)
    op.create_index(
        "uq_menu_everywhere",
        "menu",
        ["day"],
        unique=True,
        sqlite_where=sa.text("structure_id is null"),
        postgresql_where=sa.text("structure_id is null"),
    )


def _what_was_served() -> None:
    """Create what was left and the trays ticked."""
    op.create_table(
        "meal_waste",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("kind in ('unserved', 'plates')", name=op.f("ck_meal_waste_kind")),
        sa.CheckConstraint("grams between 0 and 10000000", name=op.f("ck_meal_waste_grams")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_meal_waste_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_meal_waste_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_waste")),
        sa.UniqueConstraint(
            "day",
            "structure_id",
            "service_id",
            "kind",
            "seq",
            name=op.f("uq_meal_waste_day_structure_id_service_id_kind_seq"),
        ),
    )
    op.create_index(op.f("ix_meal_waste_service_id"), "meal_waste", ["service_id"], unique=False)
    op.create_index(op.f("ix_meal_waste_structure_id"), "meal_waste", ["structure_id"], unique=False)
    op.create_table(
        "tray_mark",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("service_id", BigInt, nullable=False),
        sa.Column("structure_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_served", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tray_mark_person_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_tray_mark_service_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_tray_mark_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tray_mark")),
        sa.UniqueConstraint(
            "day", "service_id", "person_id", "seq", name=op.f("uq_tray_mark_day_service_id_person_id_seq")
        ),
    )
    op.create_index(op.f("ix_tray_mark_person_id"), "tray_mark", ["person_id"], unique=False)
    op.create_index(op.f("ix_tray_mark_service_id"), "tray_mark", ["service_id"], unique=False)
    op.create_index(op.f("ix_tray_mark_structure_id"), "tray_mark", ["structure_id"], unique=False)
