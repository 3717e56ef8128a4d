"""A hole from the terminal to the line: it waits, then comes back by a late tap or a person, live and published."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from domain.lines import PricedLine
from domain.time import MICROS_PER_MINUTE, instant_at
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations.hole_windows import SILENT_MINUTES
from records.operations.holes import open_holes, settle_hole
from records.operations.tariffs import NewTariffRule, NewTariffVersion, publish_tariff
from tests.factories.databases import empty_home
from tests.factories.ingest import Terminal
from tests.factories.people import FamilyRefs, a_badge, a_family, a_terminal, an_enrolment, kept
from tests.factories.town import EVENING, START, TODAY, ZONE, HandClock, make_town
from tests.harness.models import publish_without_dbt, share_models
from warehouse.family import family_lines
from warehouse.reader import HeldBackRow, open_snapshot

TONIGHT = instant_at(TODAY, 1200, ZONE)
BADGE = "04A1B2C3"


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[tuple[Records, Path, FamilyRefs, Terminal]]:
    """A child in the evening care at 0,90 € the half hour begun; number 2 of the terminal is missing."""
    url = empty_home(tmp_path)
    share_models(tmp_path)
    records = open_records(url, HandClock())
    make_town(records)
    rules = (NewTariffRule("Unité", amount_e4=9_000, unit="unit_begun"),)
    publish_tariff(records, SETUP, NewTariffVersion("soir", EVENING, "Soir", START, "Délibération 2026-42", rules))
    family = a_family(records, qf_e2=74_200)
    an_enrolment(records, family, EVENING)
    a_badge(records, family.child, BADGE)
    terminal = a_terminal(records)
    kept(records, terminal, {1: 995}, badge_uid=BADGE)
    kept(records, terminal, {3: 1040})
    yield records, tmp_path, family, terminal
    records.close()


def live_and_published(records: Records, home: Path, family: FamilyRefs, now: int = TONIGHT) -> PricedLine:
    """Return the only line of the day, once sure that both say the same."""
    (live,) = family_lines(records, home, family.ref, TODAY, TODAY, now=now)
    publish_without_dbt(home, records_url(home), now)
    assert open_snapshot(home).priced_line(live.line_key) == live
    return live


def held_back(home: Path) -> list[HeldBackRow]:
    """Return what the published figures say waits."""
    return open_snapshot(home).held_back(TODAY, TODAY)


def test_line_waits_until_a_person_settles_the_hole(evening: tuple[Records, Path, FamilyRefs, Terminal]) -> None:
    records, home, family, _terminal = evening
    waiting = live_and_published(records, home, family)
    assert (waiting.held_back, waiting.amount) == ("hole", None)
    (row,) = held_back(home)
    assert (row.child_ref, row.reason, row.is_presence_unknown) == (family.child, "hole", False)
    assert "à la coordination" in row.message
    (hole,) = open_holes(records, SETUP, TONIGHT)
    settle_hole(records, SETUP, hole, "declared_closed", "borne détruite")
    settled = live_and_published(records, home, family)
    assert (settled.held_back, settled.amount, settled.is_departure_derived) == (None, Decimal("3.60"), True)
    assert held_back(home) == []


def test_line_comes_back_with_the_late_tap(evening: tuple[Records, Path, FamilyRefs, Terminal]) -> None:
    records, home, family, terminal = evening
    assert live_and_published(records, home, family).held_back == "hole"
    kept(records, terminal, {2: 1030}, badge_uid=BADGE)
    line = live_and_published(records, home, family)
    assert (line.held_back, line.left_minute, line.amount) == (None, 1030, Decimal("1.80"))


def test_tap_that_comes_after_the_settlement_still_counts(
    evening: tuple[Records, Path, FamilyRefs, Terminal],
) -> None:
    records, home, family, terminal = evening
    (hole,) = open_holes(records, SETUP, TONIGHT)
    settle_hole(records, SETUP, hole, "list_typed_in", "liste papier")
    kept(records, terminal, {2: 1030}, badge_uid=BADGE)
    assert live_and_published(records, home, family).amount == Decimal("1.80")


def test_line_waits_for_the_child_of_a_tap_without_a_sure_time(
    evening: tuple[Records, Path, FamilyRefs, Terminal],
) -> None:
    records, home, family, terminal = evening
    kept(records, terminal, {2: 1030}, badge_uid=BADGE, clock_offset_ms=None, clock_offset_age_ms=None)
    waiting = live_and_published(records, home, family)
    assert (waiting.held_back, waiting.amount) == ("undated", None)
    (row,) = held_back(home)
    assert (row.child_ref, row.reason) == (family.child, "undated")
    assert "sans que l'on sache quand" in row.message
    (undated,) = open_holes(records, SETUP, TONIGHT)
    assert undated.is_undated
    settle_hole(records, SETUP, undated, "declared_closed", "liste papier complète")
    settled = live_and_published(records, home, family)
    assert (settled.held_back, settled.amount, settled.is_departure_derived) == (None, Decimal("3.60"), True)


def test_tap_of_another_child_without_a_sure_time_holds_back_nothing(
    evening: tuple[Records, Path, FamilyRefs, Terminal],
) -> None:
    records, home, family, terminal = evening
    kept(records, terminal, {2: 1030}, badge_uid="04FFFF", clock_offset_ms=None, clock_offset_age_ms=None)
    assert live_and_published(records, home, family).held_back is None


def test_line_waits_for_a_terminal_that_fell_silent(evening: tuple[Records, Path, FamilyRefs, Terminal]) -> None:
    records, home, family, terminal = evening
    kept(records, terminal, {2: 1020}, badge_uid="04FFFF")
    last_heard = instant_at(TODAY, 1040, ZONE)
    tomorrow = last_heard + (SILENT_MINUTES + 1) * MICROS_PER_MINUTE
    assert live_and_published(records, home, family, tomorrow).held_back == "silent_terminal"
    (silence,) = open_holes(records, SETUP, tomorrow)
    assert silence.is_silence
