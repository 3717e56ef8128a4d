"""Whether taps are still those that the terminals sent: each message, each series of numbers, each hour kept.

Each tap carries the SHA-256 of the message that its terminal froze at the gesture; it is computed again from what
is kept. The digest of an epoch joins those of all its taps: one added, changed or taken away shows (docs/adr/0007).
The hour that hours rest on is not in the message: it is read again from it. What this cannot see is a message, its
hash and the digest of its epoch all rewritten together; the terminal itself, which has its own digest, does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from domain.evidence import DEFAULT_LIMITS, MICROS_PER_MILLISECOND, ClockClaim, read_clock
from domain.wire.digest import joined, mark_of, read, written
from domain.wire.v1 import TapV1
from records.models import Device, DeviceEpoch, PurgeItem, Tap, TapChild
from records.operations.lookup import chunks

INTACT, CUT, IMPORTED, COUNTED, LONE = "intact", "cut", "imported", "counted", "lone"
CHANGED, BLANKED, RETIMED, ADDED = "changed", "blanked", "retimed", "added"
MISSING, UNRECEIVED = "missing", "unreceived"
ALTERED_TAPS = frozenset({CHANGED, BLANKED, RETIMED, ADDED})
ALTERED_EPOCHS = frozenset({CHANGED, ADDED, MISSING})
_WIRE = (
    "tap_id", "epoch", "seq", "kind", "badge_uid", "child_ref", "typed_name", "undoes", "service_ref", "class_ref",
    "direction", "agent_ref", "occurred_at", "mono_ms", "boot_id", "clock_offset_ms", "clock_offset_age_ms",
)  # fmt: skip
_READ = (*_WIRE, "id", "device_id", "received_at", "occurred_at_corrected", "payload_hash")
_HASH, _DIGEST = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{32}")
_NUMBERS_TOLD = 50
_DRIFT_MICROS = 10_000_000  # what the worst ordinary quartz loses in a day, by which a count is still believed
Kept = Row[Any]
Key = tuple[int, str]
Rows = dict[Key, DeviceEpoch | None]
Boots = Mapping[tuple[int, str], "list[tuple[int, bool]]"]


@dataclass(frozen=True, slots=True)
class TapProof:
    """A tap and what became of it; instants are µs UTC, `child_ref` or `typed_name` is whom it names by itself.

    `cut`: its badge number or name was purged, the hash alone stands. `imported`: it came without a hash.
    `counted`: a meeting of its boot with the server dated it, and other taps of the boot agree; `lone`: there is no
    other. Altered:
    `changed` is not the message received, `blanked` names nobody and no purge did that, `retimed` is kept at an
    hour that its message does not give, `added` was never received. `is_outside`: altered, and now of other days.
    """

    tap_id: str
    device_label: str
    epoch: str
    seq: int
    kind: str
    badge_uid: str | None
    child_ref: str | None
    typed_name: str | None
    occurred_at: int
    claimed_at: int
    received_at: int
    payload_hash: str
    state: str
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class EpochProof:
    """The taps kept of a device's epoch against its digest.

    `state` is intact, imported (no digest), unreceived (numbers that never came), or altered: changed, missing
    (a number that came is not there any more) or added (an epoch that never came). `gone` is those numbers, the
    first ones when they are many.
    """

    device_label: str
    epoch: str
    watermark: int
    kept: int
    digest: str | None
    computed: str
    state: str
    gone: tuple[int, ...] = ()


def proofs(
    session: Session, structure_id: int, bounds: tuple[int, int]
) -> tuple[tuple[TapProof, ...], tuple[EpochProof, ...]]:
    """Return the taps of a place between two instants, and the epochs they belong to.

    Epochs that came in meanwhile are read whole: a tap moved to other days, or taken away, leaves its number there.
    """
    labels = {
        device_id: label
        for device_id, label in session.execute(
            select(Device.id, Device.label).where(Device.structure_id == structure_id)
        )
    }
    rows = _epoch_rows(session, labels, bounds)
    every = _taps_of(session, {epoch for _, epoch in rows})
    taps = {key: found for key, found in every.items() if key[0] in labels}
    numbers: dict[str, set[int]] = defaultdict(set)
    for (_, epoch), sent in every.items():
        numbers[epoch].update(tap.seq for tap in sent)
    purged = _purged(session, [tap for each in taps.values() for tap in each if _names_nobody(tap)])
    boots = _boots(tap for each in taps.values() for tap in each)
    found: list[TapProof] = []
    epochs: list[EpochProof] = []
    for key in sorted(set(rows) | set(taps), key=lambda each: (labels[each[0]], _first_seen(rows.get(each)), each)):
        row, mine = rows.get(key), taps.get(key, [])
        # Another device may have gone on with the epoch: its numbers are there, its digest is its own.
        gone = tuple(islice(_gone(sorted(numbers[key[1]]), 0 if row is None else row.last_seq), _NUMBERS_TOLD))
        epochs.append(_epoch_proof(labels[key[0]], key[1], row, mine, gone))
        added = _added(row, mine)
        for tap in mine:
            state = ADDED if tap.tap_id in added else _tap_state(tap, purged, boots)
            is_outside = not bounds[0] <= tap.occurred_at_corrected < bounds[1]
            if not is_outside or state in ALTERED_TAPS:
                found.append(_tap_proof(tap, labels[key[0]], state, is_outside))
    found.sort(key=lambda each: (each.occurred_at, each.tap_id))
    return tuple(found), tuple(epochs)


def _epoch_rows(session: Session, labels: Mapping[int, str], bounds: tuple[int, int]) -> Rows:
    """Return the epochs that came in between the instants or have a tap there; None for one that never came."""
    found: Rows = {}
    inside = (Tap.occurred_at_corrected >= bounds[0], Tap.occurred_at_corrected < bounds[1])
    for part in chunks(sorted(labels)):
        seen = select(Tap.device_id, Tap.epoch).where(Tap.device_id.in_(part), *inside).distinct()
        found |= {(device_id, epoch): None for device_id, epoch in session.execute(seen)}
        rows = session.scalars(select(DeviceEpoch).where(DeviceEpoch.device_id.in_(part)))
        for row in rows:
            key = (row.device_id, row.epoch)
            if key in found or (row.last_seen_at >= bounds[0] and row.first_seen_at < bounds[1]):
                found[key] = row
    return found


def _taps_of(session: Session, epochs: Iterable[str]) -> dict[Key, list[Kept]]:
    found: dict[Key, list[Kept]] = defaultdict(list)
    columns = [getattr(Tap, name) for name in _READ]
    for part in chunks(sorted(epochs)):
        for tap in session.execute(select(*columns).where(Tap.epoch.in_(part)).order_by(Tap.seq)):
            found[tap.device_id, tap.epoch].append(tap)
    return found


def _tap_proof(tap: Kept, label: str, state: str, is_outside: bool) -> TapProof:
    return TapProof(
        tap.tap_id,
        label,
        tap.epoch,
        tap.seq,
        tap.kind,
        tap.badge_uid,
        tap.child_ref,
        tap.typed_name,
        tap.occurred_at_corrected,
        tap.occurred_at,
        tap.received_at,
        tap.payload_hash,
        state,
        is_outside,
    )


def _names_nobody(tap: Kept) -> bool:
    return tap.undoes is None and not any((tap.badge_uid, tap.child_ref, tap.typed_name))


def _purged(session: Session, cut: Sequence[Kept]) -> frozenset[str]:
    """Return which of these taps a purge cut: whom they brought was written first, or an order names them."""
    found: set[str] = set()
    by_id = {tap.id: tap.tap_id for tap in cut}
    for part in chunks(sorted(by_id.values())):
        found.update(session.scalars(select(TapChild.tap_id).where(TapChild.tap_id.in_(part))))
    for ids in chunks(sorted(row_id for row_id, tap_id in by_id.items() if tap_id not in found)):
        ordered = select(PurgeItem.entity_id).where(PurgeItem.entity == "tap", PurgeItem.entity_id.in_(ids))
        found.update(by_id[row_id] for row_id in session.scalars(ordered))
    return frozenset(found)


def _tap_state(tap: Kept, purged: frozenset[str], boots: Boots) -> str:
    if not tap.payload_hash:
        return IMPORTED
    if _names_nobody(tap):
        state = CUT if tap.tap_id in purged else BLANKED
    else:
        state = INTACT if _is_as_sent(tap) else CHANGED
    return state if state in ALTERED_TAPS or _is_as_read(tap) else _dated_by_server(tap, boots)


def _is_as_sent(tap: Kept) -> bool:
    try:
        told = TapV1.model_validate({name: getattr(tap, name) for name in _WIRE})
    except ValueError:
        return False
    return told.payload_hash() == str(tap.payload_hash)


def _is_as_read(tap: Kept) -> bool:
    """Say whether the hour kept is the one that the tap's own message gives."""
    claim = ClockClaim(tap.occurred_at, tap.clock_offset_ms, tap.clock_offset_age_ms, tap.mono_ms)
    return read_clock(claim, tap.received_at).occurred_at == int(tap.occurred_at_corrected)


