"""Places, school years, classes and the calendar."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import CalendarDay, Collectivity, SchoolYear, Structure
from records.operations.collectivity import (
    CalendarEdit,
    CollectivityFacts,
    NewClass,
    NewSchoolYear,
    NewStructure,
    add_classes,
    add_school_years,
    add_structures,
    edit_calendar_day,
    import_calendar,
    set_collectivity,
)
from records.operations.lookup import change
from tests.factories.town import END, OTHER_SCHOOL, SCHOOL, START, TODAY, ZONE

PLACE = NewStructure("creche", "Halte-garderie", "daycare", ZONE, "Ville")


def calendar(records: Records, first: date, last: date) -> dict[date, set[tuple[str | None, str, str]]]:
    """Return zone, kind and label of each special day."""
    found: dict[date, set[tuple[str | None, str, str]]] = {}
    with records.read() as session:
        for row in session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last))):
            found.setdefault(row.day, set()).add((row.zone, row.kind, row.label))
    return found


def test_there_is_one_collectivity_and_setting_it_again_edits_it(records: Records) -> None:
    facts = CollectivityFacts("Ville", ZONE, "A", "mairie@example.org")
    set_collectivity(records, SETUP, facts)
    set_collectivity(records, SETUP, replace(facts, school_zone="B"))
    with records.read() as session:
        assert [row.school_zone for row in session.scalars(select(Collectivity))] == ["B"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"timezone": "Europe/Pari"}, "Fuseau horaire inconnu"), ({"school_zone": "D"}, "Zone scolaire inconnue")],
)
def test_collectivity_that_cannot_be_is_refused(records: Records, changes: dict[str, str], said: str) -> None:
    facts = CollectivityFacts("Ville", ZONE, "A", "mairie@example.org")
    with pytest.raises(InvalidData, match=said):
        set_collectivity(records, SETUP, replace(facts, **changes))  # type: ignore[arg-type]
    assert records.change_seq() == 0


def test_structures_are_added_together_or_not_at_all(town: Records) -> None:
    assert add_structures(town, SETUP, [PLACE]).keys() == {"creche"}
    with pytest.raises(InvalidData, match=r"déjà utilisée.*creche"):
        add_structures(town, SETUP, [replace(PLACE, ref="autre"), PLACE])
    with town.read() as session:
        assert session.scalar(select(Structure).where(Structure.ref == "autre")) is None


def test_structure_given_twice_or_of_an_unknown_kind_is_refused(town: Records) -> None:
    with pytest.raises(InvalidData, match="donnée deux fois"):
        add_structures(town, SETUP, [PLACE, PLACE])
    with pytest.raises(InvalidData, match="Type de structure inconnu"):
        add_structures(town, SETUP, [replace(PLACE, kind="piscine")])


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "said"),
    [
        (date(2027, 7, 2), date(2028, 7, 1), "se chevauchent"),
        (date(2028, 9, 1), date(2028, 9, 1), "finit avant de commencer"),
    ],
)
def test_school_years_follow_each_other(town: Records, starts_on: date, ends_on: date, said: str) -> None:
    with pytest.raises(InvalidData, match=said):
        add_school_years(town, SETUP, [NewSchoolYear("x", starts_on, ends_on)])


def test_next_school_year_may_begin_the_day_the_last_one_ends(town: Records) -> None:
    add_school_years(town, SETUP, [NewSchoolYear("2027-2028", END, date(2028, 7, 1))])
    with town.read() as session:
        assert len(session.scalars(select(SchoolYear)).all()) == 2


def test_class_of_an_unknown_school_is_refused_by_name(town: Records) -> None:
    with pytest.raises(NotFound, match=r"structure inconnue.*ecole-x"):
        add_classes(town, SETUP, [NewClass("ce1", "ecole-x", "2026-2027", "CE1", "CE1")])


def test_calendar_of_zone_a_has_holidays_bridges_and_public_days_in_french(town: Records) -> None:
    days = calendar(town, START, END)
    assert ("A", "school_holiday", "Vacances de la Toussaint") in days[date(2026, 10, 17)]
    assert not {date(2026, 10, 16), date(2026, 11, 2)} & days.keys()
    assert days[date(2026, 11, 11)] == {("*", "public_holiday", "Armistice")}
    ascension = {("*", "public_holiday", "Ascension"), ("A", "bridge", "Pont de l'Ascension")}
    assert days[date(2027, 5, 6)] == ascension
    assert days[date(2027, 5, 7)] == {("A", "bridge", "Pont de l'Ascension")}
    assert ("A", "school_holiday", "Vacances d'hiver") in days[date(2027, 2, 15)]


def test_importing_again_adds_nothing_and_keeps_what_staff_wrote(town: Records) -> None:
    edit_calendar_day(town, SETUP, CalendarEdit(date(2026, 11, 11), "public_holiday", "11 novembre", zone="*"))
    assert import_calendar(town, SETUP, "A", START, END) == 0
    assert calendar(town, date(2026, 11, 11), date(2026, 11, 11)) == {
        date(2026, 11, 11): {("*", "public_holiday", "11 novembre")}
    }


def test_calendar_stops_before_its_end(records: Records) -> None:
    import_calendar(records, SETUP, "A", date(2026, 11, 1), date(2026, 11, 11))
    assert max(calendar(records, START, END)) == date(2026, 11, 1)


@pytest.mark.parametrize(("zone", "start", "end"), [("D", START, END), ("A", END, START)])
def test_calendar_of_no_zone_or_no_day_is_refused(records: Records, zone: str, start: date, end: date) -> None:
    with pytest.raises(InvalidData):
        import_calendar(records, SETUP, zone, start, end)


def test_closure_is_set_renamed_and_removed(town: Records) -> None:
    edit = CalendarEdit(TODAY, "closure", "Grève", structure_ref=SCHOOL)
    for label in ("Grève", "Travaux"):
        edit_calendar_day(town, SETUP, replace(edit, label=label))
        assert calendar(town, TODAY, TODAY) == {TODAY: {(None, "closure", label)}}
    edit_calendar_day(town, SETUP, replace(edit, structure_ref=OTHER_SCHOOL))
    edit_calendar_day(town, SETUP, replace(edit, label=None))
    assert calendar(town, TODAY, TODAY) == {TODAY: {(None, "closure", "Grève")}}


@pytest.mark.parametrize(
    "edit",
    [
        CalendarEdit(TODAY, "closure", "x"),
        CalendarEdit(TODAY, "closure", "x", "A", SCHOOL),
        CalendarEdit(TODAY, "carnaval", "x", "A"),
        CalendarEdit(TODAY, "closure", "x", "Z"),
        CalendarEdit(TODAY, "closure", None, "A"),
    ],
)
def test_special_day_that_makes_no_sense_is_refused(town: Records, edit: CalendarEdit) -> None:
    with pytest.raises(InvalidData):
        edit_calendar_day(town, SETUP, edit)


def rename(records: Records, name: str, row_version: int | None) -> bool:
    """Rename the school as a page that showed `row_version` would."""
    with records.write(SETUP, "rename") as write:
        row = write.session.scalars(select(Structure).where(Structure.ref == SCHOOL)).one()
        return change(write, row, {"name": name}, row_version=row_version)


def test_edit_of_a_page_opened_before_another_edit_is_a_conflict(town: Records) -> None:
    assert rename(town, "École des Chênes", 1)
    with pytest.raises(Conflict, match="quelqu'un d'autre"):
        rename(town, "École des Ormes", 1)
    assert rename(town, "École des Ormes", 2)


def test_edit_that_changes_nothing_leaves_the_version_alone(town: Records) -> None:
    assert not rename(town, "École des Tilleuls", 1)
    assert rename(town, "École des Ormes", 1)
