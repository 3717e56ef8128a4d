"""What a CAF controller asks of a place: corrections with their author, taps with their hash, rules in force.

Each tap carries the SHA-256 of the message that its terminal froze at the gesture; it is computed again from what
is kept. The digest of an epoch joins those of all its taps: one added, changed or taken away shows (docs/adr/0007).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import staff_name
from domain.parameters import DatedValue, with_entered
from domain.time import instant_at, local_day
from domain.wire.digest import joined, mark_of, written
from domain.wire.v1 import TapV1
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    AttendanceDecision,
    Collectivity,
    Device,
    DeviceEpoch,
    Person,
    Service,
    ServicePlace,
    ServiceRule,
    Structure,
    Tap,
)
from records.operations.caf_settings import NewCafSetting, caf_settings
from records.operations.lookup import by_ref, chunks, invalid
from records.operations.registry import Scope, operation
from records.operations.state_values import entered_values

INTACT, CUT, IMPORTED, CHANGED = "intact", "cut", "imported", "changed"
MISSING = "missing"
_WIRE = (
    "tap_id", "epoch", "seq", "kind", "badge_uid", "child_ref", "typed_name", "undoes", "service_ref", "class_ref",
    "direction", "agent_ref", "occurred_at", "mono_ms", "boot_id", "clock_offset_ms", "clock_offset_age_ms",
)  # fmt: skip
_DAYS_MAX = 366 * 6  # hours are kept six years for a control
_CAF = "caf."


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person decided of a child's day, and when; instants are µs UTC."""

    child_ref: str
    service_ref: str
    day: date
    kind: str
    occurred_at: int | None
    reason: str
    recorded_at: int
    recorded_by: str
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class TapProof:
    """A tap and whether its message is still the one that its terminal sent: intact, cut, imported or changed.

    `cut`: its badge number or name was purged, the hash alone stands. `imported`: it came without a hash.
    """

    tap_id: str
    device_label: str
    epoch: str
    seq: int
    kind: str
    occurred_at: int
    received_at: int
    payload_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class EpochProof:
    """The taps kept of a device's epoch against its digest; `state` is intact, imported (no digest), changed or
    missing (a number up to the watermark is not there)."""

    device_label: str
    epoch: str
    watermark: int
    kept: int
    digest: str | None
    computed: str
    state: str


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """The rule of a service at the place from a day on, as far as hours rest on it."""

    service_label: str
    valid_from: date
    decision: str
    caf_hour_rule: str
    slot_start_minute: int
    slot_end_minute: int
    rounding_minutes: int
    rounding_on: str
    rounding_mode: str
    tolerance_minutes: int


@dataclass(frozen=True, slots=True)
class ValueSeen:
    """A national value that held in the period, with its source."""

    parameter_id: str
    description: str
    unit: str
    valid_from: date
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class CafEvidence:
    """What the records know of a place over `[first, last]`."""

    structure_ref: str
    structure_label: str
    town: str
    timezone: str
    is_training: bool
    corrections: tuple[Correction, ...]
    taps: tuple[TapProof, ...]
    epochs: tuple[EpochProof, ...]
    rules: tuple[RuleSeen, ...]
    values: tuple[ValueSeen, ...]
    settings: tuple[NewCafSetting, ...]
    services: dict[str, str]
    people: dict[str, str]


@operation(Right.SEE_CAF, Scope.PLACE, also=frozenset({Right.SEE_FAMILIES}))
def caf_evidence(records: Records, actor: Actor, structure_ref: str, first: date, last: date) -> CafEvidence:
    """Return the evidence of a place's days, both included; that it was taken out is audited.

    Raises InvalidData for days in the wrong order or more than six years, NotFound, NotAllowed.
    """
    if not first <= last or (last - first).days > _DAYS_MAX:
        raise invalid("Donnez un premier et un dernier jour dans l'ordre, six ans au plus.")
    settings = tuple(caf_settings(records, actor, structure_ref))
    with records.write(actor, "caf_evidence") as write:
        session = write.session
        structure = by_ref(session, Structure, structure_ref)
        for right in (Right.SEE_CAF, Right.SEE_FAMILIES):
            actor.require(right, structure.id)
        town = session.get_one(Collectivity, 1)
        bounds = tuple(instant_at(day, 0, structure.timezone) for day in (first, last + timedelta(days=1)))
        taps = _taps(session, structure.id, bounds)
        corrections = _corrections(session, structure.id, (first, last))
        services = {ref: label for ref, label in session.execute(select(Service.ref, Service.label))}
        write.audit("structure", structure.ref, old=None, new={"taken_out": f"{first} {last}", "taps": len(taps)})
        return CafEvidence(
            structure.ref,
            structure.name,
            town.name,
            structure.timezone,
            town.is_training,
            corrections,
            taps,
            _epochs(session, structure.id, {tap.epoch for tap in taps}),
            _rules(session, structure.id, last),
            _values(session, first, last),
            tuple(each for each in settings if each.valid_from <= last),
            services,
            _names(session, {each.child_ref for each in corrections}),
        )


def tap_state(tap: Tap) -> str:
    """Return whether the message of a tap is the one that was received, computed again from what is kept."""
    if not tap.payload_hash:
        return IMPORTED
    subjects = (tap.badge_uid, tap.child_ref, tap.typed_name)
    if tap.undoes is None and not any(subjects):
        return CUT
    try:
        told = TapV1.model_validate({name: getattr(tap, name) for name in _WIRE})
    except ValueError:
        return CHANGED
    return INTACT if told.payload_hash() == tap.payload_hash else CHANGED


