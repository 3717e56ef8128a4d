"""Contracts of early childhood: what is refused, what an amendment leaves standing, what keeps an enrolment."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, CareContract
from records.operations.care_contracts import NewCareContract, add_care_contract, care_contracts
from records.operations.enrolment_ends import end_enrolment
from records.operations.enrolments import NewPattern
from tests.factories.people import a_family, an_account, an_enrolment, logged_in
from tests.factories.town import CENTRE, EVENING, START

HOURS = tuple(NewPattern(weekday, start_minute=480, end_minute=1020) for weekday in range(5))
JULY = date(2027, 8, 1)
CONTRACT = NewCareContract("creche-lea", START, JULY, minutes_per_week=1_830, weeks=44, months=11)


@pytest.fixture
def enrolled(town: Records) -> Records:
    """A child expected from 8 to 17, five days a week."""
    an_enrolment(town, a_family(town), EVENING, ref="creche-lea", patterns=HOURS)
    return town


def test_contract_is_kept_as_signed_with_who_signed_it(enrolled: Records) -> None:
    add_care_contract(enrolled, SETUP, CONTRACT)
    (line,) = care_contracts(enrolled, SETUP, "creche-lea")
    assert line.contract == CONTRACT
    assert (line.recorded_by, line.is_replaced) == (SETUP.signature, False)
    with enrolled.read() as session:
        assert session.scalar(select(AuditEntry.operation).where(AuditEntry.entity == "care_contract"))


def test_correction_of_the_same_day_stands_and_keeps_the_first(enrolled: Records) -> None:
    add_care_contract(enrolled, SETUP, CONTRACT)
    add_care_contract(enrolled, SETUP, replace(CONTRACT, minutes_per_week=1_800))
    lines = care_contracts(enrolled, SETUP, "creche-lea")
    assert [(line.contract.minutes_per_week, line.is_replaced) for line in lines] == [(1_830, True), (1_800, False)]


def test_amendment_begins_with_a_month(enrolled: Records) -> None:
    add_care_contract(enrolled, SETUP, CONTRACT)
    amendment = replace(CONTRACT, valid_from=date(2027, 3, 15), weeks=20, months=5)
    with pytest.raises(InvalidData, match="premier jour d'un mois"):
        add_care_contract(enrolled, SETUP, amendment)
    add_care_contract(enrolled, SETUP, replace(amendment, valid_from=date(2027, 3, 1)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"months": 12}, "touche 11 mois, et vous demandez 12"),
        ({"unbilled_month": 12}, "touche 10 mois, sans le mois non facturé"),
        ({"valid_to": START}, "après le début"),
        ({"deducted_minutes": 90_000}, "dépassent"),
        ({"deducted_minutes": -1}, "heures par semaine"),
        ({"weeks": 54}, "53 semaines"),
        ({"unbilled_month": 13}, "décembre"),
        ({"free_until": START}, "adaptation"),
        ({"valid_from": START - timedelta(days=31), "months": 12}, "tenir dans l'inscription"),
    ],
)
def test_contract_that_cannot_be_billed_is_refused(
    enrolled: Records, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData) as refused:
        add_care_contract(enrolled, SETUP, replace(CONTRACT, **changes))  # type: ignore[arg-type]
    assert said in str(refused.value).replace("\u00a0", " ").replace("\u202f", " ")
    with enrolled.read() as session:
        assert session.scalars(select(CareContract)).all() == []


def test_contract_without_hours_is_refused(town: Records) -> None:
    an_enrolment(town, a_family(town), EVENING, ref="creche-lea")
    with pytest.raises(InvalidData, match="n'a pas d'heures"):
        add_care_contract(town, SETUP, CONTRACT)


def test_contract_is_signed_only_where_one_works(enrolled: Records) -> None:
    an_account(enrolled, "claire", "coordinator", structure_ref=CENTRE)
    elsewhere = logged_in(enrolled)
    with pytest.raises(NotAllowed):
        add_care_contract(enrolled, elsewhere, CONTRACT)
    with pytest.raises(NotAllowed):
        care_contracts(enrolled, elsewhere, "creche-lea")


def test_enrolment_with_a_contract_is_not_erased(town: Records) -> None:
    january = date(2027, 1, 4)
    an_enrolment(town, a_family(town), EVENING, ref="creche-lea", patterns=HOURS, valid_from=january)
    add_care_contract(town, SETUP, replace(CONTRACT, valid_from=january, weeks=28, months=7))
    with pytest.raises(InvalidData, match="porte un contrat"):
        end_enrolment(town, SETUP, "creche-lea", january)
