"""What changed for everybody of a place since a declaration was frozen: calendar, rules, the State's values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from records.models import (
    AuditEntry,
    CalendarDay,
    CalendarEvent,
    Collectivity,
    Service,
    ServicePlace,
    ServiceRule,
    StateValue,
)
from records.models.collectivity import WHOLE_COUNTRY
from records.operations.caf_noted import NotedSince, Span

_ENDS = ("starts_on", "ends_on")


def calendar_changes(session: Session, span: Span) -> Iterator[NotedSince]:
    """Yield the days of the place's calendar, or of its zone's, that were added, changed or taken off."""
    zones = (WHOLE_COUNTRY, session.get_one(Collectivity, 1).school_zone)
    entries = session.scalars(
        select(AuditEntry).where(
            AuditEntry.entity == CalendarDay.__tablename__, AuditEntry.occurred_at >= span.since
        )
    )
    for entry in entries:
        said = {**_values(entry.old), **_values(entry.new)}
        if "day" not in said:
            row = session.get(CalendarDay, int(entry.entity_id)) if entry.entity_id.isdigit() else None
            if row is None:
                continue
            said = {"structure_id": row.structure_id, "zone": row.zone, "day": str(row.day)}
        day = date.fromisoformat(str(said["day"]))
        if span.first <= day < span.end and _is_of_the_place(said, span, zones):
            yield NotedSince(None, day, day, "calendar_day", None, entry.occurred_at, entry.actor)


def _is_of_the_place(said: Mapping[str, Any], span: Span, zones: Collection[str]) -> bool:
    """Say whether a day is of the place; an edit names it by its ref, an import by its id."""
    if said.get("zone"):
        return said["zone"] in zones
    return said.get("structure_ref") == span.structure.ref or said.get("structure_id") == span.structure.id


def event_changes(session: Session, span: Span) -> Iterator[NotedSince]:
    """Yield the closures, outings and strikes that touch the place, added, moved or taken back since.

    Of one that was moved, the days before and after: what it shut opens again, and what it shuts no more opens.
    """
    entries = session.execute(
        select(AuditEntry, CalendarEvent, Service.ref)
        .join(CalendarEvent, CalendarEvent.ref == AuditEntry.entity_id)
        .outerjoin(Service, Service.id == CalendarEvent.service_id)
        .where(
            AuditEntry.entity == CalendarEvent.__tablename__,
            AuditEntry.occurred_at >= span.since,
            or_(CalendarEvent.structure_id.is_(None), CalendarEvent.structure_id == span.structure.id),
        )
    )
    for entry, event, service_ref in entries:
        before = {name: date.fromisoformat(str(said)) for name, said in _values(entry.old).items() if name in _ENDS}
        first = min(event.starts_on, before.get("starts_on", date.max))
        last = max(event.ends_on, before.get("ends_on", date.min)) - timedelta(days=1)
        if first < span.end and last >= span.first:
            yield NotedSince(
                service_ref, first, last, "calendar_event", event.label, entry.occurred_at, entry.actor
            )


def _values(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def reference_changes(session: Session, span: Span) -> Iterator[NotedSince]:
    """Yield the rules of the place's services, and the State's values, that were added since."""
    offered = select(ServicePlace.service_id).where(ServicePlace.structure_id == span.structure.id)
    rules = session.execute(
        select(ServiceRule, Service.ref)
        .join(Service, Service.id == ServiceRule.service_id)
        .where(
            ServiceRule.service_id.in_(offered),
            or_(ServiceRule.structure_id.is_(None), ServiceRule.structure_id == span.structure.id),
            ServiceRule.valid_from < span.end,
        )
    ).all()
    known = {str(rule.id): (rule, service_ref) for rule, service_ref in rules}
    entries = session.scalars(
        select(AuditEntry).where(
            AuditEntry.entity == ServiceRule.__tablename__,
            AuditEntry.entity_id.in_(sorted(known)),
            AuditEntry.occurred_at >= span.since,
        )
    )
    for entry in entries:
        rule, service_ref = known[entry.entity_id]
        yield NotedSince(
            service_ref, rule.valid_from, None, "service_rule", rule.decision, entry.occurred_at, entry.actor
        )
    values = select(StateValue).where(StateValue.valid_from < span.end, StateValue.recorded_at >= span.since)
    for row in session.scalars(values.where(StateValue.parameter_id.startswith("caf."))):
        yield NotedSince(
            None, row.valid_from, None, "state_value", row.parameter_id, row.recorded_at, row.recorded_by
        )
