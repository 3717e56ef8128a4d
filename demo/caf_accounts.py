"""The accounts of the demo's places, and the prices of an imaginary CAF: what the euros of a period rest on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from demo.caf_data import AccountData, CafData
from demo.month_ends import closed_months, closing_day
from demo.plan import TownPlan
from demo.scenes import Backstage, Scene
from demo.staff_actors import staff_actor
from domain.time import instant_at
from records.actors import SETUP
from records.database import Records
from records.operations.accounting import NewAccountingLine, add_accounting_line
from records.operations.state_values import NewStateValue, enter_state_value
from warehouse.reader import open_snapshot

ENTERED_AFTER, ENTERED_MINUTE = 2, 14 * 60  # days after the last month of a period is closed
# The periods that accounts are of, by the month they end in.
PERIODS = {6: "jan_jun", 9: "jan_sep", 12: "year"}
_HOURS = {"eaje": "eaje_activity.realised_hours", "periscolaire": "alsh_peri.hours"}


def write_prices(records: Records, plan: TownPlan, data: CafData) -> None:
    """Enter the prices of each year as an administrator would, with the source that says what they are."""
    period = plan.scope.period
    for year in range(period.first_day.year, period.last_day.year + 1):
        for price in data.prices:
            new = NewStateValue(price.parameter, date(year, 1, 1), price.value, data.price_source)
            enter_state_value(records, SETUP, new)


def accounts_scenes(plan: TownPlan, data: CafData) -> Iterator[Scene]:
    """Yield the accounts of each period of a year that the demo sees the end of."""
    for month in closed_months(plan):
        day = closing_day(plan, month) + timedelta(days=ENTERED_AFTER)
        if month.month in PERIODS and day <= plan.scope.period.last_day:
            at = instant_at(day, ENTERED_MINUTE, plan.scope.town.timezone)
            yield Scene(at, partial(_enter, plan, data, month))


def _enter(plan: TownPlan, data: CafData, month: date, stage: Backstage) -> None:
    """Enter what each place spent and received for the hours that the figures say it did."""
    director = staff_actor(plan.scope.town, "super_admin")
    reader, period = open_snapshot(stage.figures), PERIODS[month.month]
    for convention in data.conventions:
        figures = reader.declaration_figures(convention.structure, month.year, period)
        known = [each.value for each in figures if each.key == _HOURS[convention.activity] and each.value]
        charges = sum(known, Decimal(0)) * data.cost_per_hour[convention.activity]
        for account in data.accounts:
            cents = _cents(account, charges)
            if cents and account.activity in (None, convention.activity):
                new = NewAccountingLine(
                    convention.structure,
                    month.year,
                    account.account,
                    account.label,
                    cents,
                    account.activity,
                    period,
                )
                add_accounting_line(stage.records, director, new)


def _cents(account: AccountData, charges: Decimal) -> int:
    """Return the account's share of the charges, in whole euros, as cents."""
    return int((charges * account.percent / 100).to_integral_value(ROUND_HALF_UP)) * 100
