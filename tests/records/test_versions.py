"""Dated ranges and versions, pages of lists: what every operation on dated data leans on."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from domain.errors import Conflict, InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import Address, AuditEntry, BadgeAssignment, Person, QfFormula, StateValue
from records.operations.lookup import add
from records.operations.paging import Page, PageAsked, paged
from records.operations.versions import add_version, check_range, close, overlap, refuse_overlaps, version_on
from tests.factories.people import a_family
from tests.factories.rows import a_row
from tests.factories.town import START, TODAY

DAYS = st.integers(0, 40).map(lambda days: START + timedelta(days=days))
RANGES = st.tuples(DAYS, st.none() | st.integers(1, 20)).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + timedelta(days=pair[1]))
)
KEY = {"parameter_id": "caf.alsh.age_split"}


def days_of(one: tuple[date, date | None]) -> set[date]:
    """Return the days of a range, the slow way."""
    end = one[1] or START + timedelta(days=100)
    return {one[0] + timedelta(days=number) for number in range((end - one[0]).days)}


@given(RANGES, RANGES)
def test_ranges_overlap_exactly_when_they_share_a_day(
    one: tuple[date, date | None], other: tuple[date, date | None]
) -> None:
    assert overlap(one, other) == bool(days_of(one) & days_of(other))


@given(st.lists(RANGES, max_size=5))
def test_overlaps_are_refused_wherever_two_ranges_share_a_day(ranges: list[tuple[date, date | None]]) -> None:
    shared = any(days_of(one) & days_of(two) for i, one in enumerate(ranges) for two in ranges[i + 1 :])
    if shared:
        with pytest.raises(InvalidData, match="se chevauchent"):
            refuse_overlaps("L'adresse", ranges)
    else:
        refuse_overlaps("L'adresse", ranges)


def test_range_that_ends_where_it_begins_is_refused() -> None:
    with pytest.raises(InvalidData, match="doit venir après"):
        check_range(START, START)
    check_range(START, None)


def test_version_of_the_same_day_stands_when_the_table_counts_them(town: Records) -> None:
    with town.write(SETUP, "enter_state_value") as write:
        for value in ("6", "7"):
            add_version(write, StateValue, KEY, {"valid_from": START, "value": value, "source": "CNAF"})
    with town.read() as session:
        found = version_on(session, StateValue, KEY, START)
        assert found is not None
        assert (found.value, found.seq, found.recorded_by) == ("7", 2, "installation")
        assert version_on(session, StateValue, KEY, START - timedelta(days=1)) is None


def test_version_of_the_same_day_is_refused_when_the_table_holds_one_a_day(town: Records) -> None:
    a_family(town)
    with town.read() as session:
        holder_id = session.scalars(select(Person.id)).first()
    values = {"valid_from": START, "holder_id": holder_id}
    with town.write(SETUP, "assign") as write:
        add_version(write, BadgeAssignment, {"badge_uid": "04A1B2C3"}, values)
    with pytest.raises(InvalidData, match="choisissez une autre date"), town.write(SETUP, "assign") as write:
        add_version(write, BadgeAssignment, {"badge_uid": "04A1B2C3"}, values)


def test_version_in_force_is_the_last_that_began(town: Records) -> None:
    for day in (START, TODAY):
        a_row(town, QfFormula, valid_from=day)
    with town.read() as session:
        for day, began in ((START, START), (TODAY - timedelta(days=1), START), (TODAY, TODAY)):
            found = version_on(session, QfFormula, {}, day)
            assert found is not None
            assert found.valid_from == began


def test_closing_a_range_is_audited_and_only_once(town: Records) -> None:
    family = a_family(town)
    with town.write(SETUP, "move") as write:
        row = write.session.scalars(select(Address)).one()
        assert close(write, row, TODAY)
        assert not close(write, row, TODAY)
        with pytest.raises(InvalidData):
            close(write, row, START)
        with pytest.raises(Conflict, match="modifiée par quelqu'un d'autre"):
            close(write, row, TODAY, row_version=1)
    with town.read() as session:
        told = session.scalars(select(AuditEntry.new).where(AuditEntry.entity == "address")).all()
    assert told == ['{"valid_to": "2026-11-24"}']
    assert family.ref == "fournier"


def test_added_row_is_audited_without_its_empty_columns(town: Records) -> None:
    with town.write(SETUP, "add_formula") as write:
        row = QfFormula(
            valid_from=START,
            seq=1,
            decision="D",
            form="tax_parts",
            abatement_e4=0,
            counts_benefits=True,
            step_e2=1,
            recorded_at=write.now,
            recorded_by="D",
        )
        assert add(write, row) == row.id
    with town.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "qf_formula")).one()
    assert entry.old is None
    assert entry.new is not None
    assert json.loads(entry.new).keys() & {"decision", "floor_e2", "ceiling_e2"} == {"decision"}


def page_of_people(records: Records, asked: PageAsked) -> Page[str]:
    """Return a page of refs."""
    with records.read() as session:
        return paged(session, select(Person.ref).order_by(Person.ref), asked, lambda row: str(row.ref))


def test_pages_hold_every_line_once_in_order(town: Records) -> None:
    a_family(town, children=("Léa", "Noé", "Tom"))
    pages = [page_of_people(town, PageAsked(number, 3)) for number in (1, 2, 3)]
    assert [line for page in pages for line in page.lines] == sorted(
        ["fournier-adulte-1", "fournier-lea", "fournier-noe", "fournier-tom"]
    )
    assert {(page.total, page.pages) for page in pages} == {(4, 2)}


@pytest.mark.parametrize("asked", [PageAsked(0), PageAsked(1, 0), PageAsked(1, 501)])
def test_impossible_page_is_refused(town: Records, asked: PageAsked) -> None:
    with pytest.raises(InvalidData, match="Page impossible"):
        page_of_people(town, asked)
