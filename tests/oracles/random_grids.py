"""Price lists made at random: every form, every condition, modifiers in any order, with holes on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from tests.oracles.world import Home, Income, Price, PriceList, Zone

SINCE = date(2026, 9, 1)
UNITS = {
    "meal": ("meal", "meal", "session", "day"),
    "formula": ("formula", "formula", "half_day", "session"),
    "care": ("unit_begun", "unit_begun", "hour", "minute", "session"),
}
PRICES = [Decimal(p) for p in ("0", "0.0050", "0.3333", "0.6", "1.0050", "2.2", "2.8", "7.6")]
RATES = [Decimal(r) for r in ("0.000619", "0.0036", "0.001", "0.003333", "0.000001")]
STEPS = [None, None, None, Decimal("0.01"), Decimal("0.01"), Decimal("0.05"), Decimal("0.001")]
STEP_MODES = (None, None, "up", "down")
RECEIVED = [(day * 24 + 12) * 3_600_000_000 for day in (20_774, 20_778, 20_781)]  # noons of November 2026
ANNUAL = [Decimal(a) for a in ("0", "9000", "10000.01", "24000", "38400", "61333.33", "144000")]
NO_PACKAGES: Mapping[str, Sequence[str]] = {}
RANKS = (None, None, "household", "enrolled", "same_day")
# Beside each day that a rule of QF may look at.
BEFORE = [date(2025, *day) for day in ((8, 20), (10, 20), (12, 15))]
BEFORE += [date(2026, *day) for day in ((1, 10), (3, 31), (4, 20), (9, 20), (10, 20), (11, 4))]
COMMUNES = ("Saint-Loup", "SAINT LOUP", "Champ-d'Or", "Trifouilly")
# The same for all: zones are the whole town's, and many small towns are computed in one.
ZONES = (
    Zone("Saint-Loup", "commune", SINCE),
    Zone("Champ d'Or", "outside", SINCE),
    Zone("Champ d'Or", "interco", date(2026, 11, 25)),
)
LEVELS = ("GS", "CP", "CM2")
SITUATIONS = (
    "present",
    "present_unexpected",
    "planned",
    "absent_declared",
    "absent_undecided",
    "absent_unjustified",
)
FORMULAS = ("matin", "matin-repas", "apres-midi", "journee-repas")
CATEGORIES = ("enfant", "panier_repas", "autre")


class GridMaker:
    """Makes price lists, and what families say of themselves, from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.pick = random.choice

    def price_list(
        self, kind: str, since: date, *, packages: Mapping[str, Sequence[str]] = NO_PACKAGES
    ) -> PriceList:
        """A list with some exceptions, some bands, sometimes a price for all the rest, and some modifiers.

        `packages` names the kinds of lines that it prices apart, each with the units it may be priced in.
        """
        basis = self.pick(RANKS if not packages.keys() - {"late_pickup"} else RANKS[:4])
        rows = [self._conditioned(self._base(kind), kind, basis) for _ in range(self.pick([0, 0, 1, 2, 3]))]
        rows += self._bands(kind)
        if kind == "formula":
            rows += [replace(self._base(kind), formula=code) for code in FORMULAS if self._seldom(0.5)]
        if self._seldom(0.7):
            rows.append(self._base(kind))
        rows += [self._modifier(kind, basis) for _ in range(self.pick([0, 0, 1, 1, 2, 4]))]
        if self._seldom(0.03):
            rows += [Price("unit_begun", Decimal("0.01"), form="add") for _ in range(9)]
        if self._seldom(0.3):
            self.random.shuffle(rows)
        if packages.keys() & {"membership", "sejour"} and self._seldom(0.4):
            rows = []
        for name, units in packages.items():
            rows += self.package_rows(name, units, basis)
        step = self.pick(STEPS)
        return PriceList(
            since,
            tuple(rows),
            step,
            basis,
            self.pick(["enrolled", "enrolled", "attended"]),
            self.pick(STEP_MODES) if step else None,
        )

    def package_rows(self, kind: str, units: Sequence[str], basis: str | None) -> list[Price]:
        """Prices of one kind of package: an exception, the price for the rest, perhaps a modifier."""
        rows = []
        for unit in units if kind == "membership" and self._seldom(0.4) else [self.pick(units)]:
            minutes = self.pick([None, 5, 15, 45]) if unit == "unit_begun" else None
            base = replace(self._base("care"), kind=kind, unit=unit, unit_minutes=minutes)
            base = base if base.form != "psu" or unit == "hour" else Price(unit, Decimal("4.45"), kind=kind)
            rows += [self._conditioned(replace(base, price=self.pick(PRICES)), "package", basis)]
            rows += [base] if self._seldom(0.9) else []
        if self._seldom(0.4):
            rows.append(replace(self._modifier("package", basis), kind=kind))
        return rows

    def incomes(self) -> list[Income]:
        """No income, the file's, or one of a parent too; some correct an earlier one."""
        return [self._income(number) for number in range(self.pick([0, 1, 2, 3, 4]))]

    def _income(self, number: int) -> Income:
        source = self.pick(["caf", "caf", "caf", "none"])
        return Income(
            Decimal(0) if source == "none" else self.pick(ANNUAL),
            self.pick([SINCE, SINCE, date(2026, 11, 20), date(2026, 11, 24), *BEFORE]),
            children := self.random.randint(1, 9),
            self.random.randint(0, min(children, 2)),
            self.pick([None, None, "mere"]),
            recorded=self.random.randint(0, 2) + self.pick([0, *RECEIVED]),
            corrects=self.random.randrange(number) if number and self._seldom(0.2) else None,
            source=source,
        )

    def homes(self) -> list[Home]:
        """Where the file lives, and sometimes a parent."""
        homes = [Home(self.pick(COMMUNES), SINCE)] if self._seldom(0.9) else []
        if homes and self._seldom(0.2):
            homes.append(Home(self.pick(COMMUNES), date(2026, 11, 24)))
        return homes + ([Home(self.pick(COMMUNES), SINCE, "pere")] if self._seldom(0.3) else [])

    def _bands(self, kind: str) -> list[Price]:
        if not self._seldom(0.7):
            return []
        low, high = Decimal(350), self.pick([None, None, Decimal(800)])
        rows = [replace(self._base(kind), category="enfant", qf_to=low)]
        rows.append(replace(self._base(kind), category="enfant", qf_from=low, qf_to=high))
        if self._seldom(0.4):
            line = Price(self.pick(UNITS[kind]), self.pick(PRICES), form="linear", price_to=self.pick(PRICES))
            rows[1:1] = [replace(line, qf_from=Decimal("349.99"), qf_to=Decimal(800))]
        return rows

    def _base(self, kind: str) -> Price:
        unit = self.pick(UNITS[kind])
        form = self.pick(["flat", "flat", "flat", "rate", "psu"])
        if form == "psu" and kind == "care":
            basis, above = self.pick(["collective", "family"]), self._seldom(0.3)
            return Price("hour", form="psu", basis=basis, above_ceiling=above)
        if form == "rate":
            basis = self.pick(["qf", "income"])
            floor = self.pick([None, Decimal("0.5"), Decimal("2.60")])
            ceiling = self.pick([None, Decimal("2.60"), Decimal("4.5")])
            return Price(
                unit,
                self.pick([*PRICES[:3]]),
                form="rate",
                basis=basis,
                rate=self.pick(RATES),
                floor=floor,
                ceiling=ceiling,
            )
        minutes = self.pick([5, 15, 45]) if unit == "unit_begun" and self._seldom(0.3) else None
        return Price(unit, self.pick(PRICES), unit_minutes=minutes)

    def _modifier(self, kind: str, rank_basis: str | None) -> Price:
        form = self.pick(["add", "percent", "percent", "replace", "minimum", "maximum"])
        values: dict[str, Any] = {"form": form, "applies_to": self.pick(["unit", "unit", "line"])}
        if form == "percent":
            values["rate"] = self.pick([Decimal(r) for r in ("-0.2", "0.5", "-0.333333", "-1", "0.1")])
        else:
            values["price"] = self.pick(PRICES)
        return self._conditioned(Price("unit_begun", **values), kind, rank_basis)

    def _conditioned(self, row: Price, kind: str, rank_basis: str | None) -> Price:
        """Return the row with one or two conditions."""
        for _ in range(self.pick([1, 1, 2])):
            row = replace(row, **self._condition(kind, rank_basis))
        return row

    def _condition(self, kind: str, rank_basis: str | None) -> dict[str, Any]:
        pick = self.pick
        choices: list[dict[str, Any]] = [
            {"category": pick(CATEGORIES)},
            {"residence": pick(["commune", "interco", "outside"])},
            {"level": pick(LEVELS)},
            {"day_kind": pick(["school_day", "wednesday", "holiday"])},
            self._band("qf", [Decimal(q) for q in ("349.99", "350", "600", "742")]),
            self._band("income", [Decimal(i) for i in ("750", "833.34", "2000", "5111.11")]),
            self._band("age", [60, 72, 100]),
            self._band("children", [2, 3, 4], is_inclusive=True),
        ]
        if kind != "package":
            choices += [
                {"situation": pick(SITUATIONS)},
                {"booked_late": pick([True, False])},
                {"origin": pick(["pattern", "single"])},
                self._band("lead", [-30, 0, 720, 1440]),
            ]
        if kind == "formula":
            choices.append({"formula": pick(FORMULAS)})
        if rank_basis is not None:
            choices += 3 * [self._band("rank", [1, 2, 3], is_inclusive=True)]
            choices += 2 * [self._band("siblings", [1, 2, 3], is_inclusive=True)]
        return pick(choices)

    def _band(self, name: str, marks: list[Any], *, is_inclusive: bool = False) -> dict[str, Any]:
        low, high = sorted(self.random.sample(marks, 2))
        if is_inclusive and self._seldom(0.3):
            high = low
        kept = self.pick([(low, None), (None, high), (low, high)])
        return {f"{name}_from": kept[0], f"{name}_to": kept[1]}

    def _seldom(self, chance: float) -> bool:
        return self.random.random() < chance