def _taps(session: Session, structure_id: int, bounds: tuple[int, ...]) -> tuple[TapProof, ...]:
    rows = session.execute(
        select(Tap, Device.label)
        .join(Device, Device.id == Tap.device_id)
        .where(
            Device.structure_id == structure_id,
            Tap.occurred_at_corrected >= bounds[0],
            Tap.occurred_at_corrected < bounds[1],
        )
        .order_by(Tap.occurred_at_corrected, Tap.tap_id)
    )
    return tuple(
        TapProof(
            tap.tap_id,
            label,
            tap.epoch,
            tap.seq,
            tap.kind,
            tap.occurred_at_corrected,
            tap.received_at,
            tap.payload_hash,
            tap_state(tap),
        )
        for tap, label in rows
    )


def _epochs(session: Session, structure_id: int, epochs: Iterable[str]) -> tuple[EpochProof, ...]:
    found = []
    for part in chunks(sorted(epochs)):
        kept: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
        for device_id, epoch, seq, payload_hash in session.execute(
            select(Tap.device_id, Tap.epoch, Tap.seq, Tap.payload_hash).where(Tap.epoch.in_(part))
        ):
            kept[device_id, epoch].append((seq, payload_hash))
        rows = session.execute(
            select(DeviceEpoch, Device.label)
            .join(Device, Device.id == DeviceEpoch.device_id)
            .where(DeviceEpoch.epoch.in_(part), Device.structure_id == structure_id)
            .order_by(Device.label, DeviceEpoch.first_seen_at)
        )
        found += [_epoch_proof(row, label, kept[row.device_id, row.epoch]) for row, label in rows]
    return tuple(found)


def _epoch_proof(row: DeviceEpoch, label: str, taps: Sequence[tuple[int, str]]) -> EpochProof:
    computed = written(joined(mark_of(payload_hash) for _, payload_hash in taps if payload_hash))
    numbers = {seq for seq, _ in taps}
    if row.digest is None:
        state = IMPORTED
    elif row.digest != computed:
        state = CHANGED
    else:
        state = INTACT if numbers >= set(range(1, row.watermark + 1)) else MISSING
    return EpochProof(label, row.epoch, row.watermark, len(taps), row.digest, computed, state)


def _corrections(session: Session, structure_id: int, days: tuple[date, date]) -> tuple[Correction, ...]:
    replaced = set(
        session.scalars(select(AttendanceDecision.replaces_id).where(AttendanceDecision.replaces_id.is_not(None)))
    )
    rows = session.execute(
        select(AttendanceDecision, Person.ref, Service.ref)
        .join(Person, Person.id == AttendanceDecision.child_id)
        .join(Service, Service.id == AttendanceDecision.service_id)
        .where(AttendanceDecision.structure_id == structure_id, AttendanceDecision.day.between(*days))
        .order_by(AttendanceDecision.day, AttendanceDecision.recorded_at, AttendanceDecision.id)
    )
    return tuple(
        Correction(
            child_ref,
            service_ref,
            row.day,
            row.kind,
            row.occurred_at,
            row.reason,
            row.recorded_at,
            row.recorded_by,
            row.id in replaced,
        )
        for row, child_ref, service_ref in rows
    )


def _rules(session: Session, structure_id: int, last: date) -> tuple[RuleSeen, ...]:
    offered = select(ServicePlace.service_id).where(ServicePlace.structure_id == structure_id)
    rows = session.execute(
        select(ServiceRule, Service.label)
        .join(Service, Service.id == ServiceRule.service_id)
        .where(
            ServiceRule.service_id.in_(offered),
            ServiceRule.structure_id.is_(None) | (ServiceRule.structure_id == structure_id),
            ServiceRule.valid_from <= last,
        )
        .order_by(Service.label, ServiceRule.valid_from, ServiceRule.id)
    )
    names = [name for name in RuleSeen.__dataclass_fields__ if name != "service_label"]
    return tuple(RuleSeen(label, *(getattr(row, name) for name in names)) for row, label in rows)


def _values(session: Session, first: date, last: date) -> tuple[ValueSeen, ...]:
    found = []
    for parameter in with_entered(entered_values(session)).values():
        if not parameter.id.startswith(_CAF):
            continue
        begun = [dated for dated in parameter.values if dated.valid_from <= last]
        held = [dated for place, dated in enumerate(begun) if _still(begun, place) >= first]
        found += [
            ValueSeen(
                parameter.id,
                parameter.description,
                parameter.unit,
                dated.valid_from,
                format(dated.value, "f"),
                dated.reference,
            )
            for dated in held
        ]
    return tuple(found)


def _still(values: Sequence[DatedValue], place: int) -> date:
    """Return the last day on which a value holds: the eve of the next one, for ever for the last."""
    return values[place + 1].valid_from - timedelta(days=1) if place + 1 < len(values) else date.max


def _names(session: Session, refs: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(sorted(refs)):
        people = select(Person.ref, Person.last_name, Person.first_name).where(Person.ref.in_(part))
        found.update(
            {ref: staff_name(last_name, first_name) for ref, last_name, first_name in session.execute(people)}
        )
    return found


def taken_on(records: Records, evidence: CafEvidence) -> date:
    """Return the local day it is, which the folder bears."""
    return local_day(records.clock(), evidence.timezone)
