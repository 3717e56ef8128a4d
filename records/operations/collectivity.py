"""The collectivity, its places, school years, classes and calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import CalendarDay, Collectivity, SchoolClass, SchoolYear, Structure
from records.models.collectivity import DAY_KINDS, STRUCTURE_KINDS, WHOLE_COUNTRY
from records.operations.lookup import by_ref, change, ids_by_ref, invalid, refuse_known
from records.operations.registry import operation

SCHOOL_ZONES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class CollectivityFacts:
    """Who the collectivity is; `school_zone` is A, B or C, `is_training` marks a training base on every screen."""

    name: str
    timezone: str
    school_zone: str
    contact: str
    is_training: bool = False


@dataclass(frozen=True, slots=True)
class NewStructure:
    """A place that looks after children."""

    ref: str
    name: str
    kind: str
    timezone: str
    commune: str


@dataclass(frozen=True, slots=True)
class NewSchoolYear:
    """A school year, half-open: `ends_on` is the first day after it."""

    ref: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class or group of a structure for one school year."""

    ref: str
    structure_ref: str
    school_year_ref: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class CalendarEdit:
    """A special day to set (`label` given) or to remove (`label` None), in a zone or at one structure.

    `kind` is school_holiday, public_holiday, bridge or closure.
    """

    day: date
    kind: str
    label: str | None
    zone: str | None = None
    structure_ref: str | None = None


@operation(Right.ADMINISTER)
def set_collectivity(records: Records, actor: Actor, facts: CollectivityFacts) -> None:
    """Create or change the one collectivity of these records."""
    check_time_zone(facts.timezone)
    if facts.school_zone not in SCHOOL_ZONES:
        raise invalid(f"Zone scolaire inconnue : « {facts.school_zone} ». Choisissez A, B ou C.")
    with records.write(actor, "set_collectivity") as write:
        known = write.session.get(Collectivity, 1)
        if known is not None:
            change(write, known, asdict(facts))
            return
        write.session.add(Collectivity(id=1, **asdict(facts)))
        write.audit("collectivity", 1, old=None, new=asdict(facts))


@operation(Right.EDIT_REFERENCE)
def add_structures(records: Records, actor: Actor, structures: Sequence[NewStructure]) -> dict[str, int]:
    """Add places; returns their ids by ref."""
    for structure in structures:
        check_time_zone(structure.timezone)
        if structure.kind not in STRUCTURE_KINDS:
            raise invalid(f"Type de structure inconnu : « {structure.kind} ».", kind=structure.kind)
    with records.write(actor, "add_structures") as write:
        refuse_known(write.session, Structure, [structure.ref for structure in structures])
        rows = [Structure(**asdict(structure)) for structure in structures]
        write.session.add_all(rows)
        write.session.flush()
        for structure in structures:
            write.audit("structure", structure.ref, old=None, new=asdict(structure))
        return {row.ref: row.id for row in rows}


@operation(Right.EDIT_REFERENCE)
def add_school_years(records: Records, actor: Actor, years: Sequence[NewSchoolYear]) -> dict[str, int]:
    """Add school years, which may not overlap; returns their ids by ref."""
    with records.write(actor, "add_school_years") as write:
        refuse_known(write.session, SchoolYear, [year.ref for year in years])
        rows = [SchoolYear(**asdict(year)) for year in years]
        everything = [*write.session.scalars(select(SchoolYear)), *rows]
        check_years(everything)
        write.session.add_all(rows)
        write.session.flush()
        for year in years:
            write.audit("school_year", year.ref, old=None, new=asdict(year))
        return {row.ref: row.id for row in rows}


@operation(Right.EDIT_REFERENCE)
def add_classes(records: Records, actor: Actor, classes: Sequence[NewClass]) -> dict[str, int]:
    """Add classes or groups; returns their ids by ref."""
    with records.write(actor, "add_classes") as write:
        session = write.session
        refuse_known(session, SchoolClass, [each.ref for each in classes])
        structures = ids_by_ref(session, Structure, [each.structure_ref for each in classes])
        years = ids_by_ref(session, SchoolYear, [each.school_year_ref for each in classes])
        rows = [
            SchoolClass(
                ref=each.ref,
                structure_id=structures[each.structure_ref],
                school_year_id=years[each.school_year_ref],
                name=each.name,
                level=each.level,
            )
            for each in classes
        ]
        session.add_all(rows)
        session.flush()
        for each in classes:
            write.audit("school_class", each.ref, old=None, new=asdict(each))
        return {row.ref: row.id for row in rows}


