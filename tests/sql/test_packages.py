"""Memberships, séjours, contracts and late pick-ups, priced by the published SQL: amounts worked by hand."""

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

SINCE = date(2020, 1, 1)
FIRST, LAST = date(2026, 9, 1), date(2026, 11, 30)
MONDAY = date(2026, 11, 23)
AS_OF = micros(datetime(2026, 12, 31, 12, tzinfo=ZoneInfo(PARIS)))
MEMBER = {"kind": "membership", "form": "flat"}
HOURLY = {"form": "psu", "basis": "collective", "above_ceiling": False, "unit": "hour"}
CONTRACT = tuple({"kind": kind, **HOURLY} for kind in ("contract", "overtime", "deduction"))


@pytest.fixture(scope="module")
def warehouse(compiled: CompiledProject) -> MemoryWarehouse:
    """The models, ready for many small worlds."""
    return MemoryWarehouse(compiled, ["fct_priced_lines", "fct_taps"])


@dataclass
class Town:
    """A child of two parents who pay, and one service; each test says its prices."""

    world: RawWorld
    warehouse: MemoryWarehouse
    structure: int
    service: int
    version: int
    child: int
    payers: tuple[int, int]
    family: int

    def rules(self, *rules: dict[str, Any]) -> None:
        for ordinal, rule in enumerate(rules, 1):
            self.world.add("tariff_rule", version_id=self.version, ordinal=ordinal, label=f"L{ordinal}", **rule)

    def enrol(self, start: date = SINCE, *, shared: bool = False, days: range = range(0), **changes: Any) -> int:
        enrolment = self.world.add(
            "enrolment", person_id=self.child, service_id=self.service, structure_id=self.structure,
            category="enfant", valid_from=start, **changes,
        )  # fmt: skip
        for payer in self.payers if shared else self.payers[:1]:
            rule = "custody" if shared else "all"
            self.world.add("enrolment_payer", enrolment_id=enrolment, payer_id=payer, rule=rule, valid_from=start)
        for weekday in days:
            self.world.add(
                "enrolment_pattern", enrolment_id=enrolment, weekday=weekday, start_minute=480, end_minute=1020,
                valid_from=start,
            )  # fmt: skip
        return enrolment

    def custody(self, pattern: str) -> None:
        self.world.add(
            "custody_calendar", child_id=self.child, valid_from=SINCE, anchor_on=date(2026, 8, 31), pattern=pattern,
            payer_1_id=self.payers[0], payer_2_id=self.payers[1],
        )  # fmt: skip

    def contract(self, enrolment: int, **changes: Any) -> None:
        usual = {
            "valid_from": FIRST, "valid_to": date(2027, 8, 1), "seq": 1, "minutes_per_week": 1_830, "weeks": 44,
            "deducted_minutes": 0, "months": 11,
        }  # fmt: skip
        self.world.add("care_contract", enrolment_id=enrolment, **{**usual, **changes})

    def income(self, annual_cents: int = 3_840_000) -> None:
        self.world.add(
            "income", family_id=self.family, effective_from=SINCE, recorded_at=0, annual_cents=annual_cents,
            children_count=2, aeeh_count=0, source="caf",
        )  # fmt: skip

    def stay(self, arrived: int, left: int, *, is_accepted: bool = False, day: date = MONDAY) -> None:
        zone = ZoneInfo(PARIS)
        for kind, minute in (("arrival", arrived), ("departure", left)):
            at = micros(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone))
            self._decide(day, kind, occurred_at=at)
        if is_accepted:
            self._decide(day, "late_accepted")

    def absent(self, first: date, count: int, deducts_after_days: int | None) -> None:
        reason = self.world.add("absence_reason", deducts_after_days=deducts_after_days)
        for place in range(count):
            self._decide(first + timedelta(place), "absent_justified", absence_reason_id=reason)

    def _decide(self, day: date, kind: str, **values: Any) -> None:
        self.world.add(
            "attendance_decision", child_id=self.child, service_id=self.service, structure_id=self.structure,
            day=day, kind=kind, recorded_at=0, **values,
        )  # fmt: skip

    def lines(self, first: date = FIRST, last: date = LAST) -> list[PricedLine]:
        self.world.about(AS_OF, first, last)
        with self.warehouse.filled(self.world.rows) as connection:
            return priced_lines(connection, "from marelle.marts.fct_priced_lines order by day, kind, line_key", [])

    def amounts(self, first: date = FIRST, last: date = LAST) -> list[tuple[date, str, str, str | None]]:
        return [
            (each.day, each.kind, each.payer_ref, each.fault if each.amount is None else str(each.amount))
            for each in self.lines(first, last)
        ]


