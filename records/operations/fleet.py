"""The terminals of the actor's places: what each last said, what is missing, what was kept apart (S6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.wire.v1 import RecoveryV1
from records.actors import Actor, Right
from records.database import Records
from records.models import Device, DeviceStatus, Structure, Tap
from records.operations.holes import Hole, open_holes
from records.operations.quarantine_desk import QuarantinedThing, quarantined_things
from records.operations.registry import Scope, operation
from records.operations.tap_group import CONTENT_CONFLICT


class DeviceState(StrEnum):
    """Where a terminal stands with the town."""

    NEVER = "never"  # registered, its code not typed yet
    ENROLLED = "enrolled"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class FleetDevice:
    """One terminal. Instants are µs UTC; what it never said is None, never 0.

    `missing` counts the taps known to be missing; `to_settle` the things kept apart, `conflicts` those among them
    that contradict a tap already kept; `after_revocation` the taps received since it was revoked.
    """

    device_ref: str
    label: str
    mode: str
    structure_id: int
    structure_ref: str
    structure_name: str
    timezone: str
    state: DeviceState
    enrolled_at: int | None
    revoked_at: int | None
    last_seen_at: int | None
    software_version: str | None
    clock_offset_ms: int | None
    reported_at: int | None
    pending: int | None
    oldest_pending_at: int | None
    parked: int | None
    misfits: int | None
    room: str | None
    recovery: RecoveryV1 | None
    is_cloned: bool
    is_silent: bool
    missing: int
    to_settle: int
    conflicts: int
    after_revocation: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """The terminals by place and name, and what waits for a person: holes, and things kept apart."""

    devices: tuple[FleetDevice, ...]
    holes: tuple[Hole, ...]
    things: tuple[QuarantinedThing, ...]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def fleet(records: Records, actor: Actor, now: int) -> Fleet:
    """Return the terminals of the places where the actor decides, at `now` (µs UTC); raises NotAllowed."""
    allowed = actor.structures_with(Right.DECIDE_ATTENDANCE)
    holes, things = open_holes(records, actor, now), quarantined_things(records, actor)
    with records.read() as session:
        late = _after_revocation(session)
        rows = session.execute(
            select(Device, Structure, DeviceStatus)
            .join(Structure, Structure.id == Device.structure_id)
            .outerjoin(DeviceStatus, DeviceStatus.device_id == Device.id)
            .order_by(Structure.name, Device.label, Device.ref)
        )
        devices = [
            _device(row, holes, things, late.get(row[0].id, 0))
            for row in rows
            if allowed is None or row[1].id in allowed
        ]
    return Fleet(tuple(devices), tuple(holes), tuple(things))


def _device(row: Any, holes: Sequence[Hole], things: Sequence[QuarantinedThing], late: int) -> FleetDevice:
    device, place, status = row
    mine = [hole for hole in holes if hole.device_ref == device.ref]
    apart = Counter(thing.reason for thing in things if thing.device_ref == device.ref)
    said = status if status is not None else DeviceStatus()
    return FleetDevice(
        device_ref=device.ref,
        label=device.label,
        mode=device.mode,
        structure_id=place.id,
        structure_ref=place.ref,
        structure_name=place.name,
        timezone=place.timezone,
        state=_state(device),
        enrolled_at=device.enrolled_at,
        revoked_at=device.revoked_at,
        last_seen_at=said.last_seen_at,
        software_version=said.software_version or None,
        clock_offset_ms=said.clock_offset_ms,
        reported_at=said.reported_at,
        pending=said.pending,
        oldest_pending_at=said.oldest_pending_at,
        parked=said.parked,
        misfits=said.misfits,
        room=said.room,
        recovery=None if said.recovery is None else RecoveryV1.model_validate_json(said.recovery),
        is_cloned=said.cloned_at is not None,
        is_silent=any(hole.is_silence for hole in mine),
        missing=sum(hole.missing or 0 for hole in mine),
        to_settle=apart.total(),
        conflicts=apart[CONTENT_CONFLICT],
        after_revocation=late,
    )


def _state(device: Device) -> DeviceState:
    if device.revoked_at is not None:
        return DeviceState.REVOKED
    return DeviceState.NEVER if device.enrolled_at is None else DeviceState.ENROLLED


def _after_revocation(session: Session) -> dict[int, int]:
    """Return, by revoked device, how many taps came since: each waits, flagged, for a person (P8)."""
    rows = session.execute(
        select(Device.id, func.count(Tap.id))
        .join(Tap, Tap.device_id == Device.id)
        .where(Device.revoked_at.is_not(None), Tap.received_at >= Device.revoked_at)
        .group_by(Device.id)
    )
    return {device_id: count for device_id, count in rows}
