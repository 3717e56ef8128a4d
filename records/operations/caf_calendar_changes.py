"""What changed for everybody of a place since a declaration was frozen: calendar, rules, the State's values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from records.models import AuditEntry, CalendarDay, Collectivity, Service, ServicePlace, ServiceRule, StateValue
from records.models.collectivity import WHOLE_COUNTRY
from records.operations.caf_noted import NotedSince, Span


def calendar_changes(session: Session, span: Span) -> Iterator[NotedSince]:
    """Yield the days of the place's calendar, or of its zone's, that were added, changed or taken off."""
    zones = (None, WHOLE_COUNTRY, session.get_one(Collectivity, 1).school_zone)
    entries = session.scalars(
        select(AuditEntry).where(
            AuditEntry.entity == CalendarDay.__tablename__, AuditEntry.occurred_at >= span.since
        )
    )
    for entry in entries:
        said = {**_values(entry.old), **_values(entry.new)}
        if "day" not in said or not (said.get("structure_id") or said.get("zone")):
            row = session.get(CalendarDay, int(entry.entity_id)) if entry.entity_id.isdigit() else None
            if row is None:
                continue
            said = {"structure_id": row.structure_id, "zone": row.zone, "day": str(row.day), **said}
        day = date.fromisoformat(str(said["day"]))
        is_of_another = said.get("structure_id") not in (None, span.structure.id) or said.get("zone") not in zones
        if span.first <= day < span.end and not is_of_another:
            yield NotedSince(None, day, day, "calendar_day", None, entry.occurred_at, entry.actor)


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