@pytest.fixture
def town(warehouse: MemoryWarehouse) -> Town:
    """A crèche open from 7 to 18:30, by the half-hour begun, ends rounded outwards."""
    return make_town(warehouse)


def make_town(warehouse: MemoryWarehouse, package_basis: str | None = None, **rule: Any) -> Town:
    world = RawWorld().town()
    structure, service = world.structure("creche"), world.service("accueil", "daycare")
    world.add("school_year", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 3))
    world.offer(service, structure)
    usual = {
        "slot_start_minute": 420, "slot_end_minute": 1110, "rounding_on": "ends", "bill_basis": "booking",
        "caf_hour_rule": "none",
    }  # fmt: skip
    world.rule(service, **{**usual, **rule})
    tariff = world.add("tariff", service_id=service, label="Tarif")
    version = world.add(
        "tariff_version", tariff_id=tariff, valid_from=SINCE, decision="D", package_basis=package_basis
    )
    family = world.add("family", ref="F1")
    child = world.person("lea", birth_date=date(2024, 1, 1))
    world.add("family_member", family_id=family, person_id=child, role="child", valid_from=SINCE)
    payers = tuple(
        world.add("payer", ref=ref, family_id=family, person_id=world.person(ref.lower())) for ref in ("P1", "P2")
    )
    return Town(world, warehouse, structure, service, version, child, payers, family)  # type: ignore[arg-type]


def test_membership_of_a_year_is_due_once_from_the_first_day_enrolled(town: Town) -> None:
    town.rules({**MEMBER, "unit": "school_year", "amount_e4": 150_000})
    town.enrol(date(2026, 10, 5))
    assert town.amounts() == [(date(2026, 10, 5), "membership", "P1", "15.00")]


def test_membership_of_a_month_is_due_each_month_and_one_of_a_year_besides(town: Town) -> None:
    town.rules(
        {**MEMBER, "unit": "month", "amount_e4": 50_000}, {**MEMBER, "unit": "school_year", "amount_e4": 150_000}
    )
    town.enrol(FIRST, valid_to=date(2026, 11, 1))
    assert sorted(town.amounts()) == [
        (FIRST, "membership", "P1", "5.00"),
        (FIRST, "membership_year", "P1", "15.00"),
        (date(2026, 10, 1), "membership", "P1", "5.00"),
    ]


def test_two_enrolments_of_a_service_owe_one_membership(town: Town) -> None:
    town.rules({**MEMBER, "unit": "school_year", "amount_e4": 150_000})
    town.enrol(FIRST, valid_to=date(2026, 10, 1))
    town.enrol(date(2026, 10, 1))
    assert town.amounts() == [(FIRST, "membership", "P1", "15.00")]


def test_membership_of_those_who_came_waits_for_a_presence(warehouse: MemoryWarehouse) -> None:
    town = make_town(warehouse, package_basis="attended")
    town.rules({**MEMBER, "unit": "month", "amount_e4": 50_000})
    town.enrol(FIRST)
    town.stay(500, 600)
    assert town.amounts() == [(date(2026, 11, 1), "membership", "P1", "5.00")]


def test_custody_shares_a_membership_by_days_and_the_shares_sum_to_it(town: Town) -> None:
    town.rules({**MEMBER, "unit": "month", "amount_e4": 100_000})
    town.enrol(FIRST, shared=True)
    town.custody("11111122222222")  # 6 days of 14
    november = town.amounts(date(2026, 11, 1), LAST)
    # 30 days from the 62nd of the cycle (its 7th day): 7th–14th, 14, then 8: 6 + 6 days to the first payer.
    assert november == [
        (date(2026, 11, 1), "membership", "P1", "4.00"),
        (date(2026, 11, 1), "membership", "P2", "6.00"),
    ]
    assert sum(line.amount or 0 for line in town.lines(date(2026, 10, 1), date(2026, 10, 31))) == Decimal("10.00")


