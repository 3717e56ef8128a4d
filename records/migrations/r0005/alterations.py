"""What revision 0005 changes in older tables: columns, checks, and what moves to tables of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from records.encryption import keyring_of

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def change_tables() -> None:
    """Change each older table; what a dropped column held is moved first."""
    _move_addresses()
    _move_telephones()
    _move_bodies()
    _change_family()
    _change_person()
    _change_payer()
    _change_accounts()
    _change_bookings()
    _change_kinds()
    _change_health()


def _move_addresses() -> None:
    """Give each family an address from the day its file began."""
    op.execute(
        "insert into address (family_id, commune, former_commune, valid_from, is_reliable, row_version) "
        "select family.id, family.commune, family.former_commune, "
        "coalesce((select min(family_member.valid_from) from family_member "
        "where family_member.family_id = family.id), '2000-01-01'), true, 1 from family"
    )


def _move_telephones() -> None:
    op.execute(
        "insert into person_phone (person_id, number, kind, rank, row_version) "
        "select id, phone, 'other', 1, 1 from person where phone is not null"
    )


def _move_bodies() -> None:
    """Make one paying body of each name that a payer bore."""
    op.execute(
        "insert into paying_body (ref, name, kind, valid_from, row_version) "
        "select 'organisme-' || min(id), body_name, 'other', '2000-01-01', 1 from payer "
        "where body_name is not null group by body_name"
    )


def _change_family() -> None:
    with op.batch_alter_table("family") as table:
        table.add_column(sa.Column("letter_name", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("anonymised_at", sa.BigInteger(), nullable=True))
        table.drop_column("commune")
        table.drop_column("former_commune")
    with op.batch_alter_table("family_member") as table:
        table.add_column(sa.Column("emergency_rank", sa.Integer(), nullable=True))


def _change_person() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("occupation", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("sex", sa.String(length=1), nullable=True))
        table.add_column(sa.Column("birth_commune_code", sa.String(length=5), nullable=True))
        table.add_column(sa.Column("birth_country_code", sa.String(length=5), nullable=True))
        table.add_column(sa.Column("anonymised_at", sa.BigInteger(), nullable=True))
        _add_reference(table, "person", "merged_into_id", "person")
        table.create_check_constraint(op.f("ck_person_sex"), "sex in ('F', 'M')")
        table.drop_column("phone")


def _change_payer() -> None:
    with op.batch_alter_table("payer") as table:
        _add_reference(table, "payer", "body_id", "paying_body")
    op.execute(
        "update payer set body_id = (select paying_body.id from paying_body "
        "where paying_body.name = payer.body_name) where body_name is not null"
    )
    with op.batch_alter_table("payer") as table:
        table.drop_constraint(op.f("ck_payer_person_or_body"), type_="check")
        table.create_check_constraint(op.f("ck_payer_person_or_body"), "(person_id is null) <> (body_id is null)")
        table.drop_column("body_name")


def _change_accounts() -> None:
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("password_set_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("email", sa.String(length=200), nullable=True))
    with op.batch_alter_table("account") as table:
        table.alter_column("must_change_password", server_default=None)
    with op.batch_alter_table("role_grant") as table:
        table.add_column(sa.Column("commune", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("reason", sa.String(length=200), nullable=True))
        _add_reference(table, "role_grant", "lent_from_id", "role_grant")
        table.create_check_constraint(
            op.f("ck_role_grant_lent"), "lent_from_id is null or (valid_to is not null and reason is not null)"
        )


def _change_bookings() -> None:
    with op.batch_alter_table("booking") as table:
        table.add_column(sa.Column("start_minute", sa.Integer(), nullable=True))
        table.add_column(sa.Column("end_minute", sa.Integer(), nullable=True))
        table.add_column(sa.Column("batch_ref", sa.String(length=64), nullable=True))
        table.create_index(op.f("ix_booking_batch_ref"), ["batch_ref"], unique=False)
        _add_reference(table, "booking", "absence_reason_id", "absence_reason")
        table.create_check_constraint(
            op.f("ck_booking_start_and_end"), "(start_minute is null) = (end_minute is null)"
        )
        table.create_check_constraint(op.f("ck_booking_order"), "end_minute is null or end_minute > start_minute")
    with op.batch_alter_table("enrolment") as table:
        _add_reference(table, "enrolment", "sejour_id", "sejour")


def _change_kinds() -> None:
    """Widen the kinds of services and of attendance decisions."""
    with op.batch_alter_table("service") as table:
        table.drop_constraint(op.f("ck_service_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_service_kind"),
            "kind in ('canteen', 'morning_care', 'evening_care', 'tap_activity', 'leisure_wednesday', "
            "'leisure_holiday', 'sejour', 'youth_club', 'daycare', 'transport', 'drop_in')",
        )
    with op.batch_alter_table("attendance_decision") as table:
        _add_reference(table, "attendance_decision", "absence_reason_id", "absence_reason")
        table.drop_constraint(op.f("ck_attendance_decision_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_attendance_decision_kind"),
            "kind in ('absent_unjustified', 'absent_justified', 'arrival', 'departure', 'attach', "
            "'late_accepted', 'late_waived', 'clear')",
        )


def _change_health() -> None:
    """Widen the kinds of health notes, and encrypt the labels that were in clear."""
    with op.batch_alter_table("health_note") as table:
        table.add_column(sa.Column("detail", sa.Text(), nullable=True))
        _add_reference(table, "health_note", "document_id", "document")
        table.alter_column("label", existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=False)
        table.drop_constraint(op.f("ck_health_note_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_health_note_kind"), "kind in ('allergy', 'pai', 'treatment', 'vaccination', 'doctor', 'other')"
        )
    connection = op.get_bind()
    for note_id, label in connection.execute(sa.text("select id, label from health_note")).all():
        sealed = keyring_of(connection.dialect).encrypt(str(label), "health_note.label")
        connection.execute(
            sa.text("update health_note set label = :sealed where id = :id"), {"sealed": sealed, "id": note_id}
        )


def _add_reference(table: BatchOperations, name: str, column: str, target: str) -> None:
    """Add a nullable, indexed reference to another table."""
    table.add_column(sa.Column(column, BigInt, nullable=True))
    table.create_index(op.f(f"ix_{name}_{column}"), [column], unique=False)
    table.create_foreign_key(op.f(f"fk_{name}_{column}"), target, [column], ["id"])
