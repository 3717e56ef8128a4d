"""What a payment pays: the oldest debt first (Code civil, article 1342-10), and an invoice's lines in proportion.

Payments are recorded by account, without the invoice they are for; a certificate must say what was paid of what.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of an account in cents, positive when owed; `invoice` None for any other debt."""

    day: date
    cents: int
    is_payment: bool = False
    invoice: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """What the payments of some days paid, in cents: of each invoice, of other debts, and what is paid ahead."""

    invoices: Mapping[int, int]
    others: int
    ahead: int

    @property
    def total(self) -> int:
        """All that was paid on those days."""
        return sum(self.invoices.values()) + self.others + self.ahead


@dataclass(slots=True)
class _Left:
    cents: int
    counts: bool = False
    invoice: int | None = None


def allocate(movements: Iterable[Movement], first: date, end: date) -> Allocation:
    """Return what the payments of [first, end) paid, each on the oldest debt that it finds, then on the next.

    A credit that is no payment pays debts too, and counts for nothing.
    """
    debts, sums = deque[_Left](), deque[_Left]()
    invoices: dict[int, int] = {}
    others = 0
    for move in sorted(movements, key=lambda each: each.day):
        if move.cents > 0:
            debts.append(_Left(move.cents, invoice=move.invoice))
        elif move.cents < 0:
            sums.append(_Left(-move.cents, counts=move.is_payment and first <= move.day < end))
        while debts and sums:
            debt, credit = debts[0], sums[0]
            paid = min(debt.cents, credit.cents)
            if credit.counts and debt.invoice is not None:
                invoices[debt.invoice] = invoices.get(debt.invoice, 0) + paid
            elif credit.counts:
                others += paid
            for queue, each in ((debts, debt), (sums, credit)):
                each.cents -= paid
                if not each.cents:
                    queue.popleft()
    return Allocation(invoices, others, sum(each.cents for each in sums if each.counts))


def in_proportion(cents: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Share cents in proportion of weights, to the cent: the largest remainders take what is left.

    Nothing when the weights come to nothing: then nobody can say what was paid.
    """
    whole = sum(weights.values())
    if whole <= 0:
        return {}
    shares = {key: cents * weight // whole for key, weight in weights.items()}
    order: Sequence[Key] = sorted(weights, key=lambda key: -(cents * weights[key] % whole))
    for key in order[: cents - sum(shares.values())]:
        shares[key] += 1
    return shares
