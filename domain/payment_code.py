"""The 130 characters that a tobacconist's terminal reads on an invoice (« paiement de proximité »).

Source: DGFiP, cahier des charges éditeurs du paiement de proximité, v6.0. The DGFiP validates a printed specimen
before the first use.
"""

from __future__ import annotations

from dataclasses import dataclass

LENGTH = 130
AMOUNT_CENTS_MAX = 99_999_999
_BLANKS = 64
_DOCUMENT = "0001"
_NATURE = "806"


@dataclass(frozen=True, slots=True)
class CollectionCodes:
    """What the town's accountant gives, as digits: establishment (3), period (1), product (3), issuer and post (6).

    The text of the debtor's key is read in two ways by those who print it: year, period and debt written one after
    the other, or added up (`sums_debtor_key`). The accountant's test of a specimen says which.
    """

    establishment: str
    period: str
    product: str
    issuer: str
    post: str
    sums_debtor_key: bool = False


def payment_code(codes: CollectionCodes, year: int, debt: int, amount_cents: int) -> str:
    """Return the characters for a debt of a fiscal year, the amount in cents; raises ValueError out of range."""
    if not 0 < amount_cents <= AMOUNT_CENTS_MAX:
        raise ValueError(f"a payment code holds 1 to {AMOUNT_CENTS_MAX} cents, not {amount_cents}")
    yy, number, amount = f"{year % 100:02d}", f"{debt:015d}", f"{amount_cents:8d}"
    what = f"{codes.establishment}{codes.period}{codes.product}00{yy}"
    issuer = f"{codes.issuer}{_DOCUMENT}"
    together = int(yy) + int(codes.period) + debt if codes.sums_debtor_key else int(f"{yy}{codes.period}{number}")
    debtor = together % 23 + 1
    owed = f"{debtor:02d}{number}{codes.post}49{_base_100(_NATURE + amount)}{_NATURE} {amount}"
    text = f"{'':{_BLANKS}}{what}{_key_5(what)}{issuer}{_base_100(issuer)} {_base_100(owed[:25])}{owed}"
    if len(text) != LENGTH:
        raise ValueError(f"a payment code has {LENGTH} characters, not {len(text)}")
    return text


def _key_5(digits: str) -> str:
    key = 11 - int(digits) % 11
    return str({10: 0, 11: 1}.get(key, key))


def _base_100(text: str) -> str:
    """Return the sum of rank × digit, ranks from the right, on two digits; a blank counts 0."""
    total = sum(rank * int(digit) for rank, digit in enumerate(reversed(text), start=1) if digit.isdigit())
    return f"{total % 100:02d}"
