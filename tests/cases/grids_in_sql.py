"""Is a price list whole, in the SQL's own words? One child of each kind asks for its price, and the rows answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from tests.cases.reading import Case
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.oracles.grids import everybody
from tests.oracles.tariffs import MODIFIERS, Known
from tests.oracles.world import Child, EnrolledPayer, Enrolment, Home, Income, Pattern, Qf, Service, Tap, Town, Zone
from tests.sql.town_rows import pack

SINCE = date(2026, 9, 1)
FIVE_YEARS_AGO = timedelta(days=5 * 365)
_FIRST_ROWS = "select fault, tariff_rule_label from marts.fct_priced_lines"
# Two rows that hold for one child and ask for the same things but for their bands: both claim it, unless the later
# one has no band at all, being the price of all the rest.
_CLAIMED_TWICE = """
select count(*) > 0
from intermediate.int_pricing__candidates as one_place
inner join intermediate.int_pricing__candidates as other_place
    on one_place.line_id = other_place.line_id and one_place.ordinal < other_place.ordinal
inner join staging.stg_records__tariff_rules as one on one_place.tariff_rule_id = one.tariff_rule_id
inner join staging.stg_records__tariff_rules as other on other_place.tariff_rule_id = other.tariff_rule_id
where one_place.applies_to is null and other_place.applies_to is null
    and one.category is not distinct from other.category
    and one.formula_code is not distinct from other.formula_code
    and one.residence is not distinct from other.residence
    and one.school_level is not distinct from other.school_level
    and one.situation is not distinct from other.situation
    and one.children_from is not distinct from other.children_from
    and one.children_to is not distinct from other.children_to
    and not (
        coalesce(other.qf_from, other.qf_to, other.income_from_cents, other.income_to_cents) is null
        and coalesce(one.qf_from, one.qf_to, one.income_from_cents, one.income_to_cents) is not null
    )
"""


def verdict_in_sql(warehouse: MemoryWarehouse, case: Case, categories: Sequence[str]) -> set[str]:
    """Return what is wrong with the price list of a case; nothing when every child has one price."""
    service = case.town.service(case.expected["grille"]["service"])
    prices = service.price_lists[-1]
    formulas = [formula.code for formula in service.formulas]
    rows = [row for row in prices.prices if row.form not in MODIFIERS and row.kind is None]
    towns = [_town(case, service, known) for known in everybody(rows, categories, formulas)]
    with warehouse.filled(pack(towns, case.first, case.first).rows) as connection:
        lines = connection.execute(_FIRST_ROWS).fetchall()
        (is_claimed_twice,) = connection.execute(_CLAIMED_TWICE).fetchall()[0]
    assert len(lines) == len(towns), "each child has one line"
    found = {"double"} if is_claimed_twice else set()
    if any(fault is not None for fault, _ in lines):
        assert {fault for fault, _ in lines} <= {None, "tariff_gap"}
        found.add("trou")
    if len({row for _, row in lines if row is not None}) < len(rows):
        found.add("jamais")
    return found


def _town(case: Case, service: Service, known: Known) -> Town:
    """Return a town whose one child is what the list may ask, and came on the day of the case."""
    day, start = case.first, service.rules[-1].slot[0]
    tap = Tap(datetime.combine(day, time()) + timedelta(minutes=start), "present", service.ref)
    assert known.income is not None
    assert known.qf is not None
    child = Child(
        "enfant",
        born=day - FIVE_YEARS_AGO,
        payers=["mère"],
        qfs=[Qf(known.qf, SINCE)],
        incomes=[Income(known.income.annual, SINCE, known.income.children)],
        homes=[Home(f"Zone {known.residence}", SINCE)],
        levels=[(SINCE, known.level or "?")],
        enrolments=[
            Enrolment(
                service.ref,
                known.category or "?",
                (Pattern(day.weekday(), formula=known.formula),),
                (EnrolledPayer("mère"),),
            )
        ],
        taps=[tap],
    )
    zone = known.residence or "outside"
    zones = [] if zone == "outside" else [Zone(f"Zone {zone}", zone, SINCE)]
    return replace(case.town, child=child, siblings=[], services=[service], zones=zones)