def test_membership_without_a_calendar_for_two_payers_says_so(town: Town) -> None:
    town.rules({**MEMBER, "unit": "month", "amount_e4": 100_000})
    town.enrol(FIRST, shared=True)
    assert town.amounts(date(2026, 11, 1), LAST) == [(date(2026, 11, 1), "membership", "", "custody_missing")]


def test_membership_whose_price_suits_nobody_is_a_gap(town: Town) -> None:
    town.rules({**MEMBER, "unit": "month", "amount_e4": 50_000, "category": "autre"})
    town.enrol(date(2026, 11, 1))
    assert town.amounts() == [(date(2026, 11, 1), "membership", "P1", "tariff_gap")]


@pytest.mark.parametrize(("unit", "amount"), [("sejour", "20.00"), ("day", "100.00"), ("night", "80.00")])
def test_sejour_is_one_line_by_its_own_tariff(town: Town, unit: str, amount: str) -> None:
    own = town.world.add("tariff", service_id=town.service, label="La mer")
    version = town.world.add("tariff_version", tariff_id=own, valid_from=SINCE, decision="D")
    town.rules({"kind": "sejour", "form": "flat", "unit": "sejour", "amount_e4": 999_900})
    town.world.add(
        "tariff_rule", version_id=version, ordinal=1, label="Mer", kind="sejour", unit=unit, amount_e4=200_000
    )
    days = {"starts_on": date(2026, 10, 19), "ends_on": date(2026, 10, 24)}
    sejour = town.world.add("sejour", label="La mer", tariff_id=own, **days)
    town.enrol(days["starts_on"], valid_to=days["ends_on"], sejour_id=sejour)
    town.stay(500, 600, day=date(2026, 10, 20))
    assert town.amounts() == [(days["starts_on"], "sejour", "P1", amount)]


def test_cancelled_sejour_is_owed_by_nobody(town: Town) -> None:
    town.rules({"kind": "sejour", "form": "flat", "unit": "sejour", "amount_e4": 999_900})
    sejour = town.world.add(
        "sejour", label="La mer", starts_on=date(2026, 10, 19), ends_on=date(2026, 10, 24), cancelled_on=FIRST
    )
    town.enrol(date(2026, 10, 19), valid_to=date(2026, 10, 24), sejour_id=sejour)
    assert town.amounts() == []


def test_contract_is_paid_in_equal_months_by_the_scale_of_the_state(town: Town) -> None:
    town.rules(*CONTRACT)
    town.contract(town.enrol(days=range(5)))
    town.income()  # T1: 1,65 € an hour; T8: 122 hours a month
    lines = town.lines()
    assert [(each.day, str(each.amount), each.units) for each in lines] == [
        (date(2026, month, 1), "201.30", Decimal("122.0000")) for month in (9, 10, 11)
    ]


def test_months_that_are_no_whole_minutes_are_rounded_once(town: Town) -> None:
    town.rules({"kind": "contract", "form": "flat", "unit": "hour", "amount_e4": 16_500})
    town.contract(town.enrol(days=range(5)), weeks=40)  # 73 200 minutes over 11 months, at 1,65 €: 183,00
    town.contract(town.enrol(), weeks=41)
    assert {str(line.amount) for line in town.lines(FIRST, FIRST)} == {"183.00", "187.58"}


def test_month_without_a_bill_and_an_amendment(town: Town) -> None:
    town.rules({"kind": "contract", "form": "flat", "unit": "hour", "amount_e4": 10_000})
    enrolment = town.enrol(days=range(5))
    town.contract(enrolment, minutes_per_week=600, weeks=11, months=10, unbilled_month=10)
    town.contract(enrolment, valid_from=date(2026, 11, 1), minutes_per_week=1_200, weeks=9, months=9)
    assert [(line.day.month, str(line.amount)) for line in town.lines()] == [(9, "11.00"), (11, "20.00")]


