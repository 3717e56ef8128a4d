"""Each form of tariff, priced by the published SQL: the amounts are worked by hand beside the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.lines import PricedLine
from domain.time import micros
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.sql.raw_world import PARIS, RawWorld
from warehouse.project import CompiledProject
from warehouse.rows import priced_lines

MONDAY = date(2026, 11, 23)
AS_OF = micros(datetime(2026, 12, 31, 12, tzinfo=ZoneInfo(PARIS)))
SINCE = date(2020, 1, 1)


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    """The models, ready for many small worlds."""
    return MemoryWarehouse(compiled, ["fct_priced_lines", "fct_effort_rates", "fct_taps"])


@dataclass
class Town:
    """A place, one family of three children and a canteen; each test says its tariff."""

    world: RawWorld
    warehouse: MemoryWarehouse
    structure: int
    family: int
    payer: int
    parent: int
    service: int = 0
    version: int = 0

    def serve(
        self, kind: str = "canteen", rank_basis: str | None = None, step: int | None = None, **rule: Any
    ) -> None:
        """Offer a service with a tariff of no rule yet."""
        self.service = self.world.service(f"service-{kind}", kind)
        self.world.offer(self.service, self.structure)
        self.world.rule(self.service, **{"bill_basis": "booking", "caf_hour_rule": "none", **rule})
        tariff = self.world.add("tariff", service_id=self.service, label="Tarif")
        self.version = self.world.add(
            "tariff_version", tariff_id=tariff, valid_from=SINCE, decision="D", rank_basis=rank_basis,
            unit_step_e4=step,
        )  # fmt: skip

    def rules(self, *rules: dict[str, Any]) -> None:
        """Add rules in their order; a modifier is of the unit price unless it says otherwise."""
        for ordinal, rule in enumerate(rules, 1):
            usual = {"form": "flat", "label": f"Ligne {ordinal}"}
            if rule.get("form") in ("add", "percent", "replace", "minimum", "maximum"):
                usual["applies_to"] = "unit"
            elif "unit" not in rule:
                usual["unit"] = "meal"
            self.world.add("tariff_rule", version_id=self.version, ordinal=ordinal, **{**usual, **rule})

    def child(self, ref: str, born: date | None, *, is_enrolled: bool = True) -> int:
        """Add a child of the family, expected on Mondays."""
        child = self.world.person(ref, birth_date=born)
        self.world.add("family_member", family_id=self.family, person_id=child, role="child", valid_from=SINCE)
        if is_enrolled:
            self.enrol(child)
        return child

    def enrol(self, child: int) -> None:
        """Enrol a child, every Monday."""
        enrolment = self.world.add(
            "enrolment", person_id=child, service_id=self.service, structure_id=self.structure, category="enfant",
            valid_from=SINCE,
        )  # fmt: skip
        self.world.add("enrolment_pattern", enrolment_id=enrolment, weekday=0, valid_from=SINCE)
        self.world.add("enrolment_payer", enrolment_id=enrolment, payer_id=self.payer, rule="all", valid_from=SINCE)

    def qf(self, value_e2: int, since: date = SINCE) -> None:
        """Give the file a QF."""
        self.world.add(
            "qf", family_id=self.family, effective_from=since, recorded_at=0, value_e2=value_e2, source="caf"
        )

    def income(self, annual_cents: int, children: int, aeeh: int = 0) -> None:
        """Give the file an income."""
        self.world.add(
            "income", family_id=self.family, effective_from=SINCE, recorded_at=0, annual_cents=annual_cents,
            children_count=children, aeeh_count=aeeh, source="caf",
        )  # fmt: skip

    def lines(self, first: date = MONDAY, last: date | None = None) -> dict[str, PricedLine]:
        """Return the lines of some days (one by default), by child, or by child and day for several."""
        self.world.about(AS_OF, first, last or first)
        with self.warehouse.filled(self.world.rows) as connection:
            found = priced_lines(connection, "from marelle.marts.fct_priced_lines", [])
        return {each.child_ref if last is None else f"{each.child_ref} {each.day}": each for each in found}


@pytest.fixture
def town(warehouse: MemoryWarehouse) -> Town:
    """A family with a payer at a place."""
    world = RawWorld().town()
    structure = world.structure("ecole")
    world.add("school_year", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 3))
    family = world.add("family", ref="F1")
    parent = world.person("anne")
    payer = world.add("payer", ref="P1", family_id=family, person_id=parent)
    return Town(world, warehouse, structure, family, payer, parent)


def amounts(lines: dict[str, PricedLine]) -> dict[str, str | None]:
    """Return what each line costs, or its fault."""
    return {name: line.fault if line.amount is None else str(line.amount) for name, line in lines.items()}


@pytest.mark.parametrize(
    ("qf_e2", "amount"), [(50_000, "2.60"), (90_055, "3.24"), (130_000, "4.50"), (999_900, "4.50")]
)
def test_rate_of_the_qf_within_its_floor_and_ceiling(town: Town, qf_e2: int, amount: str) -> None:
    town.serve()  # 0,36 % of 900,55 = 3,24198
    town.rules({"form": "rate", "rate_e6": 3_600, "basis": "qf", "floor_e4": 26_000, "ceiling_e4": 45_000})
    town.child("lea", date(2018, 1, 1))
    town.qf(qf_e2)
    assert amounts(town.lines()) == {"lea": amount}
    assert [line.price_basis for line in town.lines().values()] == ["qf"]


@pytest.mark.parametrize(
    ("qf_e2", "amount"), [(40_000, "1.00"), (55_000, "1.50"), (70_000, "2.00"), (100_000, "4.00")]
)
def test_straight_line_between_two_prices(town: Town, qf_e2: int, amount: str) -> None:
    town.serve()
    town.rules(
        {"form": "linear", "amount_e4": 10_000, "amount_to_e4": 30_000, "qf_from_e2": 40_000, "qf_to_e2": 100_000},
        {"amount_e4": 40_000},
    )
    town.child("lea", date(2018, 1, 1))
    town.qf(qf_e2)
    assert amounts(town.lines()) == {"lea": amount}
    assert [line.price_basis for line in town.lines().values()] == ["qf" if qf_e2 < 100_000 else None]


@pytest.mark.parametrize(
    ("annual_cents", "children", "aeeh", "amount"),
    [(3_840_000, 2, 0, "1.65"), (0, 3, 0, "0.34"), (14_400_000, 4, 0, "2.64"), (14_400_000, 3, 1, "2.64")],
)
def test_scale_of_the_state(town: Town, annual_cents: int, children: int, aeeh: int, amount: str) -> None:
    town.serve("daycare", rounding_minutes=60, slot_start_minute=600, slot_end_minute=660)
    town.rules({"form": "psu", "basis": "collective", "above_ceiling": False, "unit": "hour"})
    town.child("lea", date(2024, 1, 1))
    town.income(annual_cents, children, aeeh)
    assert amounts(town.lines()) == {"lea": amount}
    assert [line.price_basis for line in town.lines().values()] == ["collective"]


@pytest.mark.parametrize(
    ("children", "aeeh", "basis", "rate"),
    [(1, 0, "collective", "0.0619"), (2, 1, "collective", "0.0413"), (2, 0, "family", "0.0413")],
)
def test_rate_of_the_year_is_that_of_the_bill_with_its_four_decimals(
    town: Town, children: int, aeeh: int, basis: str, rate: str
) -> None:
    town.serve("daycare", rounding_minutes=60, slot_start_minute=600, slot_end_minute=660)
    town.rules({"form": "psu", "basis": basis, "above_ceiling": False, "unit": "hour"})
    town.child("lea", date(2024, 1, 1))
    town.income(3_840_000, children, aeeh)
    town.world.about(AS_OF, MONDAY, MONDAY)
    with town.warehouse.filled(town.world.rows) as connection:
        found = connection.execute(
            "select child_ref, year, effort_rate from marelle.marts.fct_effort_rates"
        ).fetchall()
    assert found == [("lea", 2026, Decimal(rate))]


def test_income_that_nobody_gave_stops_the_search(town: Town) -> None:
    town.serve()
    town.rules({"form": "rate", "rate_e6": 100, "basis": "income"}, {"amount_e4": 10_000})
    town.child("lea", date(2018, 1, 1))
    assert amounts(town.lines()) == {"lea": "income_missing"}


def test_siblings_are_ranked_from_the_eldest(town: Town) -> None:
    town.serve(rank_basis="household")
    town.rules({"amount_e4": 33_000, "rank_from": 3}, {"amount_e4": 40_000})
    town.child("a", date(2018, 1, 1))
    town.child("b", date(2012, 1, 1), is_enrolled=False)
    town.child("c", date(2019, 1, 1))
    assert amounts(town.lines()) == {"a": "4.00", "c": "3.30"}


def test_among_the_enrolled_a_child_elsewhere_takes_no_rank(town: Town) -> None:
    town.serve(rank_basis="enrolled")
    town.rules({"amount_e4": 33_000, "rank_from": 2}, {"amount_e4": 40_000})
    town.child("a", date(2018, 1, 1))
    town.child("b", date(2012, 1, 1), is_enrolled=False)
    town.child("c", date(2019, 1, 1))
    assert amounts(town.lines()) == {"a": "4.00", "c": "3.30"}


def test_birth_date_that_a_rank_needs_is_a_fault(town: Town) -> None:
    town.serve(rank_basis="household")
    town.rules({"amount_e4": 33_000, "rank_from": 2}, {"amount_e4": 40_000})
    town.child("a", date(2018, 1, 1))
    town.child("b", None)
    assert amounts(town.lines()) == {"a": "birth_date_missing", "b": "birth_date_missing"}


def test_commune_of_the_payer_decides_and_no_address_is_a_fault(town: Town) -> None:
    town.serve()
    town.rules({"amount_e4": 28_000, "residence": "territoire"}, {"amount_e4": 50_000, "residence": "outside"})
    town.child("lea", date(2018, 1, 1))
    assert amounts(town.lines()) == {"lea": "residence_missing"}
    town.world.add("address", family_id=town.family, commune="Saint-Étienne", valid_from=SINCE)
    assert amounts(town.lines()) == {"lea": "5.00"}
    town.world.add("residence_zone", commune_key="SAINT ETIENNE", zone="territoire", valid_from=SINCE)
    assert amounts(town.lines()) == {"lea": "2.80"}
    town.world.add("address", person_id=town.parent, commune="Lyon", valid_from=date(2026, 11, 1))
    assert amounts(town.lines()) == {"lea": "5.00"}


def test_modifiers_apply_in_order_on_the_unit_then_on_the_line(town: Town) -> None:
    town.serve()
    town.rules(
        {"amount_e4": 30_000},
        {"form": "percent", "rate_e6": -200_000},  # 2,40
        {"form": "add", "amount_e4": 5_000},  # 2,90
        {"form": "percent", "rate_e6": 500_000, "applies_to": "line"},  # 4,35
        {"form": "maximum", "amount_e4": 40_000, "applies_to": "line"},
    )
    town.child("lea", date(2018, 1, 1))
    line = town.lines()["lea"]
    assert (line.amount, line.unit_price) == (Decimal("4.00"), Decimal("2.9"))
    assert [(step.ordinal, step.before, step.after) for step in line.price_steps] == [
        (2, Decimal(3), Decimal("2.4")),
        (3, Decimal("2.4"), Decimal("2.9")),
        (4, Decimal("2.9"), Decimal("4.35")),
        (5, Decimal("4.35"), Decimal(4)),
    ]


def test_a_ninth_modifier_is_a_fault(town: Town) -> None:
    town.serve()
    town.rules({"amount_e4": 30_000}, *[{"form": "add", "amount_e4": 100}] * 9)
    town.child("lea", date(2018, 1, 1))
    assert amounts(town.lines()) == {"lea": "too_many_modifiers"}


@pytest.mark.parametrize(("step", "amount"), [(None, "12.24"), (100, "12.25"), (1_000, "12.00"), (5_000, "12.50")])
def test_unit_price_is_rounded_to_the_step_of_the_version(town: Town, step: int | None, amount: str) -> None:
    town.serve("evening_care", step=step, rounding_minutes=15, slot_start_minute=960, slot_end_minute=1035)
    town.rules({"amount_e4": 24_480, "unit": "unit_begun"})  # five quarters of an hour at 2,448
    town.child("lea", date(2018, 1, 1))
    assert amounts(town.lines()) == {"lea": amount}


def test_hours_are_exact_from_their_minutes(town: Town) -> None:
    town.serve("evening_care", rounding_minutes=5, slot_start_minute=960, slot_end_minute=1010)
    town.rules({"amount_e4": 10_100, "unit": "hour"})  # 50 min at 1,01 = 0,841666…
    town.child("lea", date(2018, 1, 1))
    line = town.lines()["lea"]
    assert (str(line.amount), str(line.units)) == ("0.84", "0.8333")


def test_late_booking_and_its_lead_and_origin_are_conditions(town: Town) -> None:
    town.serve(slot_start_minute=720, slot_end_minute=800)
    town.rules(
        {"amount_e4": 30_000},
        {"form": "add", "amount_e4": 10_000, "is_booked_late": True},
        {"form": "add", "amount_e4": 100, "lead_to_minutes": 1_440},
        {"form": "add", "amount_e4": 200, "origin": "pattern"},
    )
    a, b = town.child("a", date(2018, 1, 1)), town.child("b", date(2019, 1, 1))
    town.child("c", date(2020, 1, 1))
    booked = {"service_id": town.service, "structure_id": town.structure, "day": MONDAY, "action": "book"}
    sunday = MONDAY - timedelta(days=1)
    town.world.add("booking", person_id=a, **booked, received_on=sunday, received_minute=721, is_late=True)
    town.world.add("booking", person_id=b, **booked, received_on=sunday, received_minute=720)
    assert amounts(town.lines()) == {"a": "4.01", "b": "3.00", "c": "3.02"}


def test_level_of_the_class_and_age_are_conditions(town: Town) -> None:
    town.serve()
    town.rules(
        {"amount_e4": 25_000, "level": "PS"}, {"amount_e4": 28_000, "age_to_months": 120}, {"amount_e4": 31_000}
    )
    a, b = town.child("a", date(2022, 1, 1)), town.child("b", date(2016, 11, 24))
    c = town.child("c", date(2016, 11, 23))
    for number, (child, level) in enumerate(((a, "PS"), (b, "CM2"), (c, "CM2"))):
        name = f"{level} {number}"
        school_class = town.world.add("school_class", structure_id=town.structure, name=name, level=level)
        town.world.add("class_membership", person_id=child, class_id=school_class, valid_from=SINCE)
    assert amounts(town.lines()) == {"a": "2.50", "b": "2.80", "c": "3.10"}


ILLNESS = [MONDAY + timedelta(days=7 * week) for week in range(-1, 2)]


@pytest.mark.parametrize(("days", "expected"), [(None, [0, 0, 0]), (0, [0, 0, 0]), (3, [3, 0, 0]), (8, [3, 3, 0])])
def test_illness_stays_billed_for_the_first_days_of_the_absence(
    town: Town, days: int | None, expected: Sequence[int]
) -> None:
    town.serve()
    town.rules({"amount_e4": 30_000})
    child = town.child("a", date(2018, 1, 1))
    reason = town.world.add("absence_reason", deducts_after_days=days)
    for day in ILLNESS:
        town.world.add(
            "attendance_decision", child_id=child, service_id=town.service, structure_id=town.structure, day=day,
            kind="absent_justified", recorded_at=0, absence_reason_id=reason,
        )  # fmt: skip
    lines = town.lines(ILLNESS[0], ILLNESS[-1])
    assert [lines[f"a {day}"].amount for day in ILLNESS] == [Decimal(each) for each in expected]


@pytest.mark.parametrize(
    ("on", "mode", "tolerance", "units"),
    [
        ("duration", "begun", 0, 19),  # 9 h 27
        ("duration", "nearest", 0, 19),
        ("duration", "elapsed", 0, 18),
        ("ends", "begun", 0, 20),  # 8 h 00 → 18 h 00 (CAF notes T11)
        ("ends", "nearest", 0, 19),
        ("ends", "elapsed", 0, 18),
        ("ends", "begun", 10, 19),  # 8 h 17 → 8 h 00, 17 h 24 → 17 h 30
    ],
)
def test_rounding_of_durations_and_of_ends(town: Town, on: str, mode: str, tolerance: int, units: int) -> None:
    town.serve(
        "daycare", rounding_minutes=30, rounding_on=on, rounding_mode=mode, tolerance_minutes=tolerance,
        slot_start_minute=480, slot_end_minute=1_110,
    )  # fmt: skip
    town.rules({"amount_e4": 10_000, "unit": "unit_begun"})
    child = town.child("a", date(2024, 1, 1))
    for kind, hour, minute in (("arrival", 8, 7), ("departure", 17, 34)):
        at = micros(datetime(2026, 11, 23, hour, minute, tzinfo=ZoneInfo(PARIS)))
        town.world.add(
            "attendance_decision", child_id=child, service_id=town.service, structure_id=town.structure, day=MONDAY,
            kind=kind, occurred_at=at, recorded_at=0,
        )  # fmt: skip
    assert town.lines()["a"].units == units
