"""Words and dates of invoices: their numbers, fiscal years and due dates."""

from __future__ import annotations

from datetime import date


def number_text(fiscal_year: int, number: int) -> str:
    """Return an invoice's number as people quote it: « 2026-000123 »."""
    return f"{fiscal_year}-{number:06d}"


def credit_note_text(fiscal_year: int, number: int) -> str:
    """Return a credit note's number as people quote it: « A2026-000004 »."""
    return f"A{fiscal_year}-{number:06d}"


def fiscal_year_of(day: date, first_month: int) -> int:
    """Return the fiscal year of a day: the calendar year in which it begins, in `first_month` (1 = January)."""
    return day.year if day.month >= first_month else day.year - 1


def due_date(month: date, months_later: int, day: int) -> date:
    """Return the day on which the invoice of a month is due: `day` of the month that many months later."""
    months = month.year * 12 + month.month - 1 + months_later
    return date(months // 12, months % 12 + 1, day)
