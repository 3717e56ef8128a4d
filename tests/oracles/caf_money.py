"""What the CAF owes, slowly and in fractions, from the CAF notes (§1.3, §2.3); imports nothing of Marelle."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.oracles.caf_world import Scale

LINEAR_SINCE = 2025
MIXITE = ((Fraction(75, 100), 2100), (Fraction(1), 800), (Fraction(125, 100), 300))
MIXITE_UNTIL = 2025


@dataclass(frozen=True)
class Psu:
    """Percent, euros; `refused` names what is missing, and then there is no amount."""

    rate: Fraction | None
    price: Fraction | None = None
    gross: Decimal | None = None
    amount: Decimal | None = None
    limited_by: str | None = None
    refused: str | None = None


def rounded(value: Fraction, places: int) -> Decimal:
    """Round half away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    result = Decimal(whole if value >= 0 else -whole).scaleb(-places)
    return result.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def hours(minutes: Fraction | int) -> Decimal:
    """Return hours as they are declared, to the hundredth."""
    return rounded(Fraction(minutes) / 60, 2)


def price_cap(rate: Fraction, year: int, scale: Scale) -> Fraction | None:
    """Return the ceiling of an hour by the invoicing rate; None when the scale is silent there."""
    if year >= LINEAR_SINCE:
        if rate <= 107:
            return _known(scale.high)
        if rate >= 120:
            return _known(scale.low)
        if scale.high is None or scale.low is None:
            return None
        return Fraction(scale.high) - (Fraction(scale.high) - Fraction(scale.low)) * (rate - 107) / 13
    return _known(scale.high if rate <= 107 else scale.middle if rate <= 117 else scale.low)


def psu(year: int, billed: Decimal, realised: Decimal, *, contributions: Decimal, charges: Decimal | None,
        general: Decimal | None, scale: Scale) -> Psu:  # fmt: skip
    """Return what is owed for hours as declared."""
    if realised <= 0:
        return Psu(None, refused="realised_missing")
    rate = 100 * Fraction(billed) / Fraction(realised)
    if billed <= 0:
        return Psu(rate, refused="billed_missing")
    cap = price_cap(rate, year, scale)
    if cap is None:
        return Psu(rate, refused="parameter_missing")
    if charges is None:
        return Psu(rate, cap, refused="accounts_missing")
    if charges < 0:
        return Psu(rate, cap, refused="accounts_negative")
    if general is None:
        return Psu(rate, cap, refused="regime_missing")
    cost = Fraction(charges) / Fraction(billed)
    price = min(cost, cap)
    gross = Fraction(66, 100) * price * Fraction(billed) - Fraction(contributions)
    owed = max(Fraction(0), gross) * Fraction(general)
    return Psu(rate, price, rounded(gross, 2), rounded(owed, 2), "cost" if cost < cap else "cap")


def mixite(year: int, places: int, contributions: Decimal, billed: Decimal) -> Decimal | None:
    """Return the bonus of a year; None from 2026 on, whose scale is not known."""
    if year > MIXITE_UNTIL or billed <= 0:
        return None
    mean = Fraction(contributions) / Fraction(billed)
    return Decimal(next((amount for bound, amount in MIXITE if mean <= bound), 0) * places)


@dataclass(frozen=True)
class Pso:
    """Euros; `refused` names what is missing for the main amount."""

    amount: Decimal | None
    limited_by: str | None
    refused: str | None = None


def pso(hours_of_kind: Decimal, *, charges: Decimal | None, general: Decimal | None,
        cap: Decimal | None) -> Pso:  # fmt: skip
    """Return what is owed for the hours of one kind, which cost `charges`."""
    if cap is None:
        return Pso(None, None, "parameter_missing")
    if charges is None:
        return Pso(None, None, "accounts_missing")
    if charges < 0:
        return Pso(None, None, "accounts_negative")
    if hours_of_kind <= 0:
        return Pso(None, None, "realised_missing")
    share = Fraction(30, 100) * Fraction(charges) / Fraction(hours_of_kind)
    retained = min(share, Fraction(cap))
    amount = None if general is None else rounded(retained * Fraction(hours_of_kind) * Fraction(general), 2)
    return Pso(amount, "cost" if share < Fraction(cap) else "cap")


def plan_mercredi(wednesday_hours: Decimal, reference: Decimal, share: Decimal = Decimal(1)) -> Decimal:
    """Return the bonus for hours above those of the reference year, 0.46 an hour, of a share of the families."""
    more = max(Fraction(0), Fraction(wednesday_hours) - Fraction(reference))
    return rounded(more * Fraction(46, 100) * Fraction(share), 2)


def inclusive(aeeh_hours: Decimal, amount: Decimal, share: Decimal = Decimal(1)) -> Decimal:
    """Return the complement for hours of children who open the AEEH, of a share of the families."""
    return rounded(Fraction(aeeh_hours) * Fraction(amount) * Fraction(share), 2)


def _known(price: Decimal | None) -> Fraction | None:
    return None if price is None else Fraction(price)
