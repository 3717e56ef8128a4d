"""Exact money: integer cents and Decimal, rounded half up once, where the rule says (house rule 6)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_half_up(amount: Decimal, step: Decimal = CENT) -> Decimal:
    """Round an amount in euros half up to a step (the cent by default), away from zero at the half."""
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def to_cents(amount: Decimal) -> int:
    """Return an exact amount in euros as integer cents; raises ValueError when it has a part of a cent."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} has a part of a cent")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    """Return integer cents as an exact amount in euros with two decimals."""
    return (Decimal(cents) / 100).quantize(CENT)
