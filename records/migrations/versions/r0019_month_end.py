"""Month end: settings, runs with their drafts, invoices, credit notes; a message may tell of an invoice."""

from __future__ import annotations

from alembic import op

from records.migrations.r0019 import billing

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IN_ORDER = (
    billing.create_billing_run,
    billing.create_billing_setting,
    billing.create_number_sequence,
    billing.create_run_place,
    billing.create_credit_rule,
    billing.create_invoice_draft,
    billing.create_carried_draft,
    billing.create_invoice,
    billing.create_cancellation,
    billing.create_cancellation_step,
    billing.create_credit_note,
)


def upgrade() -> None:
    """Create the tables, and let messages be notices of invoices."""
    for create in _IN_ORDER:
        create()
    kinds = ("activate", "reset", "request_accepted", "request_refused", "place_offered", "child_placed", "invoice")
    with op.batch_alter_table("message_outbox") as table:
        table.drop_constraint(op.f("ck_message_outbox_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_message_outbox_kind"), f"kind in ({', '.join(repr(kind) for kind in kinds)})"
        )
