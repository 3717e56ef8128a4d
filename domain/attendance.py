"""From the taps of one day to who was where: resolution, fold and decisions, pure.

The live pages use this; the warehouse has its twin in SQL (`int_attendance__taps_resolved`, `…__tap_effects`,
`…__stays_settled`) and a property test holds the two equal. Domain notes §6; docs/adr/0004.

A tap's place is its device's, its day the local day there of the corrected instant. Its children are those that the
badge brings that day or the child named, else the one a person attached it to (then child, service, place and day
are that decision's). Its service is the one claimed, when the place offers it that day, else the open slot that
holds the minute. A tap whose time is doubtful, or made on a terminal already revoked, waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.presence import Presence, PresenceRule, PresenceTap, stays_from_taps
from domain.slots import Slot, service_at
from domain.taps import TapKind

ABSENCES = ("absent_justified", "absent_unjustified")
LATE_ANSWERS = ("late_accepted", "late_waived")


@dataclass(frozen=True, slots=True)
class DayTap:
    """A tap of the day: `child_id` is that of the child named, `distrust` why a person must look first."""

    tap: PresenceTap
    structure_id: int
    minute: int
    badge_uid: str | None
    child_id: int | None
    typed_name: str | None
    service_ref: str | None
    distrust: str | None


@dataclass(frozen=True, slots=True)
class DayService:
    """A service that a place offers on the day, open or not, with the rule in force."""

    slot: Slot
    is_open: bool
    rule: PresenceRule


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a tap was attached to by a person."""

    child_id: int
    service_ref: str
    structure_id: int


@dataclass(frozen=True, slots=True)
class PlacedTap:
    """A tap of one child and service, at a place."""

    structure_id: int
    tap: PresenceTap


@dataclass(frozen=True, slots=True)
class UnresolvedTap:
    """A tap that no child or no service can be given to; `reason` is stable and English."""

    tap: DayTap
    reason: str


ChildService = tuple[int, str]
Offered = Mapping[int, Mapping[str, DayService]]


def resolve(
    taps: Iterable[DayTap],
    badges: Mapping[str, Iterable[int]],
    attached: Mapping[str, Attachment],
    offered: Offered,
) -> tuple[dict[ChildService, list[PlacedTap]], list[UnresolvedTap]]:
    """Return the taps of each child × service, and those that cannot be given to anybody.

    `badges` gives the children of each badge that day, `offered` the services of each place by ref.
    """
    found: dict[ChildService, list[PlacedTap]] = {}
    unresolved: list[UnresolvedTap] = []
    undone_by: dict[str, list[PresenceTap]] = {}
    for day_tap in taps:
        if day_tap.tap.kind is TapKind.UNDO:
            undone_by.setdefault(day_tap.tap.undoes or "", []).append(day_tap.tap)
            continue
        owners, reason = _owners(day_tap, badges, attached, offered)
        if reason is not None:
            unresolved.append(UnresolvedTap(day_tap, reason))
        for child_id, service_ref, structure_id in owners:
            found.setdefault((child_id, service_ref), []).append(PlacedTap(structure_id, day_tap.tap))
    for placed in found.values():
        placed += [
            PlacedTap(one.structure_id, undo) for one in list(placed) for undo in undone_by.get(one.tap.tap_id, ())
        ]
    return found, unresolved


def _owners(
    day_tap: DayTap, badges: Mapping[str, Iterable[int]], attached: Mapping[str, Attachment], offered: Offered
) -> tuple[list[tuple[int, str, int]], str | None]:
    """Return child, service and place of each owner of a tap, or why there is none."""
    if day_tap.distrust is not None:
        return [], day_tap.distrust
    children = list(badges.get(day_tap.badge_uid, ())) if day_tap.badge_uid is not None else []
    if day_tap.child_id is not None:
        children.append(day_tap.child_id)
    if not children:
        by_hand = attached.get(day_tap.tap.tap_id)
        if by_hand is not None:
            return [(by_hand.child_id, by_hand.service_ref, by_hand.structure_id)], None
        if day_tap.typed_name is not None:
            return [], "typed_name"
        return [], "unknown_badge" if day_tap.badge_uid is not None else "unknown_child"
    service_ref = service_of(day_tap, offered.get(day_tap.structure_id, {}))
    if service_ref is None:
        return [], "no_service"
    return [(child_id, service_ref, day_tap.structure_id) for child_id in sorted(set(children))], None


