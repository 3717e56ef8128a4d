"""What a town knows of a family: papers, health, custody, bodies, mandates, places, requests, retention."""

from __future__ import annotations

from alembic import op

from records.migrations.r0005 import (
    accounts,
    alterations,
    authorisations,
    bodies,
    custody,
    documents,
    enrolments,
    families,
    family_papers,
    health,
    incomes,
    mandates,
    offers,
    places,
    requests,
    retention,
    rollover,
    state_values,
    transport,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the new tables in the order of their references, then change the old ones and move what they held."""
    for create in NEW_TABLES:
        create()
    alterations.change_tables()
    op.execute("insert into purge_window (id, order_id) values (1, null)")


NEW_TABLES = (
    authorisations.create_authorisation_kind,
    documents.create_document_kind,
    family_papers.create_merge,
    bodies.create_paying_body,
    retention.create_processing_activity,
    incomes.create_qf_formula,
    retention.create_retention_rule,
    state_values.create_state_value,
    documents.create_stored_file,
    offers.create_absence_reason,
    families.create_address,
    offers.create_booking_rule,
    documents.create_document_requirement,
    family_papers.create_merge_move,
    family_papers.create_note,
    families.create_person_phone,
    enrolments.create_place_count,
    custody.create_placement,
    retention.create_purge_list,
    incomes.create_qf_formula_part,
    authorisations.create_question,
    rollover.create_rollover,
    places.create_structure_capacity,
    places.create_structure_opening,
    transport.create_transport_line,
    accounts.create_account_link,
    authorisations.create_answer,
    places.create_calendar_event,
    places.create_class_teacher,
    custody.create_custody_exception,
    custody.create_custody_holiday,
    documents.create_document,
    family_papers.create_family_review,
    health.create_health_access,
    mandates.create_mandate,
    accounts.create_password_history,
    retention.create_purge_item,
    retention.create_purge_order,
    accounts.create_recovery_code,
    requests.create_request,
    rollover.create_rollover_line,
    offers.create_sejour,
    accounts.create_totp_secret,
    transport.create_transport_stop,
    authorisations.create_authorisation,
    bodies.create_coverage,
    custody.create_delegation,
    documents.create_document_file,
    incomes.create_income,
    mandates.create_mandate_event,
    retention.create_purge_proof,
    retention.create_purge_window,
    incomes.create_qf_calculation,
    requests.create_request_decision,
    bodies.create_coverage_enrolment,
    bodies.create_coverage_event,
    incomes.create_quotient_answer,
    family_papers.create_signature,
    transport.create_transport_seat,
    enrolments.create_waiting_entry,
)
