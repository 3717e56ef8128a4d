"""What the tables of a family's records refuse by themselves, whichever operation is wrong."""

from typing import Any

import pytest
from sqlalchemy import select, text

from domain.errors import InvalidData
from records import models
from records.actors import SETUP
from records.database import Records
from records.models import Base
from tests.factories.databases import Database
from tests.factories.people import a_family
from tests.factories.rows import DEFAULTS, a_row, make_row
from tests.factories.town import START, TODAY

YESTERDAY = TODAY.replace(day=23)

# What is wrong, and where: one thing each.
REFUSED: list[tuple[str, type[Base], dict[str, Any]]] = [
    ("an address of nobody", models.Address, {"family_id": None, "person_id": None}),
    ("an address of a family and of a person", models.Address, {"family_id": 1, "person_id": 1}),
    ("an address without its commune", models.Address, {"family_id": 1, "commune": None}),
    ("an address that ends before it begins", models.Address, {"person_id": 1, "valid_to": START}),
    ("a placed child without a carer", models.Placement, {}),
    ("holidays shared with oneself", models.CustodyHoliday, {"first_payer_id": 1, "second_payer_id": 1}),
    ("holidays that do not exist", models.CustodyHoliday, {"holiday": "easter"}),
    ("a delegation given by a judge", models.Delegation, {"given_by": "judge"}),
    ("a paper that ends before it begins", models.Document, {"issued_on": TODAY, "expires_on": YESTERDAY}),
    ("a file without a byte", models.StoredFile, {"size_bytes": 0}),
    ("a choice without choices", models.Question, {"answer_type": "choice"}),
    ("choices for a date", models.Question, {"answer_type": "date", "choices": "[]"}),
    ("a health note of another kind", models.HealthNote, {"kind": "handicap"}),
    ("an income below zero", models.Income, {"annual_cents": -1}),
    ("no income that is worth something", models.Income, {"source": "none", "annual_cents": 1}),
    ("more disabled children than children", models.QfCalculation, {"children": 0, "disabled_children": 1}),
    ("a QF divided by no part", models.QfCalculation, {"parts_e2": 0}),
    ("an abatement of more than all", models.QfFormula, {"abatement_e4": 10_001}),
    ("a formula of no known form", models.QfFormula, {"form": "eval"}),
    ("a ceiling under its floor", models.QfFormula, {"floor_e2": 500, "ceiling_e2": 400}),
    ("an income of thirteen months", models.QfCalculation, {"income_months": 13}),
    ("an answer that means nothing known", models.QuotientAnswer, {"outcome": "perhaps"}),
    ("a percentage and an amount", models.Coverage, {"amount_cents": 100}),
    ("a flat coverage without amount", models.Coverage, {"form": "flat", "percent_e4": None}),
    ("more than all", models.Coverage, {"percent_e4": 10_001}),
    ("a notified coverage without its number", models.Coverage, {"state": "notified"}),
    ("an active mandate that nobody signed", models.Mandate, {"state": "active"}),
    ("a debit on the 31st", models.Mandate, {"debit_day": 31}),
    ("a mandate in an unknown state", models.Mandate, {"state": "signed"}),
    ("a place that closes before it opens", models.StructureOpening, {"open_minute": 600, "close_minute": 500}),
    ("an eighth day", models.StructureOpening, {"weekday": 7}),
    ("places at ten past eight", models.StructureCapacity, {"start_minute": 490, "end_minute": 600}),
    ("an age group of nobody", models.StructureCapacity, {"age_to_months": 36}),
    ("places below zero", models.StructureCapacity, {"places": -1}),
    ("an event that ends before it begins", models.CalendarEvent, {"ends_on": TODAY}),
    ("an event of another kind", models.CalendarEvent, {"kind": "party"}),
    ("a deadline without its day", models.BookingRule, {"deadline_weekday": None}),
    ("no deadline at noon", models.BookingRule, {"deadline_rule": "none"}),
    ("a portal that is half open", models.BookingRule, {"portal_mode": "open"}),
    ("a séjour of no day", models.Sejour, {"ends_on": DEFAULTS[models.Sejour]["starts_on"]}),
    ("an offer without an end", models.WaitingEntry, {"state": "offered"}),
    ("a request by pigeon", models.Request, {"channel": "pigeon"}),
    ("a row asked about without its table", models.Request, {"entity_id": 1}),
    ("a refusal without a reason", models.RequestDecision, {"decision": "refuse"}),
    ("a signed enrolment that is not named", models.Signature, {"paper": "enrolment"}),
    ("a signature taken back that was never given", models.Signature, {"is_withdrawn": True}),
    ("a merge of a file with itself", models.Merge, {"kept_id": 2}),
    ("a month reopened without a reason", models.MonthState, {"state": "reopened"}),
    ("a note about belief", models.Note, {"kind": "religion"}),
    ("a retention of less than nothing", models.RetentionRule, {"months": -1}),
    ("a passage half applied from no day", models.Rollover, {"state": "applying"}),
    ("a pupil who leaves for a class", models.RolloverLine, {"to_class_id": 1}),
    ("a pupil who goes on to no class", models.RolloverLine, {"outcome": "next"}),
    ("a stop after midnight", models.TransportStop, {"local_minute": 1_440}),
    ("a telephone of another kind", models.PersonPhone, {"kind": "fax"}),
]