def service_of(day_tap: DayTap, services: Mapping[str, DayService]) -> str | None:
    """Return the service of a tap among those its place offers that day: the one claimed, else by the minute."""
    if day_tap.service_ref in services:
        return day_tap.service_ref
    return service_at((each.slot for each in services.values() if each.is_open), day_tap.minute)


def place_of(placed: Iterable[PlacedTap]) -> int:
    """Return where a child × service × day is looked after: the place of its first tap that counts."""
    everything = list(placed)
    targets = {each.tap.undoes for each in everything if each.tap.kind is TapKind.UNDO}
    first = min(
        (each for each in everything if each.tap.kind is not TapKind.UNDO),
        key=lambda each: (
            each.tap.tap_id in targets,
            each.tap.occurred_at,
            each.tap.epoch,
            each.tap.seq,
            each.tap.tap_id,
        ),
    )
    return first.structure_id


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision row of a child × service × day; a replaced one no longer counts."""

    seq: int
    kind: str
    structure_id: int
    occurred_at: int | None
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands of the decisions of a child × service × day."""

    absence: str | None = None
    arrived_at: int | None = None
    left_at: int | None = None
    structure_id: int | None = None
    late: str | None = None


def standing(decisions: Iterable[DecisionLine]) -> Settled:
    """Return what stands: nothing before the last « clear », nothing replaced, and of each kind the last."""
    lines = sorted(decisions, key=lambda line: line.seq)
    cleared = max((line.seq for line in lines if line.kind == "clear"), default=-1)
    settled = Settled()
    for line in lines:
        if line.seq <= cleared or line.is_replaced or line.kind == "clear":
            continue
        settled = replace(settled, structure_id=line.structure_id)
        if line.kind in ABSENCES:
            settled = replace(settled, absence=line.kind)
        elif line.kind == "arrival":
            settled = replace(settled, arrived_at=line.occurred_at)
        elif line.kind == "departure":
            settled = replace(settled, left_at=line.occurred_at)
        elif line.kind in LATE_ANSWERS:
            settled = replace(settled, late=line.kind)
    return settled


def late_minutes(left_minute: int, slot_end_minute: int, tolerance_minutes: int) -> int:
    """Return how late a child was fetched, in minutes after the end of the slot; 0 within the tolerance.

    A proposal only: a coordinator or director accepts or waives it (domain notes §6).
    """
    late = left_minute - slot_end_minute
    return late if late > max(0, tolerance_minutes) else 0


@dataclass(frozen=True, slots=True)
class SettledStay:
    """A stay with the decided instants put in; an end nobody knows stays None."""

    arrived_at: int | None
    left_at: int | None


def settled_stays(taps: Iterable[PlacedTap], rule: PresenceRule, settled: Settled) -> list[SettledStay]:
    """Return the stays of a child × service × day after the decisions; none when an absence is decided.

    A decided arrival is the day's first, a decided departure its last; without any tap they make a stay.
    """
    if settled.absence is not None:
        return []
    presence: Presence = stays_from_taps((each.tap for each in taps), rule)
    stays = [
        SettledStay(
            None if stay.arrival is None else stay.arrival.occurred_at,
            None if stay.departure is None else stay.departure.occurred_at,
        )
        for stay in presence.stays
    ]
    if not stays and (settled.arrived_at is not None or settled.left_at is not None):
        stays = [SettledStay(None, None)]
    if stays and settled.arrived_at is not None:
        stays[0] = replace(stays[0], arrived_at=settled.arrived_at)
    if stays and settled.left_at is not None:
        stays[-1] = replace(stays[-1], left_at=settled.left_at)
    return stays
