"""What one family's lines need of records: its own rows, and the reference data of everybody.

Pricing models read one family plus reference data, nothing else (house rule 1); here is that family.
"""

# ruff: noqa: S608 (conditions hold ids, dates and our own names; texts are bound)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.time import MICROS_PER_MINUTE, instant_at
from records.models import Base, Family, Payer, Person
from records.operations.merged import KeptIds, kept_ids
from warehouse.columns import loaded_tables
from warehouse.raw import KEPT, RawRow

# A day somewhere begins at most this long before or after the same day in UTC.
_ZONE_MICROS_MAX = 15 * 60 * MICROS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class FamilyScope:
    """A family, and the people and payers whose rows make its lines; ids only, so that SQL may hold them.

    Whoever was merged into one of them is among them: facts keep the id they were written under.
    """

    family_id: int
    people: tuple[int, ...]
    payers: tuple[int, ...]
    families: tuple[int, ...]
    first_day: date
    last_day: date
    kept: Mapping[type[Base], KeptIds]

    def kept_rows(self) -> dict[str, list[RawRow]]:
        """Return the raw rows of what was merged into what."""
        return {KEPT[model.__tablename__]: sorted(kept.kept.items()) for model, kept in self.kept.items()}


def family_scope(session: Session, family_ref: str, first_day: date, last_day: date) -> FamilyScope:
    """Return whose rows to read; raises NotFound. People: members of the file, and whoever its payers pay for.

    The reference of a merged file is that of the file kept.
    """
    kept: dict[type[Base], KeptIds] = {
        Family: kept_ids(session, Family),
        Payer: kept_ids(session, Payer),
        Person: kept_ids(session, Person),
    }
    connection = session.connection()
    found = connection.exec_driver_sql(
        f"select id from family where ref = {_placeholder(session)}", (family_ref,)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"Le dossier « {family_ref} » n'existe pas.", family_ref=family_ref)
    family_id = kept[Family].of(int(found))
    people = _ids(
        session,
        f"select person_id from family_member where family_id = {family_id} and role in ('guardian', 'child') "
        "union select enrolment.person_id from enrolment "
        "inner join enrolment_payer on enrolment_payer.enrolment_id = enrolment.id "
        f"inner join payer on payer.id = enrolment_payer.payer_id where payer.family_id = {family_id}",
        kept[Person],
    )
    payers = _ids(
        session,
        f"select id from payer where family_id = {family_id} union "
        "select enrolment_payer.payer_id from enrolment_payer inner join enrolment "
        f"on enrolment.id = enrolment_payer.enrolment_id where enrolment.person_id in ({_list(people)})",
        kept[Payer],
    )
    families = _ids(
        session,
        f"select family_id from payer where id in ({_list(payers)}) union "
        f"select family_id from family_member where person_id in ({_list(people)}) union select {family_id}",
        kept[Family],
    )
    return FamilyScope(family_id, people, payers, families, first_day, last_day, kept)


def family_rows(session: Session, scope: FamilyScope, tables: frozenset[str]) -> dict[str, list[RawRow]]:
    """Return the raw rows of the given tables, restricted to the family where they are a family's."""
    dialect = session.get_bind().dialect.name
    cursor = session.connection().connection.cursor()  # plain tuples, and no statement to compile
    own = _own_rows(scope)
    rows: dict[str, list[RawRow]] = {}
    for name, table in loaded_tables().items():
        if name in tables:
            condition = f" where {own[name]}" if name in own else ""
            cursor.execute(table.select(dialect) + condition)
            rows[name] = list(cursor.fetchall())
    return rows


