"""Zones of residence: one a commune from a day on, however its name is written."""

from datetime import date

import pytest

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.operations.residence_zones import NewResidenceZone, add_residence_zones, residence_zones
from tests.factories.town import START

HERE = NewResidenceZone("Saint-Étienne", "territoire", START, "Délibération 2026-44")


def test_zones_are_kept_by_date(town: Records) -> None:
    later = NewResidenceZone("SAINT ETIENNE", "outside", date(2027, 1, 1), "Délibération 2026-90")
    add_residence_zones(town, SETUP, [later, HERE])
    assert residence_zones(town, SETUP) == [HERE, later]


def test_second_zone_from_the_same_day_is_refused_and_nothing_is_kept(town: Records) -> None:
    with pytest.raises(InvalidData, match="a déjà une zone"):
        add_residence_zones(town, SETUP, [HERE, NewResidenceZone("saint etienne", "autre", START, "D")])
    assert residence_zones(town, SETUP) == []
