"""What bodies pay in the random small towns: decisions of every form, and scales of aid by QF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from tests.oracles.world import AidScale, Child, Coverage

BY_SCALE = ("half_day", "day", "meal")  # the units of leisure vouchers: no hour of a contract to give back


class BodyMaker:
    """Makes coverages and scales from the random numbers of a town, about its days."""

    def __init__(self, random: Random, since: date, days: Sequence[date]) -> None:
        self.random = random
        self.pick = random.choice
        self.since, self.days = since, days

    def coverages(self, child: Child) -> list[Coverage]:
        """What bodies pay of some of the child's enrolments, each at its own rank."""
        places = range(len(child.enrolments))
        ranks = self.random.sample(range(1, 7), self.pick([0, 1, 2, 4, 6]) if places else 0)
        if self.random.random() < 0.1:
            ranks += ranks[:1]
        name = child.ref.replace("enfant", "prise")
        return [self._one(f"{name} {number}", rank, places) for number, rank in enumerate(ranks)]

    def _one(self, ref: str, rank: int, places: range) -> Coverage:
        form = self.pick(["percent", "flat", "cap", "scale"])
        is_percent = form == "percent"
        return Coverage(
            ref,
            "CAF" if form == "scale" else self.pick(["CD", "MSA", "CAF"]),
            form,
            self.pick(BY_SCALE if form == "scale" else ["hour", "half_day", "day", "meal", "month", "total"]),
            self.pick([self.since, self.days[1], self.days[5]]),
            self.pick([None, None, self.days[9]]),
            rank,
            percent=self.pick([Decimal("0.5"), Decimal("0.3333"), Decimal("0.8"), Decimal(1)])
            if is_percent
            else None,
            amount=None if form in ("percent", "scale") else self.pick([Decimal("0.75"), Decimal(2), Decimal(40)]),
            unit_ceiling=self.pick([None, None, Decimal("1.05"), Decimal(4)]) if is_percent else None,
            units_max=self.pick([None, None, 2, 7]),
            year_units=self.pick([None, None, 1, 5]),
            holidays_only=self.random.random() < 0.15,
            ceiling=self.pick([None, None, Decimal("7.01"), Decimal(60)]),
            state=self.pick(["applied", "applied", "notified", "used_up", "asked", "refused"]),
            enrolments=tuple(sorted(self.random.sample(places, self.random.randint(1, len(places))))),
        )

    def of_contract(self, child: Child) -> Coverage:
        """What one more body pays of the child's contract, within limits that leave some of it unpaid."""
        rank = self.pick(sorted({1, 2, 3, 4, 5} - {each.rank for each in child.coverages}))
        one = self._one(f"{child.ref.replace('enfant', 'prise')} du contrat", rank, range(1))
        unit = one.unit if one.form == "scale" else self.pick(["hour", "hour", "month", "total", "day"])
        return replace(one, unit=unit, since=self.since, units_max=None, holidays_only=False, state="applied")

    def scale(self) -> AidScale:
        """What a fund pays by QF; its bands may leave some out, above or between them."""
        low, middle, high = self.pick([(0, 400, 800), (0, 350, 350), (100, 600, 1_000)])
        bands = [(low, middle, Decimal("3.50")), (middle, high, self.pick([Decimal("0.40"), Decimal(2)]))]
        kept = tuple((Decimal(start), Decimal(end), amount) for start, end, amount in bands if start < end)
        return AidScale(self.pick([self.since, self.since, self.days[4]]), kept, self.pick(["on_day", "january"]))
