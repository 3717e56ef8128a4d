"""Séjours that staff open, change and cancel."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import Enrolment, WaitingEntry
from records.operations import sejour_offers, services, tariffs
from records.operations.enrolments import enrol
from records.operations.waiting_list import NewWaiting, wait_for_place
from tests.factories.people import FamilyRefs, a_family, new_enrolment
from tests.factories.town import CANTEEN, CENTRE, SCHOOL, START, TODAY, HandClock, canteen_tariff

STARTS, ENDS = date(2027, 7, 5), date(2027, 7, 10)
MER = sejour_offers.NewSejour("mer", "sejours", CENTRE, "3", "La mer", "Île d'Oléron", STARTS, ENDS, 2, 48, 144)


@pytest.fixture
def trips(town: Records) -> Records:
    """The small town with a service of séjours at the centre, and one séjour."""
    services.add_service(town, SETUP, services.NewService("sejours", "Séjours", "sejour", "extrascolaire"))
    services.offer_service(town, SETUP, "sejours", [CENTRE], START)
    sejour_offers.add_sejour(town, SETUP, MER)
    return town


def leaves(records: Records, family: FamilyRefs) -> None:
    """Enrol the family's first child in the séjour."""
    fields = {"structure_ref": CENTRE, "valid_from": STARTS, "valid_to": ENDS, "patterns": (), "sejour_ref": "mer"}
    enrol(records, SETUP, new_enrolment(family, "sejours", **fields))


def test_an_open_sejour_is_listed_with_its_free_places_until_it_ends(trips: Records) -> None:
    leaves(trips, a_family(trips))
    (seen,) = sejour_offers.sejours(trips, SETUP, TODAY)
    assert (seen.kept.what, seen.free, seen.cancelled_on) == (MER, 1, None)
    assert sejour_offers.sejours(trips, SETUP, ENDS) == []


def test_sejour_that_cannot_be_is_refused_in_words(trips: Records) -> None:
    refused = [
        (replace(MER, ref="x", number="4", ends_on=STARTS), "après le début"),
        (replace(MER, ref="x", number="4", places=0), "au moins une place"),
        (replace(MER, ref="x", number="4", age_from_months=144), "tranche d'âge"),
        (replace(MER, ref="x"), "existe déjà"),
        (replace(MER, number="4"), "déjà utilisée"),
        (replace(MER, ref="x", number="4", service_ref=CANTEEN), "n'est pas un service de séjours"),
        (replace(MER, ref="x", number="4", structure_ref=SCHOOL), "n'est pas proposé"),
    ]
    for sejour, said in refused:
        with pytest.raises(InvalidData) as refusal:
            sejour_offers.add_sejour(trips, SETUP, sejour)
        assert said in refusal.value.message.replace("\u00a0", " "), said


def test_tariff_of_a_sejour_is_one_of_its_service(trips: Records) -> None:
    tariffs.publish_tariff(trips, SETUP, canteen_tariff())
    with pytest.raises(InvalidData, match="autre service"):
        sejour_offers.add_sejour(trips, SETUP, replace(MER, ref="x", number="4", tariff_ref="cantine"))


def its_own_price(**changes: object) -> tariffs.NewTariffVersion:
    """The tariff of « La mer », and of no other."""
    rules = (tariffs.NewTariffRule("La mer", kind="sejour", amount_e4=2_450_000, unit="sejour"),)
    fields = {"tariff_ref": "prix-mer", "service_ref": "sejours", "label": "La mer", "rules": rules}
    return canteen_tariff(**{**fields, "sejour_ref": "mer", **changes})


def test_sejour_has_a_tariff_of_its_own_beside_that_of_its_service(trips: Records) -> None:
    tariffs.publish_tariff(trips, SETUP, its_own_price(tariff_ref="usuel", sejour_ref=None))
    tariffs.publish_tariff(trips, SETUP, its_own_price())
    tariffs.publish_tariff(trips, SETUP, its_own_price(valid_from=TODAY))
    sejour_offers.add_sejour(trips, SETUP, replace(MER, ref="lac", number="4", tariff_ref="prix-mer"))
    seen = {each.kept.what.ref: each.kept.what.tariff_ref for each in sejour_offers.sejours(trips, SETUP, TODAY)}
    assert seen == {"mer": "prix-mer", "lac": "prix-mer"}
    tariffs.publish_tariff(trips, SETUP, its_own_price(tariff_ref="usuel", sejour_ref=None, valid_from=TODAY))


