"""What was kept apart, as a person examines it: why, what can be read of it, and how it was settled (P3, S6).

A thing leaves the work list when a person settles it, or by itself once every tap it holds is kept as a tap with
exactly that content. It stays in the history for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from domain.errors import Conflict
from domain.french import staff_name
from domain.wire.v1 import TapV1
from records.actors import Actor, Right
from records.database import Records
from records.models import Device, Person, Structure, TapQuarantine
from records.operations.lookup import chunks, invalid
from records.operations.registry import Scope, operation
from records.operations.terminal_reports import kept_contents, read_tap

OUTCOMES = ("entered", "received", "no_effect")
SETTLEMENT = "settlement"
NOTE_LENGTH_MAX = 400
# One screen of work; the latest first. Whoever sends more at once is shown as one alarm, not as a list.
THINGS_MAX = 500
TAPS_SHOWN_MAX = 20
EXTRACT_LENGTH_MAX = 120
BADGE_DIGITS_SHOWN = 4
_COLUMNS = (TapQuarantine, Device, Structure)


@dataclass(frozen=True, slots=True)
class ClaimedTap:
    """What can be read of one gesture, as claimed: never more of a badge than its end.

    `person` is a child's name where the terminal's place is known, else None.
    """

    kind: str
    occurred_at: int | None
    badge_end: str | None
    person: str | None
    typed_name: str | None


@dataclass(frozen=True, slots=True)
class SettledThing:
    """How a thing was settled; `by` None when its taps came by themselves."""

    outcome: str
    note: str
    by: str | None
    at: int | None


@dataclass(frozen=True, slots=True)
class QuarantinedThing:
    """Something received that is not kept as a tap. Instants are µs UTC; no device = sent by nobody known."""

    thing_id: int
    reason: str
    detail: str
    received_at: int
    size_bytes: int
    device_ref: str | None
    device_label: str | None
    structure_ref: str | None
    structure_name: str | None
    timezone: str | None
    taps: tuple[ClaimedTap, ...]
    tap_count: int
    extract: str
    settled: SettledThing | None = None


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def quarantined_things(records: Records, actor: Actor) -> list[QuarantinedThing]:
    """Return what waits for a person at the actor's places, the latest first.

    What nobody known sent belongs to no place: only whoever decides for the whole collectivity sees it.
    """
    settlement = aliased(TapQuarantine)
    waiting = ~select(settlement.id).where(settlement.settles_id == TapQuarantine.id).exists()
    with records.read() as session:
        return _first(session, _visible(_things(), actor).where(waiting), lambda _row, is_received: not is_received)


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def settled_things(records: Records, actor: Actor) -> list[QuarantinedThing]:
    """Return what was settled at the actor's places by people or by the taps themselves, latest first."""
    settlement = aliased(TapQuarantine)
    things = _visible(_things(settlement), actor).outerjoin(settlement, settlement.settles_id == TapQuarantine.id)
    with records.read() as session:
        return _first(session, things, lambda row, is_received: row[-1] is not None or is_received)


@operation(Right.DECIDE_ATTENDANCE, Scope.PLACE)
def settle_things(records: Records, actor: Actor, thing_ids: Sequence[int], outcome: str, note: str) -> None:
    """Settle things with one outcome of OUTCOMES and a reason: all of them or none.

    Raises InvalidData, NotAllowed, and Conflict when one was settled meanwhile.
    """
    if outcome not in OUTCOMES:
        raise invalid(f"Suite inconnue : « {outcome} ».", outcome=outcome)
    if not note.strip() or len(note) > NOTE_LENGTH_MAX:
        raise invalid(f"Indiquez la raison en {NOTE_LENGTH_MAX} caractères au plus : elle reste dans l'historique.")
    with records.write(actor, "settle_things") as write:
        for thing, structure_id in _to_settle(write.session, thing_ids):
            actor.require(Right.DECIDE_ATTENDANCE, structure_id)
            row = TapQuarantine(
                device_id=thing.device_id,
                content=b"",
                content_hash=hashlib.sha256(
                    f"{SETTLEMENT} {thing.reason} {thing.content_hash}".encode()
                ).hexdigest(),
                reason=SETTLEMENT,
                detail="",
                received_at=write.now,
                settles_id=thing.id,
                settled_by=actor.signature,
                outcome=outcome,
                note=note.strip(),
            )
            write.session.add(row)
            new = {"outcome": outcome, "note": row.note, "settled_by": row.settled_by}
            write.audit("tap_quarantine", thing.id, old=None, new=new)


def _things(*more: Any) -> Select[Any]:
    return (
        select(*_COLUMNS, *more)
        .outerjoin(Device, Device.id == TapQuarantine.device_id)
        .outerjoin(Structure, Structure.id == Device.structure_id)
        .where(TapQuarantine.settles_id.is_(None))
        .order_by(TapQuarantine.received_at.desc(), TapQuarantine.id.desc())
        .execution_options(yield_per=THINGS_MAX)
    )


def _first(session: Session, things: Select[Any], is_wanted: Callable[[Any, bool], bool]) -> list[QuarantinedThing]:
    """Return the latest THINGS_MAX that are wanted, told whether their taps came since."""
    found: list[Any] = []
    with session.execute(things) as result:
        for rows in result.partitions():
            received = _received(session, [row.TapQuarantine for row in rows])
            found += [row for row in rows if is_wanted(row, row.TapQuarantine.id in received)]
            if len(found) >= THINGS_MAX:
                break
    found = found[:THINGS_MAX]
    names = _names(session, found)
    return [_thing(row, names) for row in found]


