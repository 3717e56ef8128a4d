"""Holes in what terminals sent, and what people say of them (reliability notes, P5; docs/adr/0011).

What rests on a hole waits until a person settles it: the paper list was typed in, or the hole is declared closed.
A hole that fills by late taps needs no settlement and vanishes by itself. A settled one that fills later loses
nothing: late taps are taps, they count, and the lines of that day change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Conflict
from domain.french import typeset
from domain.time import instant_at, local_day
from records.actors import Actor, Right
from records.database import Records
from records.models import Device, HoleSettlement, ServiceRule, Structure
from records.models.holes import HOLE_OUTCOMES
from records.operations.hole_windows import open_windows
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.schedule import service_days

__all__ = ["HOLE_OUTCOMES", "Hole", "Settlement", "find_holes", "open_holes", "settle_hole", "settled_holes"]

REASON_LENGTH_MAX = 200
# A silence is looked at this far back for an open service: longer than any summer.
_DAYS_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Hole:
    """Taps that a terminal made, or may have made, and that are not here.

    Numbers `first_missing`..`last_missing` of an epoch; no epoch: a terminal that is silent. They can have been
    made from `from_at` to `until_at` (µs UTC), by the corrected times of the taps kept on either side.
    """

    device_ref: str
    device_label: str
    structure_id: int
    structure_ref: str
    structure_name: str
    timezone: str
    epoch: str | None
    first_missing: int | None
    last_missing: int | None
    from_at: int
    until_at: int
    is_undated: bool = False  # the taps are here: what is missing is when they were made

    @property
    def is_silence(self) -> bool:
        """True when nobody knows how many taps are missing, if any."""
        return self.epoch is None

    @property
    def missing(self) -> int | None:
        """How many taps are missing; None for a silence."""
        if self.first_missing is None or self.last_missing is None:
            return None
        return self.last_missing - self.first_missing + 1


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person said of a hole, when (µs UTC) and why."""

    hole: Hole
    outcome: str
    reason: str
    recorded_at: int
    recorded_by: str


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def open_holes(records: Records, actor: Actor, now: int, structure_id: int | None = None) -> list[Hole]:
    """Return what is missing at `now` (µs UTC) and waits for a person; one structure, or all the actor's."""
    with records.read() as session:
        places = _places(session, actor, structure_id)
        return [hole for hole in find_holes(session, now) if hole.structure_id in places]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def settled_holes(records: Records, actor: Actor, structure_id: int | None = None) -> list[Settlement]:
    """Return what people said of past holes, latest first; one structure, or all the actor's."""
    with records.read() as session:
        places = _places(session, actor, structure_id)
        rows = session.execute(
            select(HoleSettlement, Device, Structure)
            .join(Device, Device.id == HoleSettlement.device_id)
            .join(Structure, Structure.id == Device.structure_id)
            .where(Device.structure_id.in_(places))
            .order_by(HoleSettlement.id.desc())
        )
        return [
            Settlement(
                _hole(device, place, (row.epoch, row.first_missing, row.last_missing), (row.from_at, row.until_at)),
                row.outcome,
                row.reason,
                row.recorded_at,
                row.recorded_by,
            )
            for row, device, place in rows
        ]


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def settle_hole(records: Records, actor: Actor, hole: Hole, outcome: str, reason: str) -> int:
    """Settle a hole as it was seen; returns the settlement's id.

    A silence is settled up to the `until_at` that was seen: what the terminal may have taken later is another one.
    Raises Conflict when the taps came, the terminal spoke, or somebody settled it meanwhile.
    """
    _check(outcome, reason)
    with records.write(actor, "settle_hole") as write:
        device = by_ref(write.session, Device, hole.device_ref)
        actor.require(Right.DECIDE_ATTENDANCE, device.structure_id)
        found = _same(find_holes(write.session, write.now), hole)
        if found is None:
            raise Conflict(
                typeset(
                    "Ce trou n'est plus à régler : les passages sont arrivés, la borne a de nouveau répondu, ou "
                    "quelqu'un l'a réglé. Rien n'a été enregistré. Rechargez la page."
                ),
                device_ref=hole.device_ref,
            )
        row = HoleSettlement(
            device_id=device.id,
            epoch=found.epoch,
            first_missing=found.first_missing,
            last_missing=found.last_missing,
            from_at=found.from_at,
            until_at=min(hole.until_at, found.until_at) if found.is_silence else found.until_at,
            outcome=outcome,
            reason=reason.strip(),
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        write.session.add(row)
        write.session.flush()
        write.audit(
            "hole_settlement", row.id, old=None, new={**asdict(found), "outcome": outcome, "reason": reason}
        )
        return row.id


def find_holes(session: Session, now: int) -> list[Hole]:
    """Return every open hole at `now` (µs UTC), whoever asks; a silence when a service was open during it."""
    devices = {
        device.id: (device, place)
        for device, place in session.execute(
            select(Device, Structure).join(Structure, Structure.id == Device.structure_id)
        )
    }
    holes, silences = [], []
    for each in open_windows(session, now):
        device, place = devices[each.device_id]
        window = (each.from_at, each.until_at)
        if each.epoch:
            numbers = (each.epoch, each.first_missing, each.last_missing)
            holes.append(replace(_hole(device, place, numbers, window), is_undated=bool(each.is_undated)))
        else:
            silences.append(_hole(device, place, (None, None, None), window))
    return sorted([*holes, *_during_a_service(session, silences)], key=_order)


def _places(session: Session, actor: Actor, structure_id: int | None) -> set[int]:
    if structure_id is not None:
        actor.require(Right.DECIDE_ATTENDANCE, structure_id)
        return {structure_id}
    allowed = actor.structures_with(Right.DECIDE_ATTENDANCE)
    return set(session.scalars(select(Structure.id))) if allowed is None else set(allowed)


def _check(outcome: str, reason: str) -> None:
    if outcome not in HOLE_OUTCOMES:
        raise invalid(f"Règlement inconnu : « {outcome} ».", outcome=outcome)
    if not reason.strip():
        raise invalid("Indiquez pourquoi ce trou peut être réglé : le motif reste dans l'historique.")
    if len(reason) > REASON_LENGTH_MAX:
        raise invalid(f"Le motif dépasse {REASON_LENGTH_MAX} caractères : raccourcissez-le.")


def _same(found: Iterable[Hole], seen: Hole) -> Hole | None:
    """Return the hole that was seen as it is now; its window may have narrowed, its numbers may not."""
    for each in found:
        if (each.device_ref, each.epoch, each.first_missing, each.last_missing, each.is_undated) == (
            seen.device_ref,
            seen.epoch,
            seen.first_missing,
            seen.last_missing,
            seen.is_undated,
        ) and (not each.is_silence or each.from_at == seen.from_at < seen.until_at):
            return each
    return None


def _hole(
    device: Device, place: Structure, numbers: tuple[str | None, int | None, int | None], window: tuple[int, int]
) -> Hole:
    return Hole(device.ref, device.label, place.id, place.ref, place.name, place.timezone, *numbers, *window)


def _order(hole: Hole) -> tuple[str, str, int, str]:
    return hole.structure_name, hole.device_label, hole.from_at, hole.epoch or ""


def _during_a_service(session: Session, silences: Sequence[Hole]) -> Iterator[Hole]:
    """Yield the silences during which a service was open at their place: outside of one nobody taps."""
    if not silences:
        return
    slots = list(_open_slots(session, *_days(silences)))
    for hole in silences:
        if any(
            place_id == hole.structure_id
            and instant_at(day, start, hole.timezone) < hole.until_at
            and hole.from_at < instant_at(day, end, hole.timezone)
            for place_id, day, start, end in slots
        ):
            yield hole


def _days(silences: Sequence[Hole]) -> tuple[date, date]:
    first = min(local_day(each.from_at, each.timezone) for each in silences)
    last = max(local_day(each.until_at, each.timezone) for each in silences)
    return max(first, last - timedelta(days=_DAYS_LOOKED_AT)), last


def _open_slots(session: Session, first: date, last: date) -> Iterator[tuple[int, date, int, int]]:
    """Yield (structure, day, start minute, end minute) of every open service."""
    rules = {
        row.id: (row.slot_start_minute, row.slot_end_minute)
        for row in session.execute(
            select(ServiceRule.id, ServiceRule.slot_start_minute, ServiceRule.slot_end_minute)
        )
    }
    for each in service_days(session, first, last):
        yield each.structure_id, each.day, *rules[each.rule_id]
