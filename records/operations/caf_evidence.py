"""What a CAF controller asks of a place: corrections with their author, taps with their proof, rules in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import staff_name
from domain.parameters import DatedValue, with_entered
from domain.time import instant_at, local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    AttendanceDecision,
    Collectivity,
    Device,
    FamilyMember,
    HoleSettlement,
    Person,
    Service,
    ServicePlace,
    ServiceRule,
    Structure,
)
from records.operations.caf_settings import NewCafSetting, caf_settings
from records.operations.lookup import by_ref, chunks, invalid
from records.operations.registry import Scope, operation
from records.operations.state_values import entered_values
from records.operations.tap_proofs import ALTERED_EPOCHS, ALTERED_TAPS, EpochProof, TapProof, proofs

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
class HoleSaid:
    """What a person said of taps that never came: numbers of an epoch, or a silence; instants are µs UTC."""

    device_label: str
    first_missing: int | None
    last_missing: int | None
    from_at: int
    until_at: int
    outcome: str
    reason: str
    recorded_at: int
    recorded_by: str


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
    holes: tuple[HoleSaid, ...]
    taps: tuple[TapProof, ...]
    epochs: tuple[EpochProof, ...]
    rules: tuple[RuleSeen, ...]
    values: tuple[ValueSeen, ...]
    settings: tuple[NewCafSetting, ...]
    services: dict[str, str]
    people: dict[str, str]
    children: frozenset[str]

    @property
    def altered_taps(self) -> tuple[TapProof, ...]:
        """The taps that are not those that came in, wherever they lie now."""
        return tuple(each for each in self.taps if each.state in ALTERED_TAPS)

    @property
    def altered_epochs(self) -> tuple[EpochProof, ...]:
        """The epochs that lack a tap, or whose taps are not those that came in."""
        return tuple(each for each in self.epochs if each.state in ALTERED_EPOCHS)

    @property
    def is_whole(self) -> bool:
        """Every tap is as it came, and none that came is missing."""
        return not self.altered_taps and not self.altered_epochs


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
        begins, ends = (instant_at(day, 0, structure.timezone) for day in (first, last + timedelta(days=1)))
        taps, epochs = proofs(session, structure.id, (begins, ends))
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
            _holes(session, structure.id, (begins, ends)),
            taps,
            epochs,
            _rules(session, structure.id, last),
            _values(session, first, last),
            tuple(each for each in settings if each.valid_from <= last),
            services,
            _names(session, {each.child_ref for each in corrections} | {tap.child_ref or "" for tap in taps}),
            _children(session),
        )


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


def _holes(session: Session, structure_id: int, bounds: tuple[int, int]) -> tuple[HoleSaid, ...]:
    names = [name for name in HoleSaid.__dataclass_fields__ if name != "device_label"]
    rows = session.execute(
        select(HoleSettlement, Device.label)
        .join(Device, Device.id == HoleSettlement.device_id)
        .where(
            Device.structure_id == structure_id,
            HoleSettlement.from_at < bounds[1],
            HoleSettlement.until_at >= bounds[0],
        )
        .order_by(HoleSettlement.from_at, HoleSettlement.id)
    )
    return tuple(HoleSaid(label, *(getattr(row, name) for name in names)) for row, label in rows)


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


def _children(session: Session) -> frozenset[str]:
    """Return who is a child of a family: adults eat at the canteen too, and are in no register."""
    rows = (
        select(Person.ref)
        .join(FamilyMember, FamilyMember.person_id == Person.id)
        .where(FamilyMember.role == "child")
    )
    return frozenset(session.scalars(rows))


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
