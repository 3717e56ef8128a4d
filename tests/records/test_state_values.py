"""State values entered by an administrator: newer ones only, with their source, and never silently replaced."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain import parameters
from domain.errors import InvalidData, ParameterMissing
from domain.parameters import DatedValue
from records.actors import SETUP
from records.database import Records
from records.operations import state_values
from records.operations.state_values import NewStateValue, enter_state_value, parameter_on
from tests.factories.town import TODAY

FLOOR = "caf.eaje.monthly_income_floor"
NEXT_YEAR = date(2028, 1, 1)
NEW = NewStateValue(FLOOR, NEXT_YEAR, "820,50", "Circulaire CNAF")


def value_on(town: Records, day: date) -> Decimal:
    with town.read() as session:
        return parameter_on(session, FLOOR, day)


def test_entered_value_holds_from_its_day_and_the_past_stays(town: Records) -> None:
    before = value_on(town, TODAY)
    enter_state_value(town, SETUP, NEW)
    assert value_on(town, NEXT_YEAR) == Decimal("820.50")
    assert value_on(town, TODAY) == before == parameters.value(FLOOR, TODAY)
    last_day = NEXT_YEAR - timedelta(days=1)
    assert value_on(town, last_day) == parameters.value(FLOOR, last_day)


def test_value_to_come_may_be_entered_again_and_the_last_stands(town: Records) -> None:
    enter_state_value(town, SETUP, NEW)
    enter_state_value(town, SETUP, replace(NEW, value="821"))
    assert value_on(town, NEXT_YEAR) == 821


def test_past_value_is_never_changed(town: Records) -> None:
    for day in (date(2026, 1, 1), date(2025, 6, 1)):
        with pytest.raises(InvalidData, match="une valeur passée ne se modifie pas"):
            enter_state_value(town, SETUP, replace(NEW, valid_from=day))
    enter_state_value(town, SETUP, replace(NEW, valid_from=TODAY))
    with pytest.raises(InvalidData, match="une valeur passée ne se modifie pas"):
        enter_state_value(town, SETUP, replace(NEW, valid_from=TODAY, value="830"))


@pytest.mark.parametrize("value", ["", "abc", "-1", "0", "NaN", "1e12", "0,0000001"])
def test_what_is_no_possible_number_is_refused(town: Records, value: str) -> None:
    with pytest.raises(InvalidData, match="n'est pas un"):
        enter_state_value(town, SETUP, replace(NEW, value=value))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("caf.psu.price_shape", "7", r"choisissez 1 \(par paliers\), 2 \(linéaire\)"),
        ("caf.regimes.sncf", "1,5", "est un code"),
        ("caf.psu.financing_rate", "6600", "vérifiez la virgule"),
        ("encadrement.extrascolaire.under_6", "0", "n'est pas une valeur possible ici"),
    ],
)
def test_what_a_calculation_could_not_use_is_refused(town: Records, name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidData, match=said):
        enter_state_value(town, SETUP, replace(NEW, parameter_id=name, value=value))


@pytest.mark.parametrize(
    ("name", "value"),
    [("caf.psu.price_shape", "1"), ("caf.mixite.amount_3", "0"), ("caf.alsh.midday_meal_deduction", "0")],
)
def test_a_code_that_is_known_and_what_is_no_more_paid_are_entered(town: Records, name: str, value: str) -> None:
    enter_state_value(town, SETUP, replace(NEW, parameter_id=name, value=value))
    with town.read() as session:
        assert state_values.parameter_on(session, name, NEW.valid_from) == Decimal(value)


def test_a_past_value_is_told_with_every_digit(town: Records) -> None:
    rate = replace(NEW, parameter_id="caf.eaje.rates.collective_1", value="0,07", valid_from=date(2022, 1, 1))
    with pytest.raises(InvalidData, match=r"vaut déjà 0,0619 depuis"):
        enter_state_value(town, SETUP, rate)


def test_source_and_a_known_parameter_are_asked_for(town: Records) -> None:
    with pytest.raises(InvalidData, match="texte d'où vient"):
        enter_state_value(town, SETUP, replace(NEW, source=" "))
    with pytest.raises(ParameterMissing, match=r"caf\.inconnu"):
        enter_state_value(town, SETUP, replace(NEW, parameter_id="caf.inconnu"))


def test_missing_value_is_an_error_that_names_it(town: Records) -> None:
    with pytest.raises(ParameterMissing, match="01/01/1990"):
        value_on(town, date(1990, 1, 1))


def test_release_that_says_something_else_warns_and_replaces_nothing(
    town: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_state_value(town, SETUP, NEW)
    with town.read() as session:
        assert state_values.differing_values(session) == []
    packaged = parameters.national()
    newer = replace(
        packaged[FLOOR],
        values=(*packaged[FLOOR].values, DatedValue(NEXT_YEAR, Decimal("822.00"), "Circulaire CNAF", "D")),
    )
    for module in (parameters, state_values):
        monkeypatch.setattr(module, "national", lambda: {**packaged, FLOOR: newer})
    with town.read() as session:
        (found,) = state_values.differing_values(session)
    assert (found.value, found.packaged, found.is_entered) == (Decimal("820.50"), Decimal("822.00"), True)
    assert value_on(town, NEXT_YEAR) == Decimal("820.50")


def test_every_value_is_listed_with_where_it_comes_from(town: Records) -> None:
    enter_state_value(town, SETUP, NEW)
    lines = [each for each in state_values.state_values(town, SETUP) if each.parameter_id == FLOOR]
    assert [each.valid_from for each in lines] == sorted(each.valid_from for each in lines)
    assert [each.is_entered for each in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1].source == "Circulaire CNAF"
