"""What a past school year would have brought under another grid: by service, by QF decile, family by family.

Amounts are what lines come to, before what bodies pay of them. A family is known here by its reference alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from domain.errors import InvalidData
from domain.french import typeset

DECILES = 10
# Yearly change of a family, in euros: the bands in which winners and losers are counted.
CHANGE_BANDS = (-500, -200, -100, -50, 0, 50, 100, 200, 500)
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school year, from 1 September to 31 August."""

    start: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.start, 9, 1)

    @property
    def end(self) -> date:
        """The day after its last."""
        return date(self.start + 1, 9, 1)

    def __str__(self) -> str:
        """Return « 2025-2026 »."""
        return f"{self.start}-{self.start + 1}"


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """One service: how many lines it had, what they came to, and what they would come to.

    `is_tried` is False for a service that the grid leaves as it is. `unpriced_now` and `unpriced_then` count lines
    that have no price; they are in no amount.
    """

    service_ref: str
    service_label: str
    is_tried: bool
    lines: int
    now: Decimal
    then: Decimal
    unpriced_now: int
    unpriced_then: int


@dataclass(frozen=True, slots=True)
class FamilyChange:
    """One family's year; `qf` is the last known in it."""

    family_ref: str
    qf: Decimal | None
    now: Decimal
    then: Decimal

    @property
    def change(self) -> Decimal:
        """What it would pay more (below zero: less)."""
        return self.then - self.now


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Families together: how many, what they paid and would pay, how many would pay less, more."""

    label: str
    families: int
    now: Decimal
    then: Decimal
    winners: int
    losers: int


@dataclass(frozen=True, slots=True)
class MissingPrice:
    """Lines of a service that the grid tried leaves without a price, by reason (domain.explanations)."""

    service_label: str
    fault: str
    lines: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """A year replayed under another grid, from one published snapshot."""

    year: int
    snapshot_id: str
    as_of: int
    grids: tuple[str, ...]
    services: tuple[ServiceChange, ...]
    families: tuple[FamilyChange, ...]
    missing: tuple[MissingPrice, ...]

    @property
    def now(self) -> Decimal:
        """What the year came to."""
        return sum((each.now for each in self.services), _ZERO)

    @property
    def then(self) -> Decimal:
        """What it would have come to."""
        return sum((each.then for each in self.services), _ZERO)

    @property
    def winners(self) -> int:
        """How many families would have paid less."""
        return sum(each.change < 0 for each in self.families)

    @property
    def losers(self) -> int:
        """How many families would have paid more."""
        return sum(each.change > 0 for each in self.families)

    def deciles(self) -> tuple[GroupChange, ...]:
        """Return families by tenths of their QF, the lowest first, then those without a known QF."""
        known = sorted(
            ((each.qf, each.family_ref, each) for each in self.families if each.qf is not None),
            key=lambda each: each[:2],
        )
        found = []
        for tenth in range(DECILES):
            part = known[tenth * len(known) // DECILES : (tenth + 1) * len(known) // DECILES]
            if part:
                bounds = f"QF {_whole(part[0][0])} à {_whole(part[-1][0])}"
                found.append(_group(typeset(f"{tenth + 1} : {bounds}"), [each for *_, each in part]))
        unknown = [each for each in self.families if each.qf is None]
        return (*found, _group("QF inconnu", unknown)) if unknown else tuple(found)

    def changes(self) -> tuple[GroupChange, ...]:
        """Return families by how much their year would change, those who gain most first; empty bands left out."""
        edges = [None, *map(Decimal, CHANGE_BANDS), None]
        found = []
        for low, high in pairwise(edges):
            part = [each for each in self.families if each.change != 0 and _lies(each.change, low, high)]
            if part:
                found.append((low or high or _ZERO, _group(_band(low, high), part)))
            if high == 0:
                same = [each for each in self.families if each.change == 0]
                found += [(_ZERO, _group("Aucun changement", same))] if same else []
        return tuple(group for _, group in found)

    def to_json(self) -> str:
        """Return it as text that `simulation_from` reads back, amounts exact."""
        return json.dumps(asdict(self), default=str, ensure_ascii=False)


def simulation_from(text: str) -> Simulation:
    """Return a simulation kept as text; raises ValueError or KeyError for anything else."""
    kept = json.loads(text)
    return Simulation(
        kept["year"],
        kept["snapshot_id"],
        kept["as_of"],
        tuple(kept["grids"]),
        tuple(ServiceChange(**_exact(each, "now", "then")) for each in kept["services"]),
        tuple(FamilyChange(**_exact(each, "qf", "now", "then")) for each in kept["families"]),
        tuple(MissingPrice(**each) for each in kept["missing"]),
    )


def school_year(text: str) -> SchoolYear:
    """Return the year of « 2025-2026 »; raises InvalidData."""
    start, dash, end = text.strip().partition("-")
    if not (dash and start.isdecimal() and end.isdecimal() and len(start) == 4 and int(end) == int(start) + 1):
        raise InvalidData(
            typeset(f"« {text} » n'est pas une année scolaire. Écrivez par exemple 2025-2026."), year=text
        )
    return SchoolYear(int(start))


def _exact(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {
        name: Decimal(value) if name in names and value is not None else value for name, value in values.items()
    }


def _group(label: str, families: Sequence[FamilyChange]) -> GroupChange:
    return GroupChange(
        label,
        len(families),
        _sum(each.now for each in families),
        _sum(each.then for each in families),
        sum(each.change < 0 for each in families),
        sum(each.change > 0 for each in families),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _ZERO)


def _whole(value: Decimal) -> str:
    return f"{value:.0f}"


def _lies(change: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    """Bands close on the side away from zero: 50 € more is « 0 à 50 »."""
    if high is not None and high <= 0:
        return (low is None or low <= change) and change < high
    return (low is None or low < change) and (high is None or change <= high)


def _band(low: Decimal | None, high: Decimal | None) -> str:
    if high is not None and high <= 0:
        text = f"Plus de {-high} € de moins" if low is None else f"{-high} à {-low} € de moins"
    else:
        text = f"Plus de {low} € de plus" if high is None else f"{low} à {high} € de plus"
    return typeset(text)
