"""Services, where they are offered, and their dated rules."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import Service, ServiceRule, Structure
from records.models.services import QF_RULES, YEARLY_QF_RULES
from records.operations.attendance import service_days
from records.operations.collectivity import CalendarEdit, edit_calendar_day
from records.operations.services import NewFormula, NewService, add_formula, add_rule, add_service, offer_service
from tests.factories.town import (
    CANTEEN,
    CENTRE,
    EVENING,
    HOLIDAY,
    LEISURE,
    OTHER_SCHOOL,
    SCHOOL,
    START,
    TODAY,
    WEDNESDAY,
    canteen_rule,
)

FORMULA = NewFormula(LEISURE, "soir", "Soir", 1000, 1080, 1, False)


def opened(records: Records, first: date, last: date) -> set[tuple[str, str, date]]:
    """Return what is open as service, structure and day."""
    with records.read() as session:
        services = {row.id: row.ref for row in session.scalars(select(Service))}
        structures = {row.id: row.ref for row in session.scalars(select(Structure))}
        found = service_days(session, first, last)
    return {(services[each.service_id], structures[each.structure_id], each.day) for each in found}


def test_services_of_a_school_tuesday_and_of_a_wednesday(town: Records) -> None:
    assert opened(town, TODAY, WEDNESDAY) == {
        (CANTEEN, SCHOOL, TODAY),
        (CANTEEN, OTHER_SCHOOL, TODAY),
        (EVENING, SCHOOL, TODAY),
        (EVENING, OTHER_SCHOOL, TODAY),
        (LEISURE, CENTRE, WEDNESDAY),
    }


def test_nothing_of_the_school_opens_in_the_holidays(town: Records) -> None:
    assert opened(town, HOLIDAY, HOLIDAY + timedelta(days=1)) == set()


def test_closure_of_one_school_shuts_its_services_alone(town: Records) -> None:
    edit_calendar_day(town, SETUP, CalendarEdit(TODAY, "closure", "Travaux", structure_ref=SCHOOL))
    assert {structure for _, structure, _ in opened(town, TODAY, TODAY)} == {OTHER_SCHOOL}


def test_holidays_of_another_zone_shut_nothing(town: Records) -> None:
    edit_calendar_day(town, SETUP, CalendarEdit(TODAY, "school_holiday", "Vacances", zone="B"))
    assert len(opened(town, TODAY, TODAY)) == 4


def test_rule_of_a_place_and_later_rules_take_over_without_changing_the_first(town: Records) -> None:
    add_rule(town, SETUP, canteen_rule(valid_from=TODAY, weekday_mask=0b1111111))
    add_rule(town, SETUP, canteen_rule(structure_ref=SCHOOL, weekday_mask=0b0000001))
    assert (CANTEEN, OTHER_SCHOOL, WEDNESDAY) in opened(town, WEDNESDAY, WEDNESDAY)
    assert (CANTEEN, SCHOOL, WEDNESDAY) not in opened(town, WEDNESDAY, WEDNESDAY)
    with town.read() as session:
        assert len(session.scalars(select(ServiceRule)).all()) == 5


@pytest.mark.parametrize("structure_ref", [None, SCHOOL])
def test_two_rules_of_one_scope_cannot_begin_the_same_day(town: Records, structure_ref: str | None) -> None:
    rule = canteen_rule(valid_from=TODAY, structure_ref=structure_ref)
    add_rule(town, SETUP, rule)
    with pytest.raises(InvalidData, match="a déjà une règle qui commence le 24/11/2026"):
        add_rule(town, SETUP, rule)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slot_end_minute": 690}, "Horaires impossibles"),
        ({"slot_end_minute": 1441}, "Horaires impossibles"),
        ({"period": "lune"}, "valeur inconnue « lune »"),
        ({"caf_hour_rule": "x"}, "valeur inconnue"),
        ({"weekday_mask": 0}, "au moins un jour"),
        ({"rounding_minutes": 0}, "au moins une minute"),
        ({"anti_bounce_seconds": -1}, "négatif"),
        ({"rounding_on": "lune"}, "valeur inconnue « lune »"),
        ({"qf_backdating": "lune"}, "valeur inconnue « lune »"),
        ({"qf_rule": "month_start", "qf_known_on": 331}, "retenu pour l'année"),
        ({"qf_rule": "school_year", "qf_known_on": 229}, "un mois et un jour"),
        ({"qf_rule": "january", "qf_known_on": 1301}, "un mois et un jour"),
    ],
)
def test_rule_that_cannot_work_is_refused_in_words(town: Records, changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidData) as refusal:
        add_rule(town, SETUP, canteen_rule(valid_from=TODAY, **changes))
    assert said in refusal.value.message.replace("\u00a0", " ")


@pytest.mark.parametrize("qf_rule", QF_RULES)
def test_every_rule_of_qf_may_be_the_towns(town: Records, qf_rule: str) -> None:
    known_on = 331 if qf_rule in YEARLY_QF_RULES else None
    rule = canteen_rule(valid_from=TODAY, qf_rule=qf_rule, qf_known_on=known_on, qf_backdating="from_record")
    kept = add_rule(town, SETUP, rule)
    with town.read() as session:
        row = session.get_one(ServiceRule, kept)
        assert (row.qf_rule, row.qf_known_on, row.qf_backdating) == (qf_rule, known_on, "from_record")


def test_service_is_offered_once_at_a_place(town: Records) -> None:
    with pytest.raises(InvalidData, match="déjà proposé"):
        offer_service(town, SETUP, CANTEEN, [SCHOOL], TODAY)
    with pytest.raises(NotFound, match="service inconnue"):
        offer_service(town, SETUP, "piscine", [SCHOOL], START)


def test_service_and_formula_of_impossible_kinds_are_refused(town: Records) -> None:
    with pytest.raises(InvalidData, match="Nature de service inconnue"):
        add_service(town, SETUP, NewService("x", "X", "piscine", "none"))
    with pytest.raises(InvalidData, match="demi-journées"):
        add_formula(town, SETUP, replace(FORMULA, half_days=3))
    with pytest.raises(InvalidData, match="Horaires impossibles"):
        add_formula(town, SETUP, replace(FORMULA, end_minute=900))


def test_formula_exists_once_in_a_service(town: Records) -> None:
    add_formula(town, SETUP, FORMULA)
    with pytest.raises(InvalidData, match="existe déjà"):
        add_formula(town, SETUP, FORMULA)
