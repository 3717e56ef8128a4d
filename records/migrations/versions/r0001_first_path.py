"""The tables of the first path: from a tap to a priced line, a meal and a CAF hour."""

from __future__ import annotations

from alembic import op

from records.migrations.r0001 import (
    accounts,
    attendance,
    audit,
    collectivity,
    devices,
    enrolments,
    families,
    jobs,
    ledger,
    services,
    taps,
    tariffs,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, in the order of their references, and the one row of the watermark."""
    audit.create_audit()
    audit.create_change_seq()
    collectivity.create_collectivity()
    families.create_family()
    jobs.create_job()
    accounts.create_login_attempt()
    families.create_person()
    collectivity.create_school_year()
    services.create_service()
    collectivity.create_structure()
    accounts.create_account()
    attendance.create_attendance_decision()
    devices.create_badge_assignment()
    enrolments.create_booking()
    collectivity.create_calendar_day()
    devices.create_device()
    families.create_diet()
    enrolments.create_enrolment()
    families.create_family_member()
    families.create_health_note()
    families.create_payer()
    families.create_regime()
    collectivity.create_school_class()
    services.create_service_formula()
    services.create_service_place()
    services.create_service_rule()
    tariffs.create_tariff()
    devices.create_agent_code()
    devices.create_badge_child()
    families.create_class_membership()
    families.create_custody_calendar()
    devices.create_device_epoch()
    devices.create_device_status()
    enrolments.create_enrolment_pattern()
    enrolments.create_enrolment_payer()
    ledger.create_ledger_entry()
    families.create_qf()
    accounts.create_role_grant()
    accounts.create_session()
    taps.create_tap()
    taps.create_tap_quarantine()
    tariffs.create_tariff_version()
    tariffs.create_tariff_rule()
    op.execute("insert into change_seq (id, value) values (1, 0)")