def test_tariff_of_a_sejour_that_cannot_be_is_refused_in_words(trips: Records) -> None:
    tariffs.publish_tariff(trips, SETUP, its_own_price(tariff_ref="usuel", sejour_ref=None))
    meal = (*its_own_price().rules, tariffs.NewTariffRule("Repas", amount_e4=1, unit="meal"))
    refused = [
        (its_own_price(tariff_ref="usuel", valid_from=TODAY), "le tarif de Séjours"),
        (its_own_price(service_ref=CANTEEN), "autre service"),
        (its_own_price(rules=meal), "lignes de séjour"),
        (its_own_price(tariff_ref="second", sejour_ref=None), "a déjà un tarif : « usuel »"),
    ]
    for version, said in refused:
        with pytest.raises(InvalidData) as refusal:
            tariffs.publish_tariff(trips, SETUP, version)
        assert said in refusal.value.message.replace("\u00a0", " "), said
    tariffs.publish_tariff(trips, SETUP, its_own_price())
    later = [
        (its_own_price(tariff_ref="autre"), "a déjà un tarif : « prix-mer »"),
        (its_own_price(sejour_ref=None, valid_from=TODAY, rules=meal), "lignes de séjour"),
    ]
    for version, said in later:
        with pytest.raises(InvalidData) as refusal:
            tariffs.publish_tariff(trips, SETUP, version)
        assert said in refusal.value.message.replace("\u00a0", " "), said


def test_sejour_does_not_take_the_tariff_of_its_service_away(trips: Records) -> None:
    tariffs.publish_tariff(trips, SETUP, its_own_price(tariff_ref="usuel", sejour_ref=None))
    with pytest.raises(InvalidData, match="le suit déjà"):
        sejour_offers.add_sejour(trips, SETUP, replace(MER, ref="x", number="4", tariff_ref="usuel"))


def test_places_change_but_never_below_those_taken(trips: Records) -> None:
    for name in ("Fournier", "Petit"):
        leaves(trips, a_family(trips, name))
    assert sejour_offers.edit_sejour(trips, SETUP, "mer", {"places": 3, "label": "L'océan"}, 1)
    with pytest.raises(InvalidData, match="déjà prises"):
        sejour_offers.edit_sejour(trips, SETUP, "mer", {"places": 1}, 2)
    assert [(each.kept.what.places, each.free) for each in sejour_offers.sejours(trips, SETUP, TODAY)] == [(3, 1)]


def test_days_change_only_while_nobody_leaves(trips: Records) -> None:
    assert sejour_offers.edit_sejour(trips, SETUP, "mer", {"starts_on": date(2027, 7, 4)}, 1)
    assert sejour_offers.edit_sejour(trips, SETUP, "mer", {"starts_on": STARTS}, 2)
    leaves(trips, a_family(trips))
    with pytest.raises(InvalidData, match="ne changent plus"):
        sejour_offers.edit_sejour(trips, SETUP, "mer", {"ends_on": date(2027, 7, 11)}, 3)


def test_a_cancelled_sejour_leaves_nobody_enrolled_or_waiting(trips: Records) -> None:
    for name in ("Fournier", "Petit"):
        leaves(trips, a_family(trips, name))
    waiting = a_family(trips, "Blanc")
    wait_for_place(trips, SETUP, NewWaiting("x", waiting.child, "sejours", CENTRE, STARTS, TODAY, sejour_ref="mer"))
    assert sejour_offers.cancel_sejour(trips, SETUP, "mer") == 2
    with trips.read() as session:
        assert session.scalars(select(Enrolment)).all() == []
        assert session.scalars(select(WaitingEntry.state)).all() == ["withdrawn"]
    assert [each.cancelled_on for each in sejour_offers.sejours(trips, SETUP, TODAY)] == [TODAY]
    for again in (
        lambda: sejour_offers.cancel_sejour(trips, SETUP, "mer"),
        lambda: sejour_offers.edit_sejour(trips, SETUP, "mer", {"label": "x"}, 2),
        lambda: leaves(trips, waiting),
    ):
        with pytest.raises(InvalidData, match="est annulé"):
            again()


def test_a_sejour_that_has_begun_is_not_cancelled(trips: Records, clock: HandClock) -> None:
    clock.set(480, STARTS)
    with pytest.raises(InvalidData, match="a commencé"):
        sejour_offers.cancel_sejour(trips, SETUP, "mer")
    with pytest.raises(NotFound, match="séjour inconnue"):
        sejour_offers.cancel_sejour(trips, SETUP, "lune")