def _visible(things: Select[Any], actor: Actor) -> Select[Any]:
    allowed = actor.structures_with(Right.DECIDE_ATTENDANCE)
    return things if allowed is None else things.where(Device.structure_id.in_(allowed))


def _to_settle(session: Session, thing_ids: Sequence[int]) -> list[tuple[TapQuarantine, int | None]]:
    """Return the things with the structure of each (None = the whole collectivity); raises Conflict."""
    wanted = sorted(set(thing_ids))
    found: list[tuple[TapQuarantine, int | None]] = []
    settled = 0
    for part in chunks(wanted):
        rows = session.execute(
            select(TapQuarantine, Device.structure_id)
            .outerjoin(Device, Device.id == TapQuarantine.device_id)
            .where(TapQuarantine.id.in_(part), TapQuarantine.settles_id.is_(None))
        )
        found.extend((row[0], row[1]) for row in rows)
        settled += len(session.scalars(select(TapQuarantine.id).where(TapQuarantine.settles_id.in_(part))).all())
    if not wanted:
        raise invalid("Choisissez au moins un envoi à régler.")
    if settled or len(found) != len(wanted):
        raise Conflict(
            "Une autre personne a déjà réglé cet envoi. Rien n'a été enregistré. Rechargez la page.",
            things=wanted,
        )
    return found


def _thing(row: Any, names: Mapping[str, str]) -> QuarantinedThing:
    """Return one thing; a row with a fourth column was settled, by a person or (None) by its taps."""
    kept, device, place = row[0], row[1], row[2]
    claimed = _claimed(kept.content)
    known = names if place is not None else {}
    settled = _settlement(row[3]) if len(row) > len(_COLUMNS) else None
    return QuarantinedThing(
        thing_id=kept.id,
        reason=kept.reason,
        detail=kept.detail,
        received_at=kept.received_at,
        size_bytes=len(kept.content),
        device_ref=None if device is None else device.ref,
        device_label=None if device is None else device.label,
        structure_ref=None if place is None else place.ref,
        structure_name=None if place is None else place.name,
        timezone=None if place is None else place.timezone,
        taps=tuple(_claimed_tap(fields, known) for fields in claimed[:TAPS_SHOWN_MAX]),
        tap_count=len(claimed),
        extract="" if claimed else _extract(kept.content),
        settled=settled,
    )


def _settlement(row: TapQuarantine | None) -> SettledThing:
    if row is None:
        return SettledThing("received", "", None, None)
    return SettledThing(row.outcome or "no_effect", row.note or "", row.settled_by, row.received_at)


def _received(session: Session, things: Iterable[TapQuarantine]) -> set[int]:
    """Return the ids of the things that hold taps and nothing else, all of them kept as taps with this content."""
    held = {thing.id: taps for thing in things if (taps := _taps_alone(thing.content))}
    kept = kept_contents(session, chain.from_iterable(held.values()))
    return {
        thing_id for thing_id, taps in held.items() if {(tap.tap_id, tap.payload_hash()) for tap in taps} <= kept
    }


def _taps_alone(content: bytes) -> list[TapV1]:
    """Return the taps of bytes that hold nothing else; none of those that do."""
    listed, claimed = _listed(content), _claimed(content)
    taps = [tap for fields in claimed if (tap := read_tap(json.dumps(fields).encode()))]
    return taps if len(taps) == len(claimed) == len(listed) else []


def _claimed(content: bytes) -> list[Mapping[str, Any]]:
    """Return the JSON objects of bytes that look like taps: one alone, or those of a batch of any protocol."""
    return [each for each in _listed(content) if isinstance(each, dict) and "occurred_at" in each]


def _listed(content: bytes) -> list[Any]:
    """Return the elements that bytes hold, whatever they are: those of a batch, or one object alone."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, dict):
        return []
    listed = found.get("taps")
    return listed if isinstance(listed, list) else [found]


def _claimed_tap(fields: Mapping[str, Any], names: Mapping[str, str]) -> ClaimedTap:
    text = partial(_text, fields)
    occurred_at, badge = fields.get("occurred_at"), text("badge_uid")
    return ClaimedTap(
        kind=text("kind") or "inconnu",
        occurred_at=occurred_at if type(occurred_at) is int and 0 <= occurred_at <= 2**53 else None,
        badge_end=badge[-BADGE_DIGITS_SHOWN:] if badge else None,
        person=names.get(text("child_ref") or ""),
        typed_name=text("typed_name"),
    )


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return _printable(value)[:80] if isinstance(value, str) and value else None


def _names(session: Session, rows: Iterable[Any]) -> dict[str, str]:
    """Return the name of every child that these things speak of, by ref."""
    shown = chain.from_iterable(_claimed(row.TapQuarantine.content)[:TAPS_SHOWN_MAX] for row in rows)
    refs = {ref for fields in shown if (ref := _text(fields, "child_ref"))}
    names: dict[str, str] = {}
    for part in chunks(sorted(refs)):
        people = session.execute(
            select(Person.ref, Person.last_name, Person.first_name).where(Person.ref.in_(part))
        )
        names |= {ref: staff_name(last_name, first_name) for ref, last_name, first_name in people}
    return names


def _extract(content: bytes) -> str:
    return _printable(content[:EXTRACT_LENGTH_MAX].decode("utf-8", "replace"))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
