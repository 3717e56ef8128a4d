"""What the CAF would owe while a year goes on: YAML cases, through the warehouse's own SQL and the slow oracle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from domain.time import instant_at
from tests.cases.caf_totals import REST_MODELS, Totals, add_setting, minutes, sums
from tests.cases.reading_caf import YearCase, year_cases
from tests.cases.reading_prices import number
from tests.cases.test_caf_cases import check
from tests.harness.models import compile_once
from tests.oracles.caf_money import psu, rounded
from tests.sql.raw_world import PARIS, RawWorld

CASES = year_cases("et_si")
PARTS = {"de janvier à septembre": (0, "jan_sep", 9), "année d'avant": (-1, "year", 12)}


@pytest.fixture(scope="module")
def totals() -> Totals:
    return Totals(compile_once())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_if_in_sql(case: YearCase, totals: Totals) -> None:
    today, accounts = date.fromisoformat(case.about["aujourd'hui"]), case.about.get("comptes")
    world = RawWorld().about(instant_at(today, 0, PARIS), date(case.year - 1, 1, 1), today)
    add_setting(world, case)
    if accounts is not None and accounts["charges"] != "aucun":
        back, period, _ = PARTS[accounts["de"]]
        about = {"account": "60", "label": "Charges", "nature": "charge", "structure_id": 1}
        cents = int(number(accounts["charges"]) * 100)
        world.add("accounting_line", year=case.year + back, period=period, amount_cents=cents, **about)
    with totals.given(world, case, _rows(case, today)) as connection:
        for name in (*REST_MODELS, "psu_known", "psu_what_if"):
            totals.fill(f"int_caf__{name}")
        percent, step = int(case.about.get("de moins", "0")), int(case.about.get("arrondi essayé", "0"))
        query = (
            "select last_month, invoicing_rate, price_retained, limited_by, amount, contributions, fault "
            f"from intermediate.int_caf__psu_what_if where caf_year = {case.year} "
            f"and (percent_less, rounding_minutes) = ({percent}, {step})"
        )
        ((month, rate, price, limit, amount, paid, fault),) = connection.execute(query).fetchall()
    check(case, {
        "mois": Decimal(month),
        "taux de facturation": rounded(Fraction(rate), 2),
        "prix retenu": price,
        "limité par": limit,
        "PSU": amount,
        "participations": paid,
        "refusé": fault,
    })  # fmt: skip


def _rows(case: YearCase, today: date) -> dict[str, list[Mapping[str, Any]]]:
    """Return the months of a case as the models sum them up: those that cost, the rest, and the month under way."""
    known = {word: case.amount_of("mois connus", word) or Decimal(0) for word in case.about["mois connus"]}
    billed, accounts = known["heures facturées"], case.about.get("comptes")
    back, _, _ = PARTS[accounts["de"]] if accounts is not None else (-1, "", 0)
    january = date(case.year, 1, 1)
    months = []
    of_costs = Decimal(0)
    if accounts is not None:
        of_costs = number(accounts["heures facturées"])
        months.append((date(case.year + back, 1, 1), sums("eaje", "RG", 60, minutes(of_costs))))
    rest = billed - (of_costs if back == 0 else 0)
    realised = minutes(known["heures réalisées"]) - (60 if back == 0 else 0)
    newest = date(case.year, today.month - 1, 1)
    months.append((newest, sums("eaje", "RG", realised, minutes(rest), known["participations"])))
    # The month that is not over counts for nothing, whatever is already known of it.
    months.append((today.replace(day=1), sums("eaje", "RG", 99_999, 9_999_999, Decimal(9_999))))
    absence = case.amount("heures d'absence facturées")
    cause = {"structure_id": 1, "month": january, "cause": "absent_unjustified", "realised_minutes": 0}
    rounding = {"structure_id": 1, "month": january, "rounding_minutes": 30, "billed_minutes": 0}
    more = case.amount("heures réalisées en plus")
    return {
        "int_calendar__structure_days": [{"structure_id": 1, "day": day} for day in {january, months[0][0]}],
        "int_caf__sums": [{**row, "month": month} for month, row in months],
        "int_caf__psu_causes": [{**cause, "billed_minutes": 60 if absence is None else minutes(absence)}],
        "int_caf__psu_roundings": [{**rounding, "realised_minutes": minutes(more)}] if more is not None else [],
    }


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_if_by_the_oracle(case: YearCase) -> None:
    billed, realised, paid = (
        case.amount_of("mois connus", word) or Decimal(0)
        for word in ("heures facturées", "heures réalisées", "participations")
    )
    charges, of_costs = (case.amount_of("comptes", word) for word in ("charges", "heures facturées"))
    cost = None
    if charges is not None and of_costs is not None:
        cost = rounded(Fraction(charges) * Fraction(billed) / Fraction(of_costs), 2)
    fewer = (case.amount("heures d'absence facturées") or Decimal(0)) * (case.amount("de moins") or 0) / 100
    left = billed - fewer
    now_paid = rounded(Fraction(paid) * Fraction(left) / Fraction(billed), 2)
    owed = psu(
        case.year, left, realised + (case.amount("heures réalisées en plus") or 0), contributions=now_paid,
        charges=cost, general=case.general, scale=case.scale,
    )  # fmt: skip
    today = date.fromisoformat(case.about["aujourd'hui"])
    refused = owed.refused
    if refused == "accounts_missing" and "comptes" not in case.about:
        refused = "cost_unknown"
    check(case, {
        "mois": Decimal(today.month - 1),
        "taux de facturation": None if owed.rate is None else rounded(owed.rate, 2),
        "prix retenu": None if owed.price is None else rounded(owed.price, 6),
        "limité par": owed.limited_by,
        "PSU": owed.amount,
        "participations": now_paid,
        "refusé": refused,
    }, first_word=True)  # fmt: skip


def test_cases_say_euros_and_refusals() -> None:
    assert {case.expected.get("refusé", "aucun").split(" ")[0] for case in CASES} == {
        "aucun", "accounts_missing", "cost_unknown", "parameter_missing",
    }  # fmt: skip