def _start(tap: Kept) -> int:
    """Return when the boot of a tap began, by the hour kept and the milliseconds counted since."""
    return int(tap.occurred_at_corrected) - int(tap.mono_ms) * MICROS_PER_MILLISECOND


def _boots(taps: Iterable[Kept]) -> Boots:
    """Return the start of each boot as each of its taps gives it, and whether that tap's own message does."""
    found: dict[tuple[int, str], list[tuple[int, bool]]] = defaultdict(list)
    for tap in taps:
        if tap.payload_hash:
            found[tap.device_id, tap.boot_id].append((_start(tap), _is_as_read(tap)))
    return found


def _dated_by_server(tap: Kept, boots: Boots) -> str:
    """Return what can be said of an hour that the message does not give: a meeting with the server may have.

    The meeting came with a batch and is not kept; but the taps of a boot lie as far from each other as the
    milliseconds that they count. A message that knows the server's clock is believed before any meeting, unless the
    two disagree widely, and then for the whole boot.
    """
    others = list(boots[tap.device_id, tap.boot_id])
    others.remove((_start(tap), False))
    age, claimed = tap.clock_offset_age_ms, tap.occurred_at + (tap.clock_offset_ms or 0) * MICROS_PER_MILLISECOND
    knows = age is not None and age <= DEFAULT_LIMITS.recent_offset_ms
    if knows and abs(tap.occurred_at_corrected - claimed) <= DEFAULT_LIMITS.disagreement_micros:
        return RETIMED
    if not others:
        return RETIMED if knows else LONE
    agrees = any(abs(start - _start(tap)) <= _DRIFT_MICROS for start, _ in others)
    return COUNTED if agrees and not (knows and any(is_as_read for _, is_as_read in others)) else RETIMED


