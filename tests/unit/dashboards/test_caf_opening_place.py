"""Lines that no child makes, opened: each adds up to its figure, and says what was entered and where."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from dashboards.viewmodels import caf_opening_place as view
from domain.caf_declarations import Figure
from records.operations.accounting import AccountingLineSeen
from records.operations.anonymous_counts import CountSeen
from records.operations.caf_settings import NewCafSetting
from warehouse.reader import OpeningRow

CAPACITY = Figure("eaje_activity", 41, "capacity_hours", Decimal(56), "hours")
DAYS = [
    OpeningRow(date(2026, 8, 31), "eaje", 120, 10),
    OpeningRow(date(2026, 9, 1), "eaje", 120, 10),
    OpeningRow(date(2026, 9, 2), "eaje", 60, 16),
]
SALARIES = AccountingLineSeen(1, "6411", "Salaires", 12_000, "charge", "entered", "eaje", "year")


def test_capacity_opens_to_the_hours_and_places_of_each_month() -> None:
    table = view.days_table(CAPACITY, DAYS)
    assert table.rows == (
        ("Août 2026", 1, Decimal("2.00"), "10", Decimal("20.00")),
        ("Septembre 2026", 2, Decimal("3.00"), "10 à 16", Decimal("36.00")),
    )
    assert table.totals == ("Total", 3, Decimal("5.00"), "10 à 16", Decimal("56.00"))
    assert view.adds_up(CAPACITY, table)


def test_a_day_without_a_convention_leaves_its_month_unknown_and_no_other() -> None:
    table = view.days_table(CAPACITY, [DAYS[0], replace(DAYS[1], places=None), DAYS[2]])
    assert [row[3:] for row in table.rows] == [("10", Decimal("20.00")), ("inconnu", "inconnu")]
    assert table.totals[-1] == "inconnu"


def test_days_of_one_kind_are_those_of_its_line_alone() -> None:
    rows = [OpeningRow(date(2026, 9, 1), kind, 60, 10) for kind in ("periscolaire_morning", "periscolaire_evening")]
    rows.append(OpeningRow(date(2026, 9, 3), "periscolaire_evening", 60, 10))
    evening = Figure("alsh_peri", 33, "days_evening", Decimal(2), "days")
    whole = replace(evening, code="opening_days")
    morning = replace(evening, code="days_morning")
    assert [view.days_table(line, rows).totals for line in (evening, whole, morning)] == [
        ("Total", 2), ("Total", 2), ("Total", 1),
    ]  # fmt: skip


def test_conventions_of_a_year_are_those_that_held_in_it() -> None:
    one = NewCafSetting("creche", date(2023, 1, 1), "Convention 2023-2025", 18)
    known = [
        one,
        replace(one, valid_from=date(2026, 1, 1), decision="Convention 2026-2029", authorised_places=20),
        replace(one, valid_from=date(2026, 9, 1), decision="Avenant", authorised_places=24),
        replace(one, valid_from=date(2027, 1, 1), decision="Avenant 2", authorised_places=26),
    ]
    assert view.conventions_table(known, 2026).rows == (
        ("01/01/2026", "Convention 2026-2029", 20),
        ("01/09/2026", "Avenant", 24),
    )
    assert [row[2] for row in view.conventions_table(known, 2025).rows] == [18]


def test_accounts_of_a_line_are_of_its_nature_group_and_period() -> None:
    taken = replace(SALARIES, id=2, account="70641", nature="produit", amount_cents=500)
    june = replace(SALARIES, id=3, period="jan_jun")
    energy = replace(SALARIES, id=4, account="6061", amount_cents=3_000)
    lines = [SALARIES, taken, june, energy]
    group = Figure("finance", 100, "charge_64", Decimal("120.0000"), "euros")
    whole = replace(group, code="charge_total", value=Decimal("150.0000"))
    assert view.accounts_of(group, lines, "year") == [SALARIES]
    assert view.accounts_of(whole, lines, "year") == [SALARIES, energy]
    assert view.accounts_of(whole, lines, "jan_jun") == [june]
    table = view.accounts_table(view.accounts_of(whole, lines, "year"))
    assert table.totals[-1] == Decimal("150.00")
    assert view.adds_up(whole, table)
    assert not view.adds_up(whole, view.accounts_table([SALARIES]))


def test_counts_add_up_and_what_is_said_anew_is_the_last_of_the_period() -> None:
    def seen(day: date, indicator: str, quantity: int) -> CountSeen:
        return CountSeen(day, indicator, Decimal(quantity), 0, "Claire")

    said = [
        seen(date(2026, month, 2), indicator, quantity)
        for month, quantity in ((3, 2), (5, 3), (9, 7))
        for indicator in ("laep_sessions", "laep_families")
    ]
    sessions = Figure("laep", 100, "laep_sessions", Decimal(5), "count")
    table = view.counts_table(sessions, said, "jan_jun")
    assert (len(table.rows), table.totals) == (2, ("Total", "", "", Decimal(5)))
    table = view.counts_table(replace(sessions, code="laep_families"), said, "jan_jun")
    assert table.totals == ("Le dernier vaut", "", "", Decimal(3))
