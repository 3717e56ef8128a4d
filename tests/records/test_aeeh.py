"""Whether a child opens the AEEH: said from a day on, never edited, the last word of a day standing."""

from datetime import date

import pytest

from domain.errors import NotFound
from records.actors import SETUP
from records.database import Records
from records.operations.aeeh import AeehLine, aeeh_of, record_aeeh
from tests.factories.people import a_family

SPRING, AUTUMN = date(2026, 3, 2), date(2026, 10, 1)


def test_a_right_begins_and_ends_and_both_stay_known(town: Records) -> None:
    child = a_family(town).child
    record_aeeh(town, SETUP, child, SPRING, is_open=True)
    record_aeeh(town, SETUP, child, AUTUMN, is_open=False)
    assert aeeh_of(town, SETUP, child) == [AeehLine(SPRING, True), AeehLine(AUTUMN, False)]


def test_what_was_said_by_mistake_is_said_again_and_comes_last(town: Records) -> None:
    child = a_family(town).child
    record_aeeh(town, SETUP, child, SPRING, is_open=True)
    record_aeeh(town, SETUP, child, SPRING, is_open=False)
    assert [line.is_open for line in aeeh_of(town, SETUP, child)] == [True, False]


def test_an_unknown_child_is_refused_by_name(town: Records) -> None:
    with pytest.raises(NotFound, match="personne-inconnue"):
        record_aeeh(town, SETUP, "personne-inconnue", SPRING, is_open=True)