@pytest.mark.parametrize(
    ("rule", "left", "hours", "amount"),
    [
        ({"rounding_on": "ends", "rounding_minutes": 30}, 1054, "1.0000", "1.65"),
        ({"rounding_on": "duration", "rounding_minutes": 30}, 1054, "1.0000", "1.65"),
        ({"rounding_on": "duration", "rounding_minutes": 1}, 1054, "0.5667", "0.94"),
        ({"rounding_on": "ends", "rounding_minutes": 30, "tolerance_minutes": 10}, 1028, None, None),
        ({"rounding_on": "duration", "rounding_minutes": 30, "tolerance_minutes": 10}, 1028, None, None),
        ({"rounding_on": "ends", "rounding_minutes": 30}, 1015, None, None),
    ],
)
def test_overtime_lies_outside_the_hours_reserved(
    warehouse: MemoryWarehouse, rule: dict[str, Any], left: int, hours: str | None, amount: str | None
) -> None:
    town = make_town(warehouse, **rule)
    town.rules(*CONTRACT)
    town.contract(town.enrol(days=range(5)))
    town.income()
    town.stay(487, left)  # T11: 08:07 to 17:34 on a contract from 8 to 17
    found = [(str(line.units), str(line.amount)) for line in town.lines(MONDAY, MONDAY)]
    assert found == ([] if hours is None else [(hours, amount)])


def test_adaptation_is_counted_and_not_billed(town: Town) -> None:
    town.rules(*CONTRACT)
    town.contract(town.enrol(days=range(5)), free_until=date(2026, 12, 1))
    town.income()
    town.stay(487, 1054)
    assert town.amounts(MONDAY, MONDAY) == []


@pytest.mark.parametrize(
    ("deducts_after_days", "days"), [(None, [23, 24, 25, 26, 27]), (0, [23, 24, 25, 26, 27]), (3, [26, 27])]
)
def test_absence_takes_its_hours_off_from_the_day_of_its_reason(
    town: Town, deducts_after_days: int | None, days: list[int]
) -> None:
    town.rules(*CONTRACT)
    town.contract(town.enrol(days=range(5)))
    town.income()
    town.absent(MONDAY, 5, deducts_after_days)
    found = town.lines(MONDAY, LAST)
    assert [line.day.day for line in found] == days
    assert {(line.kind, str(line.units), str(line.amount)) for line in found} == {
        ("deduction", "-9.0000", "-14.85")
    }


def test_place_shut_by_an_event_takes_its_hours_off(town: Town) -> None:
    town.rules(*CONTRACT)
    town.contract(town.enrol(days=range(5)))
    town.income()
    town.world.add(
        "calendar_event",
        kind="strike",
        starts_on=MONDAY,
        ends_on=MONDAY + timedelta(1),
        structure_id=town.structure,
    )
    assert town.amounts(MONDAY, MONDAY) == [(MONDAY, "deduction", "P1", "-14.85")]


def test_contract_without_hours_and_without_an_income_is_named(town: Town) -> None:
    town.rules(*CONTRACT)
    enrolment = town.enrol()
    town.world.add("enrolment_pattern", enrolment_id=enrolment, weekday=0, valid_from=SINCE)
    town.contract(enrolment)
    town.stay(487, 1054)
    assert [fault for *_, fault in town.amounts(date(2026, 11, 1), MONDAY)] == [
        "income_missing",
        "contract_hours_missing",
    ]


def test_contract_without_a_price_is_a_gap_and_never_free(town: Town) -> None:
    town.rules({"form": "flat", "unit": "hour", "amount_e4": 10_000})
    town.contract(town.enrol(days=range(5)))
    assert town.amounts(FIRST, FIRST) == [(FIRST, "contract", "P1", "tariff_gap")]


@pytest.mark.parametrize(
    ("unit", "amount"), [("occurrence", "5.00"), ("unit_begun", "10.00"), ("minute", "175.00")]
)
def test_accepted_lateness_is_its_own_line(town: Town, unit: str, amount: str) -> None:
    town.rules(
        {"kind": "late_pickup", "form": "flat", "unit": unit, "amount_e4": 50_000},
        {"form": "flat", "unit": "unit_begun", "amount_e4": 10_000},
    )
    town.enrol(days=range(5))
    town.stay(1020, 1145, is_accepted=True)  # 35 minutes after 18:30
    assert town.amounts(MONDAY, MONDAY) == [(MONDAY, "care", "P1", "3.00"), (MONDAY, "late_pickup", "P1", amount)]


def test_lateness_that_nobody_accepted_is_not_billed(town: Town) -> None:
    town.rules(
        {"kind": "late_pickup", "form": "flat", "unit": "occurrence", "amount_e4": 50_000},
        {"form": "flat", "unit": "unit_begun", "amount_e4": 10_000},
    )
    town.enrol(days=range(5))
    town.stay(1020, 1145)
    assert town.amounts(MONDAY, MONDAY) == [(MONDAY, "care", "P1", "3.00")]
