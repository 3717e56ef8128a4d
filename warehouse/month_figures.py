"""A month before its invoices, from the published marts: what they would be, and by name what keeps a line back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from warehouse.rows import MARTS, read_rows

STATUSES = ("fault", "held_back", "not_confirmed", "provisional")


@dataclass(frozen=True, slots=True)
class DraftTotals:
    """What a month's invoices would be today: how many and how much, and what stays under the threshold."""

    invoices: int
    total_amount: Decimal
    held: int
    held_amount: Decimal
    adjustments_amount: Decimal


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A line that is not invoiced yet: its status (STATUSES) and, in French, what is missing and who must act."""

    line_key: str
    status: str
    day: date
    child_ref: str
    child_first_name: str
    child_last_name: str
    service_label: str
    structure_ref: str
    structure_label: str
    message: str | None


@dataclass(frozen=True, slots=True)
class WaitingCredit:
    """A credit kept for its own service; stuck when nobody of the payer is enrolled in it any more."""

    payer_ref: str
    service_ref: str
    service_label: str
    waiting_amount: Decimal
    is_stuck: bool


def draft_totals(connection: duckdb.DuckDBPyConnection, month: date) -> DraftTotals:
    """Return what the invoices of a month (its first day) would be today."""
    row = connection.execute(
        "select count(*) filter (not is_held), coalesce(sum(total_amount) filter (not is_held), 0), "  # noqa: S608
        "count(*) filter (is_held and total_amount <> 0), coalesce(sum(total_amount) filter (is_held), 0), "
        f"coalesce(sum(adjustments_amount), 0) from {MARTS}.fct_invoice_drafts where month = ?",
        [month],
    ).fetchall()[0]
    return DraftTotals(*row)


def waiting_lines(connection: duckdb.DuckDBPyConnection, month: date) -> list[WaitingLine]:
    """Return what keeps lines of a month, and of earlier ones that are invoiced, from the invoices."""
    found: list[WaitingLine] = read_rows(
        connection,
        WaitingLine,
        f"""from (
            select lines.*, coalesce(faults.message, held_back.message) as message
            from {MARTS}.fct_billing_lines as lines
            left join {MARTS}.fct_pricing_faults as faults using (line_key)
            left join {MARTS}.fct_held_back as held_back
                on lines.child_ref = held_back.child_ref and lines.service_ref = held_back.service_ref
                and lines.day = held_back.day and held_back.holds_line
            where lines.month <= ? and lines.status <> 'billable'
        ) order by status, day, child_last_name, child_first_name, line_key""",  # noqa: S608 (our own names)
        [month],
    )
    return found


def waiting_credits(connection: duckdb.DuckDBPyConnection, month: date) -> list[WaitingCredit]:
    """Return the credits that the invoices of a month would leave waiting for their own service."""
    found: list[WaitingCredit] = read_rows(
        connection,
        WaitingCredit,
        f"from {MARTS}.fct_waiting_credits where month = ? order by is_stuck desc, payer_ref, service_ref",
        [month],
    )
    return found
