"""From a badge nobody knows, or a child fetched late, to the line: nothing before a person, the amount after."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from domain.time import instant_at
from records.actors import SETUP
from records.database import Records, open_records
from records.operations.late_pickups import LateAnswer, answer_late_pickups
from records.operations.tariffs import NewTariffRule, NewTariffVersion, publish_tariff
from records.operations.unexpected import Attachment, attach_presence, unexpected_presences
from tests.factories.databases import empty_home
from tests.factories.people import FamilyRefs, a_family, a_tap, a_terminal, new_enrolment
from tests.factories.town import EVENING, SCHOOL, START, TODAY, ZONE, HandClock, make_town
from tests.harness.models import share_models
from warehouse.family import family_lines

TONIGHT = instant_at(TODAY, 1260, ZONE)


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[tuple[Records, Path, FamilyRefs]]:
    """A child not enrolled, with a badge of nobody, from 16:40 to 18:47; 0,90 € the half hour begun until 18:30."""
    url = empty_home(tmp_path)
    share_models(tmp_path)
    clock = HandClock()
    records = open_records(url, clock)
    make_town(records)
    rules = (NewTariffRule("Unité", amount_e4=9_000, unit="unit_begun"),)
    publish_tariff(records, SETUP, NewTariffVersion("soir", EVENING, "Soir", START, "Délibération 2026-42", rules))
    family = a_family(records, qf_e2=74_200)
    terminal = a_terminal(records)
    for minute in (1000, 1127):
        a_tap(records, terminal, minute, badge_uid="04BEEF")
    clock.set(1260)
    yield records, tmp_path, family
    records.close()


def amounts(records: Records, home: Path, family: FamilyRefs) -> list[Decimal | None]:
    return [line.amount for line in family_lines(records, home, family.ref, TODAY, TODAY, now=TONIGHT)]


def test_the_same_taps_are_billed_once_attached_and_lateness_once_accepted(
    evening: tuple[Records, Path, FamilyRefs],
) -> None:
    records, home, family = evening
    assert amounts(records, home, family) == []
    (found,) = unexpected_presences(records, SETUP, SCHOOL, TODAY, TODAY)
    enrolment = new_enrolment(family, EVENING, valid_from=TODAY)
    attach_presence(records, SETUP, Attachment(found.tap_ids, family.child, "badge prêté", None, enrolment))
    assert amounts(records, home, family) == [Decimal("3.60")]  # 110 minutes until the closing
    late = LateAnswer(TODAY, family.child, EVENING, True, "sans prévenir")
    answer_late_pickups(records, SETUP, SCHOOL, [late])
    assert amounts(records, home, family) == [Decimal("4.50")]  # 127 minutes until the departure