# What may not be there twice.
ONCE: list[tuple[type[Base], dict[str, Any]]] = [
    (models.Address, {"family_id": 1, "valid_from": TODAY}),
    (models.RequestDecision, {}),
    (models.PurgeOrder, {}),
    (models.FamilyReview, {}),
    (models.DocumentRequirement, {}),
    (models.StateValue, {}),
    (models.TotpSecret, {}),
    (models.StoredFile, {}),
    (models.Mandate, {"state": "active", "signed_on": TODAY}),
]


@pytest.fixture
def lived_in(town: Records, town_database: Database) -> Records:
    """The town with a family of two payers and a passage to another school year."""
    town_database.filled_once(town, live)
    return town


def live(town: Records) -> None:
    a_family(town, guardians=2)
    a_row(town, models.Rollover, to_year_id=a_row(town, models.SchoolYear).id)


@pytest.mark.parametrize(("what", "model", "wrong"), REFUSED, ids=[what for what, _, _ in REFUSED])
def test_tables_refuse(lived_in: Records, what: str, model: type[Base], wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match="Rien n'a été enregistré") as refusal:
        a_row(lived_in, model, **{**others(model), **wrong})
    name = next(iter(wrong), "")
    assert model.__tablename__ in str(refusal.value.fields["refusal"]) or name in str(
        refusal.value.fields["refusal"]
    )


def others(model: type[Base]) -> dict[str, Any]:
    """Return what the factory cannot guess and the case does not say."""
    known: dict[type[Base], dict[str, Any]] = {
        models.CustodyHoliday: {"first_payer_id": 1, "second_payer_id": 2},
        models.RolloverLine: {"from_class_id": 1},
        models.Document: {"family_id": 1},
    }
    return known.get(model, {})


@pytest.mark.parametrize(("model", "values"), ONCE, ids=[model.__tablename__ for model, _ in ONCE])
def test_tables_hold_it_once(lived_in: Records, model: type[Base], values: dict[str, Any]) -> None:
    first = a_row(lived_in, model, **values)
    again = {
        column.name: getattr(first, column.name)
        for column in model.__table__.columns
        if column.name not in ("id", "ref", "rum")
    }
    if model is models.Mandate:
        again["rum"] = "RUM-2"
    with pytest.raises(InvalidData), lived_in.write(SETUP, "again") as write:
        make_row(write, model, **again)


def test_second_mandate_may_wait_while_the_first_is_active(lived_in: Records) -> None:
    a_row(lived_in, models.Mandate, state="active", signed_on=TODAY)
    second = a_row(lived_in, models.Mandate, rum="RUM-2", state="awaiting_signature")
    assert second.state == "awaiting_signature"


def test_deputy_holds_a_right_for_a_time_and_a_reason_only(lived_in: Records) -> None:
    account = a_row(lived_in, models.Account, login="claire", display_name="Claire", password_hash="x").id
    own = a_row(lived_in, models.RoleGrant, account_id=account, role="coordinator")
    for missing in ({"valid_to": None}, {"reason": None}):
        lent = {"lent_from_id": own.id, "valid_from": TODAY, "valid_to": TODAY.replace(day=30), "reason": "Congé"}
        with pytest.raises(InvalidData):
            a_row(lived_in, models.RoleGrant, account_id=account, role="coordinator", **{**lent, **missing})


def test_payer_is_a_person_or_a_body(lived_in: Records) -> None:
    body = a_row(lived_in, models.PayingBody).id
    for owner in ({}, {"person_id": 1, "body_id": body}):
        with pytest.raises(InvalidData):
            a_row(lived_in, models.Payer, family_id=1, notice_channel="none", wants_paper=False, **owner)


def test_no_table_asks_for_nationality_nature_of_disability_or_religion() -> None:
    words = ("nationality", "religion", "halal", "casher", "handicap")
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            assert not any(word in column.name for word in words), (table.name, column.name)


def test_town_made_by_operations_has_addresses_telephones_and_bodies(town: Records) -> None:
    family = a_family(town)
    with town.read() as session:
        address = session.scalars(select(models.Address)).one()
        assert (address.commune, address.is_reliable, address.valid_from) == ("Ville d'essai", True, START)
        assert session.execute(text("select count(*) from person_phone")).scalar_one() == 0
    assert family.ref == "fournier"