def _own_rows(scope: FamilyScope) -> dict[str, str]:
    """Return the condition that keeps the family's rows, by table; a table without one is reference data."""
    people, payers, families = _list(scope.people), _list(scope.payers), _list(scope.families)
    enrolments = f"select id from enrolment where person_id in ({people})"
    between = f"day between '{scope.first_day}' and '{scope.last_day}'"
    decided = f"from attendance_decision where child_id in ({people}) and {between}"
    attached = f"select tap_id {decided} and kind = 'attach'"
    # A tap attached to a child may have been another's: the badge that was read and later attachments tell.
    assignments = (
        f"select assignment_id from badge_child where child_id in ({people}) union select id from badge_assignment "
        f"where badge_uid in (select badge_uid from tap where tap_id in ({attached}))"
    )
    return {
        # A payer may be a contact: the zone is that of who pays.
        "address": f"person_id in ({people}) or family_id in ({families}) "
        f"or person_id in (select person_id from payer where id in ({payers}))",
        "attendance_decision": f"id in (select id {decided}) or replaces_id in (select id {decided}) "
        "or (child_id, service_id, day) in (select child_id, service_id, day from attendance_decision "
        f"where kind = 'attach' and tap_id in ({attached}))",
        "badge_assignment": f"id in ({assignments})",
        "badge_child": f"assignment_id in ({assignments})",
        "booking": f"person_id in ({people}) and {between}",
        "care_contract": f"enrolment_id in ({enrolments})",
        "class_membership": f"person_id in ({people})",
        "coverage": f"child_id in ({people})",
        "coverage_enrolment": f"enrolment_id in ({enrolments})",
        "custody_calendar": f"child_id in ({people})",
        "custody_exception": f"child_id in ({people})",  # a package shares days beyond those asked for
        "custody_holiday": f"child_id in ({people})",
        "diet": f"person_id in ({people})",
        "enrolment": f"person_id in ({people})",
        "enrolment_pattern": f"enrolment_id in ({enrolments})",
        "enrolment_payer": f"enrolment_id in ({enrolments})",
        "family": f"id in ({families})",
        "family_member": f"person_id in ({people})",
        "income": f"family_id in ({families})",
        "payer": f"id in ({payers})",
        "person": f"id in ({people}) or ref in (select child_ref from tap where tap_id in ({attached}))",
        "qf": f"family_id in ({families})",
        "regime": f"family_id in ({families})",
        "tap": _own_taps(scope, people, attached),
        "tap_child": f"child_id in ({people}) or tap_id in ({attached})",
    }


def _own_taps(scope: FamilyScope, people: str, attached: str) -> str:
    """Return the condition of the taps by the family's badges, names and attachments, and of their undos."""
    start = instant_at(scope.first_day, 0, "UTC") - _ZONE_MICROS_MAX
    end = instant_at(scope.last_day + timedelta(days=1), 0, "UTC") + _ZONE_MICROS_MAX
    subjects = (
        "badge_uid in (select badge_uid from badge_assignment where id in "
        f"(select assignment_id from badge_child where child_id in ({people}))) "
        f"or child_ref in (select ref from person where id in ({people})) "
        f"or tap_id in (select tap_id from tap_child where child_id in ({people}))"
    )
    # Every device, so that the index of device and time answers: taps have none of the subject alone.
    between = f"occurred_at_corrected >= {start} and occurred_at_corrected < {end}"
    made = f"device_id in (select id from device) and {between} and ({subjects})"
    return (
        f"id in (with mine as materialized (select id, tap_id from tap where ({made}) or tap_id in ({attached})) "
        "select id from mine union select id from tap where undoes in (select tap_id from mine))"
    )


def _ids(session: Session, query: str, kept: KeptIds) -> tuple[int, ...]:
    """Return the ids that a query gives, as they are kept, with all those merged into them."""
    found = {kept.of(int(row[0])) for row in session.connection().exec_driver_sql(query)}
    return tuple(sorted(kept.with_merged(found)))


def _list(ids: tuple[int, ...]) -> str:
    return ", ".join(map(str, ids)) or "null"


def _placeholder(session: Session) -> str:
    return "%s" if session.get_bind().dialect.name == "postgresql" else "?"