def _first_seen(row: DeviceEpoch | None) -> int:
    return 0 if row is None else row.first_seen_at


def _mark(tap: Kept) -> int:
    """Return what a tap adds to the digest of its epoch: nothing where its hash is none any more."""
    return mark_of(tap.payload_hash) if _HASH.fullmatch(tap.payload_hash or "") else 0


def _joined(taps: Iterable[Kept]) -> int:
    return joined(_mark(tap) for tap in taps)


def _added(row: DeviceEpoch | None, taps: Sequence[Kept]) -> frozenset[str]:
    """Return the taps that never came: all of an unknown epoch, those past its last number, the one too many."""
    sent = [tap for tap in taps if tap.payload_hash]
    if row is None:
        return frozenset(tap.tap_id for tap in sent)
    if row.digest is None:
        return frozenset()
    after = [tap for tap in sent if tap.seq > row.last_seq]
    if not _DIGEST.fullmatch(row.digest):
        return frozenset(tap.tap_id for tap in after)
    rest = read(row.digest) ^ _joined(tap for tap in sent if tap.seq <= row.last_seq)
    alone = [tap for tap in sent if rest and _mark(tap) == rest]
    return frozenset(tap.tap_id for tap in (*after, *alone))


def _gone(numbers: Sequence[int], last: int) -> Iterator[int]:
    """Yield the numbers up to the last that are not there, from the first."""
    due = 1
    for number in (*numbers, last + 1):
        yield from range(due, min(number, last + 1))
        due = number + 1


def _epoch_proof(
    label: str, epoch: str, row: DeviceEpoch | None, taps: Sequence[Kept], gone: tuple[int, ...]
) -> EpochProof:
    computed = written(_joined(taps))
    if row is None:
        state = ADDED if any(tap.payload_hash for tap in taps) else IMPORTED
        return EpochProof(label, epoch, 0, len(taps), None, computed, state)
    if row.digest is None:
        state = IMPORTED
    elif gone and gone[0] <= row.watermark:
        state = MISSING
    elif row.digest != computed:
        state = MISSING if gone else CHANGED
    else:
        state = UNRECEIVED if gone else INTACT
    return EpochProof(label, epoch, row.watermark, len(taps), row.digest, computed, state, gone)