@operation(Right.EDIT_REFERENCE)
def import_calendar(records: Records, actor: Actor, zone: str, start: date, end: date) -> int:
    """Add the public holidays, school holidays and bridges of a zone over [start, end); returns how many are new.

    Days that are already there keep what staff wrote. The package knows the decided calendars and computes the
    years beyond them: staff check each new year (CAF notes §8).
    """
    if zone not in SCHOOL_ZONES:
        raise invalid(f"Zone scolaire inconnue : « {zone} ». Choisissez A, B ou C.", zone=zone)
    if start >= end:
        raise invalid("La fin du calendrier doit être après son début.", start=start, end=end)
    days = _national_days(zone, start, end)
    with records.write(actor, "import_calendar") as write:
        known = {
            (row.zone, row.day, row.kind)
            for row in write.session.scalars(select(CalendarDay).where(CalendarDay.zone.is_not(None)))
        }
        new = [row for row in days if (row.zone, row.day, row.kind) not in known]
        write.session.add_all(new)
        write.audit(
            "calendar_day", f"zone {zone}", old=None, new={"from": start, "to": end, "days_added": len(new)}
        )
    return len(new)


@operation(Right.EDIT_REFERENCE)
def edit_calendar_day(records: Records, actor: Actor, edit: CalendarEdit) -> None:
    """Set, rename or remove one special day of a zone or of a structure. Raises InvalidData, NotFound."""
    with records.write(actor, "edit_calendar_day") as write:
        edit_day(write, edit)


def edit_day(write: Write, edit: CalendarEdit) -> None:
    """Set, rename or remove a special day inside an open write. Raises InvalidData, NotFound."""
    if (edit.zone is None) == (edit.structure_ref is None):
        raise invalid("Un jour particulier concerne soit une zone, soit une structure.")
    if edit.kind not in (*DAY_KINDS, "closure") or edit.zone not in (None, WHOLE_COUNTRY, *SCHOOL_ZONES):
        raise invalid(f"Jour particulier inconnu : « {edit.kind} », zone « {edit.zone} ».")
    if edit.label is not None and not edit.label.strip():
        raise invalid("Donnez un libellé à ce jour particulier.", day=edit.day)
    structure_id = by_ref(write.session, Structure, edit.structure_ref).id if edit.structure_ref else None
    known = write.session.scalar(
        select(CalendarDay).where(
            CalendarDay.day == edit.day,
            CalendarDay.kind == edit.kind,
            CalendarDay.zone.is_not_distinct_from(edit.zone),
            CalendarDay.structure_id.is_not_distinct_from(structure_id),
        )
    )
    if known is None and edit.label is None:
        raise invalid("Ce jour n'est pas dans le calendrier : il n'y a rien à retirer.", day=edit.day)
    if known is None:
        write.session.add(
            CalendarDay(zone=edit.zone, structure_id=structure_id, day=edit.day, kind=edit.kind, label=edit.label)
        )
        write.audit("calendar_day", edit.day, old=None, new=asdict(edit))
    elif edit.label is None:
        write.audit("calendar_day", edit.day, old={"label": known.label}, new=asdict(edit))
        write.session.delete(known)
    else:
        change(write, known, {"label": edit.label})


def _national_days(zone: str, start: date, end: date) -> list[CalendarDay]:
    """Return the special days that the `holidays` package knows, with French labels."""
    years = range(start.year, (end - timedelta(days=1)).year + 1)
    public = holidays.country_holidays("FR", years=years, language="fr")
    school = holidays.country_holidays(
        "FR", subdiv=f"Zone {zone}", years=years, categories=("school",), language="fr"
    )
    days = [(WHOLE_COUNTRY, day, "public_holiday", label) for day, label in public.items()]
    days += [
        (zone, day, "bridge" if label.startswith("Pont ") else "school_holiday", label)
        for day, label in school.items()
    ]
    return [
        CalendarDay(zone=where, structure_id=None, day=day, kind=kind, label=label)
        for where, day, kind, label in sorted(days)
        if start <= day < end
    ]


def check_time_zone(timezone: str) -> None:
    """Raise InvalidData for a time zone that nobody knows."""
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise invalid(
            f"Fuseau horaire inconnu : « {timezone} ». Exemple : Europe/Paris.", timezone=timezone
        ) from None


def check_years(years: Sequence[SchoolYear]) -> None:
    """Raise InvalidData for a year that ends before it begins, or for two that overlap."""
    for year in years:
        if year.ends_on <= year.starts_on:
            raise invalid(f"L'année scolaire {year.ref} finit avant de commencer.", ref=year.ref)
    for before, after in pairwise(sorted(years, key=lambda each: each.starts_on)):
        if after.starts_on < before.ends_on:
            raise invalid(f"Les années scolaires {before.ref} et {after.ref} se chevauchent.")
