"""What bodies pay, from the operations to the lines: live for one family, published, and as a quote supposes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import InvalidData
from domain.time import instant_at
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations.coverage_terms import CoverageTerms
from records.operations.coverages import (
    NewCoverage,
    Notice,
    apply_coverage,
    ask_coverage,
    notify_coverage,
    record_coverage,
)
from records.operations.paying_bodies import NewBody, add_paying_body
from records.operations.tariffs import NewTariffRule, publish_tariff
from tests.factories.people import FamilyRefs, a_family, an_enrolment
from tests.factories.town import CANTEEN, SCHOOL, START, ZONE, HandClock, canteen_tariff, make_town
from tests.harness.models import publish_without_dbt, share_models
from warehouse.family import Change, FamilyPrices, family_prices
from warehouse.quotes import quote_of_coverage
from warehouse.reader import open_snapshot

pytestmark = pytest.mark.long

FRIDAY = date(2026, 9, 11)  # the eighth school day of the year
NOW = instant_at(FRIDAY, 1260, ZONE)
MEAL = Decimal("18.40")


@dataclass
class Lived:
    """A town, its home, and a child at the canteen four days a week at 18,40 €."""

    records: Records
    home: Path
    family: FamilyRefs

    def covered(self, ref: str, body: str, terms: CoverageTerms, **changes: object) -> None:
        """Record a decision and apply it to the child's enrolment."""
        new = NewCoverage(ref, body, self.family.child, "decision", terms, START, **changes)  # type: ignore[arg-type]
        record_coverage(self.records, SETUP, new, Notice(f"N-{ref}"))
        apply_coverage(self.records, SETUP, SCHOOL, ref, [f"{self.family.child}-{CANTEEN}"])

    def prices(self, first: date = START, last: date = FRIDAY, change: Change | None = None) -> FamilyPrices:
        """Return the family's prices of days, as of the Friday evening."""
        return family_prices(self.records, self.home, self.family.ref, first, last, now=NOW, change=change)


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Lived]:
    """The small town, a family at the canteen, a Département and an MSA."""
    url = records_url(tmp_path)
    migrations.upgrade(url)
    share_models(tmp_path)
    clock = HandClock()
    records = open_records(url, clock)
    make_town(records)
    publish_tariff(records, SETUP, canteen_tariff(rules=(NewTariffRule("Repas", amount_e4=184_000, unit="meal"),)))
    family = a_family(records, qf_e2=40_000)
    an_enrolment(records, family)
    for ref, kind in (("departement", "department"), ("msa", "msa")):
        add_paying_body(records, SETUP, NewBody(ref, ref.upper(), kind, START))
    clock.now = NOW
    yield Lived(records, tmp_path, family)
    records.close()


def paid(prices: FamilyPrices, ref: str) -> list[Decimal]:
    """Return what a coverage pays, line by line in day order."""
    return [each.amount for each in prices.covered if each.coverage_ref == ref]


def test_departement_covers_five_days_up_to_80_euros_and_the_family_pays_12(lived: Lived) -> None:
    lived.covered("pec", "departement", CoverageTerms("cap", "total", amount_cents=8_000))
    week = lived.prices(last=date(2026, 9, 8))
    assert [line.amount for line in week.lines] == [MEAL] * 5
    assert (sum(paid(week, "pec")), paid(week, "pec")[-1]) == (Decimal("80.00"), Decimal("6.40"))
    assert sum(line.amount or 0 for line in week.lines) - sum(paid(week, "pec")) == Decimal("12.00")


def test_what_was_used_before_the_days_asked_counts_in_them(lived: Lived) -> None:
    lived.covered("pec", "departement", CoverageTerms("percent", "day", percent_e4=5_000, units_max=6))
    whole = lived.prices()
    for first in (date(2026, 9, 7), date(2026, 9, 8), FRIDAY):
        later = lived.prices(first)
        assert later.lines == [line for line in whole.lines if line.day >= first]
        assert later.covered == [each for each in whole.covered if each.day >= first]
    assert paid(whole, "pec") == [Decimal("9.20")] * 6
    assert sum(each.units for each in whole.covered) == 6


def test_bodies_pay_in_their_order_of_what_is_left_and_a_yearly_quote_pays_each_month(lived: Lived) -> None:
    lived.covered("mois", "departement", CoverageTerms("flat", "month", amount_cents=3_000))
    lived.covered("repas", "msa", CoverageTerms("flat", "meal", amount_cents=1_000, units_max=3))
    prices = lived.prices()
    assert paid(prices, "mois") == [Decimal("18.40"), Decimal("11.60")]
    assert paid(prices, "repas") == [Decimal("6.80"), Decimal("10.00"), Decimal("10.00")]
    by_line = {line.line_key: line.amount for line in prices.lines}
    for each in prices.covered:
        by_line[each.line_key] = (by_line[each.line_key] or Decimal(0)) - each.amount
    assert min(each for each in by_line.values() if each is not None) == 0


def test_published_lines_are_the_live_ones_and_the_statement_has_one_line_a_decision(lived: Lived) -> None:
    lived.covered("pec", "departement", CoverageTerms("cap", "total", amount_cents=8_000))
    lived.covered("repas", "msa", CoverageTerms("percent", "total", percent_e4=3_333))
    publish_without_dbt(lived.home, records_url(lived.home), NOW)
    reader, live = open_snapshot(lived.home), lived.prices()
    assert reader.covered_lines(START, family_ref=lived.family.ref) == live.covered
    assert reader.priced_lines(START, family_ref=lived.family.ref) == live.lines
    statement = reader.third_party_statement(START)
    assert [(each.body_ref, each.decision_number, each.amount) for each in statement] == [
        ("departement", "N-pec", Decimal("80.00")),
        ("msa", "N-repas", sum(paid(live, "repas"))),
    ]
    first = statement[0]
    assert (first.day_count, first.price, first.child_last_name) == (5, 5 * MEAL, "Fournier")
    assert reader.third_party_statement(START, body_ref="msa") == statement[1:]


def test_quote_supposes_a_coverage_that_was_only_asked_and_writes_nothing(lived: Lived) -> None:
    terms = CoverageTerms("cap", "day", amount_cents=1_000)
    ask_coverage(
        lived.records, SETUP, NewCoverage("pec", "departement", lived.family.child, "decision", terms, START)
    )
    before = lived.records.change_seq()
    assert lived.prices().covered == []
    supposed = lived.prices(change=Change(applied_coverages=("pec",)))
    assert paid(supposed, "pec") == [Decimal("10.00")] * len(supposed.lines)
    quote = quote_of_coverage(lived.records, lived.home, SETUP, "pec", (START, date(2026, 9, 8), ()))
    assert (quote.price, quote.covered) == (5 * MEAL, Decimal("50.00"))
    assert (quote.family_without, quote.family_with) == (Decimal("92.00"), Decimal("42.00"))
    assert [line.family for line in quote.lines] == [Decimal("8.40")] * 5
    assert quote.unpriced == ()
    assert lived.records.change_seq() == before
    notify_coverage(lived.records, SETUP, "pec", Notice("118"))
    with pytest.raises(InvalidData, match="n'a plus de devis"):
        quote_of_coverage(lived.records, lived.home, SETUP, "pec", (START, FRIDAY, ()))
