"""What must hold of the databases, asked of their files: S1 to S9 at any time, L1 to L3 after the healing.

Independent of the workload and of the shipped rules: each rule is written here once more, in the most obvious way.
"""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from terminal.roster.store import RosterStore
from tests.simulation.week.clocks import DAY, SECOND
from tests.simulation.week.ledger import Gesture, Ledger
from tests.simulation.week.machine import Machine
from tests.simulation.week.server import Server
from tests.simulation.week.town import CANTEEN, EVENING, PLACES, badge_valid_from, place_of_device

CLAIM = (
    "tap_id", "epoch", "seq", "kind", "badge_uid", "child_ref", "typed_name", "undoes", "service_ref", "class_ref",
    "direction", "agent_ref", "occurred_at", "mono_ms", "boot_id", "clock_offset_ms", "clock_offset_age_ms",
)  # fmt: skip
OURS = ("device_id", "received_at", "occurred_at_corrected", "time_confidence", "payload_hash", "flags")
# A terminal that met the server in this boot knows the time but for the answer's way back (30 s at most).
CLOCK_ERROR_MAX = 45 * SECOND
RETENTION = 90 * DAY

Row = dict[str, Any]


@dataclass
class Scene:
    """What the checkers look at; `was_restored` says that the server lost something, `is_healed` that it had
    time."""

    server: Server
    ledger: Ledger
    machines: list[Machine]
    has_twins: bool
    was_restored: bool
    is_healed: bool

    def __post_init__(self) -> None:
        """Read the server once."""
        columns = (*CLAIM, *OURS)
        rows = self.server.rows(f"select {', '.join(columns)} from tap order by id")
        self.taps: list[Row] = [dict(zip(columns, row, strict=True)) for row in rows]
        self.quarantine = self.server.rows("select device_id, content, reason, detail from tap_quarantine")
        self.devices: dict[int, str] = dict(self.server.rows("select id, ref from device"))
        self.greens: dict[str, list[Gesture]] = defaultdict(list)
        for green in self.ledger.greens:
            self.greens[green.tap.tap_id].append(green)
        on_a_disk = {one.content_hash for machine in self.machines for one in machine.holds()}
        destroyed = self.ledger.destroyed - on_a_disk if self.was_restored else set()
        # What only the lost records held: people had wiped the terminal after all was sent.
        self.gone = {one.tap.tap_id for one in self.ledger.greens if one.content_hash in destroyed}


def safety(scene: Scene) -> Iterator[str]:
    """Yield what is broken at any time."""
    yield from _once(scene)
    yield from _nothing_invented(scene)
    yield from _watermarks(scene)
    yield from _quarantine(scene)
    yield from _red_stays_red(scene)
    yield from _time(scene)
    yield from _flags(scene)
    yield from _dense(scene)
    for machine in scene.machines:
        yield from machine.violations
        yield from _home(scene, machine)
        yield from _names(machine)
    if scene.is_healed or not scene.was_restored:
        yield from _acked_is_stored(scene)


def liveness(scene: Scene) -> Iterator[str]:
    """Yield what is broken once everything worked again for long enough."""
    yield from _everything_arrived(scene)
    for machine in scene.machines:
        counts = machine.counts()
        if counts is None or counts.pending or counts.parked:
            yield f"L1 {machine.name} still holds {counts}"
    yield from _no_hole(scene)


def state_digest(scene: Scene) -> str:
    """Return a digest of everything that must be the same each time a seed is played."""
    told = [json.dumps(row, sort_keys=True) for row in scene.taps]
    told += sorted(repr((row[2], row[1])) for row in scene.quarantine if row[0] is not None)
    told += [repr(sorted(_outbox_rows(machine))) for machine in scene.machines]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


# -- the server's rows ------------------------------------------------------------------------------------------


def _once(scene: Scene) -> Iterator[str]:
    """S2: one row for a tap, for ever, whatever the database's own constraints say."""
    for name, key in (
        ("tap_id", lambda row: row["tap_id"]),
        ("device, epoch, seq", lambda row: (row["device_id"], row["epoch"], row["seq"])),
    ):
        for found, count in Counter(key(row) for row in scene.taps).items():
            if count > 1:
                yield f"S2 {count} rows of one {name}: {found}"


def claim_of(gesture: Gesture) -> tuple[object, ...]:
    """Return what a gesture claims, in the order of CLAIM."""
    return _claim(gesture.body)


def _claim(body: bytes) -> tuple[object, ...]:
    said = json.loads(body)
    return tuple(said.get(column) for column in CLAIM)


def _nothing_invented(scene: Scene) -> Iterator[str]:
    """S3 and S5: each row is, word for word, a gesture that somebody made."""
    for row in scene.taps:
        claim = tuple(row[column] for column in CLAIM)
        made = scene.greens.get(row["tap_id"], [])
        if claim in [claim_of(one) for one in made]:
            continue
        cut = _unseen_bodies(scene, row["tap_id"], row["epoch"], row["seq"])
        if claim not in [_claim(body) for body in cut]:
            yield f"S5 rewritten: {row}" if made or cut else f"S3 nobody made {row['tap_id']}"


def _unseen_bodies(scene: Scene, tap_id: str, epoch: str, seq: int) -> list[bytes]:
    """Return what a gesture without any colour was under an identity: the power went while it was being kept."""
    drafts = scene.ledger.unseen.get(tap_id, [])
    made = [draft.with_identity(tap_id, epoch, seq) for draft in drafts]
    return [tap.model_dump_json(exclude_none=True).encode() for tap in made]


def _acked_is_stored(scene: Scene) -> Iterator[str]:
    """S1: whatever a terminal heard to be held is held, as a tap or apart; but a restored server cannot heal what
    people had wiped from its only terminal."""
    held = {row["tap_id"] for row in scene.taps} | scene.gone
    apart = b"\n".join(row[1] for row in scene.quarantine)
    for home, heard in scene.ledger.heard.items():
        for tap_id in heard.keys() - held:
            if tap_id.encode() not in apart:
                yield f"S1 {home} heard that {tap_id} is held, and it is not"


def _watermarks(scene: Scene) -> Iterator[str]:
    """S4: a watermark is contiguous from 1, over what anybody sent of the epoch; a hole is a hole."""
    seqs: dict[str, set[int]] = defaultdict(set)
    for row in scene.taps:
        seqs[row["epoch"]].add(row["seq"])
    for device_id, epoch, watermark, last_seq in _epochs(scene):
        contiguous = 0
        while contiguous + 1 in seqs[epoch]:
            contiguous += 1
        if watermark > contiguous:
            yield f"S4 watermark {watermark} of {epoch[:6]}, contiguous {contiguous}, of {scene.devices[device_id]}"
        if last_seq > max(seqs[epoch], default=0) or watermark > last_seq:
            yield f"S4 last_seq {last_seq} of {epoch[:6]}, watermark {watermark}, held {sorted(seqs[epoch])}"


def _epochs(scene: Scene) -> list[tuple[int, str, int, int]]:
    return scene.server.rows(
        "select device_id, epoch, watermark, last_seq from device_epoch order by epoch, device_id"
    )


def _quarantine(scene: Scene) -> Iterator[str]:
    """S6: what is apart says why, is something that somebody made, and rings the alarm only when it must."""
    strange = {one.body for one in scene.ledger.greens if one.is_strange}
    bodies = {one.body for one in scene.ledger.greens}
    for _, content, reason, detail in scene.quarantine:
        if not reason or not detail:
            yield f"S6 quarantined without a reason: {content[:60]!r}"
        if reason == "malformed_tap" and content not in strange and not _was_cut(scene, content):
            yield f"S6 called malformed: {content[:200]!r}"
        if reason == "content_conflict" and not (
            scene.has_twins and (content in bodies or _was_cut(scene, content))
        ):
            yield f"S6 a conflict where nobody cloned anything: {content[:200]!r}"
        if reason == "unknown_device":
            for tap in json.loads(content)["taps"]:
                if tap["tap_id"] not in scene.greens and tap["tap_id"] not in scene.ledger.unseen:
                    yield f"S3 a stranger's bytes hold what nobody made: {tap['tap_id']}"


def _was_cut(scene: Scene, content: bytes) -> bool:
    """Say whether the power went while this was being kept: it may be on the disk though nobody saw a colour."""
    said = json.loads(content)
    return content in _unseen_bodies(scene, said["tap_id"], said["epoch"], said["seq"])


def _red_stays_red(scene: Scene) -> Iterator[str]:
    """S7: a screen said that nothing was recorded; so nothing is. A twin may show green what is red elsewhere."""
    for row in scene.taps:
        if row["tap_id"] in scene.ledger.reds and row["tap_id"] not in scene.greens:
            yield f"S7 recorded though the screen was red: {row['tap_id']}"


def _time(scene: Scene) -> Iterator[str]:
    """P6: a time that is not called doubtful is true, so its day is right; it is doubtful exactly when the machine
    had not met the server in the boot of the tap."""
    honest = {machine.home for machine in scene.machines if not machine.clock.is_lying}
    for row in scene.taps:
        corrected, confidence = row["occurred_at_corrected"], row["time_confidence"]
        claims = {row["occurred_at"], row["occurred_at"] + (row["clock_offset_ms"] or 0) * 1000}
        if confidence == "doubtful" and corrected not in claims | {row["received_at"]}:
            yield f"P6 doubtful, and corrected to what nobody said: {row['tap_id']}"
        for one in scene.greens.get(row["tap_id"], []):
            if claim_of(one) != tuple(row[column] for column in CLAIM):
                continue
            error = abs(corrected - one.true_at)
            is_claimed = one.home in honest and corrected in claims
            if (confidence != "doubtful" or is_claimed) and error > CLOCK_ERROR_MAX:
                yield f"P6 {confidence}, and {error // SECOND} s from the truth: {one.tap.tap_id} of {one.home}"
            met = scene.ledger.boots_met.get((one.home, one.tap.boot_id))
            if confidence == "doubtful" and met is not None and met <= row["received_at"]:
                yield f"P6 doubtful, though its boot had met the server: {one.tap.tap_id} of {one.home}"
            if row["received_at"] < one.true_at:
                yield f"P6 received before it was made: {one.tap.tap_id}"


def _flags(scene: Scene) -> Iterator[str]:
    """P3 and P8: what a person must look at is flagged, by the local day of the place."""
    children = {child for place in PLACES for child in place.children}
    for row in scene.taps:
        device_ref = scene.devices[row["device_id"]]
        zone = ZoneInfo(place_of_device(device_ref).zone)
        day = datetime.fromtimestamp(row["occurred_at_corrected"] // SECOND, UTC).astimezone(zone).date()
        valid_from = badge_valid_from(row["badge_uid"]) if row["badge_uid"] else None
        expected = {
            "doubtful_time": row["time_confidence"] == "doubtful",
            "revoked_device": scene.ledger.was_revoked(device_ref, row["received_at"]),
            "unknown_badge": row["badge_uid"] is not None and (valid_from is None or valid_from > day),
            "unknown_child": row["child_ref"] is not None and row["child_ref"] not in children,
            "unknown_service": row["service_ref"] not in (None, CANTEEN, EVENING),
        }
        wanted = ",".join(sorted(flag for flag, is_on in expected.items() if is_on))
        if row["flags"] != wanted:
            yield f"P3 flags {row['flags']!r} should be {wanted!r}: {row['tap_id']} on {day}"


def _dense(scene: Scene) -> Iterator[str]:
    """S4 and P6: inside an epoch of a home, numbers are dense and in the order of the gestures."""
    epochs: dict[tuple[str, str], list[Gesture]] = defaultdict(list)
    for one in scene.ledger.greens:
        epochs[one.home, one.tap.epoch].append(one)
    for (home, epoch), made in epochs.items():
        seqs = [one.tap.seq for one in sorted(made, key=lambda one: one.number)]
        if seqs != list(range(1, len(seqs) + 1)):
            yield f"S4 epoch {epoch[:6]} of {home} is numbered {seqs}"


# -- the terminals' disks -----------------------------------------------------------------------------------------


def _outbox_rows(machine: Machine) -> list[tuple[Any, ...]]:
    path = machine.files.outbox / "outbox.sqlite3"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT tap_id, state, body, coalesce(note, ''), settled_at FROM tap").fetchall()


def _home(scene: Scene, machine: Machine) -> Iterator[str]:
    """P4, S1, S6 and S9 of one disk: nothing left early, nothing called held that the server did not say."""
    rows = {row[0]: row for row in _outbox_rows(machine)}
    heard = scene.ledger.heard.get(machine.home, {})
    oldest = scene.server.clock() - RETENTION
    for one in machine.holds():
        row = rows.get(one.tap.tap_id)
        if row is None and heard.get(one.tap.tap_id, oldest) >= oldest:
            yield f"P4 {machine.home} does not hold {one.tap.tap_id} any more"
        elif row is not None and row[2] != one.body:
            yield f"S5 {machine.home} holds another content of {one.tap.tap_id}"
    for tap_id, state, _, note, _ in rows.values():
        if state == "acked" and tap_id not in heard:
            yield f"S1 {machine.home} calls {tap_id} held; nobody told it so"
        if state == "parked" and not note:
            yield f"S6 {machine.home} parked {tap_id} without a reason"
    if len(rows) > machine.limits.taps_max:
        yield f"S9 {machine.home} holds {len(rows)} taps of {machine.limits.taps_max}"


def _names(machine: Machine) -> Iterator[str]:
    """S8 and P8: a terminal knows the children of its own place, and none once it knows that it is revoked."""
    stored = RosterStore(machine.files.roster).load()
    state = machine.sync_state()
    if stored is None or machine.device_ref is None:
        return
    own = {child for place in PLACES if place.ref == stored.roster.structure_ref for child in place.children}
    if {child.child_ref for child in stored.roster.children} != own:
        yield f"S8 {machine.home} knows {[child.child_ref for child in stored.roster.children]}"
    if state is not None and state.revoked:
        yield f"P8 {machine.home} knows that it is revoked and keeps the names"


# -- after the healing --------------------------------------------------------------------------------------------


def _everything_arrived(scene: Scene) -> Iterator[str]:
    """L1 and P9's ground: each green gesture is on the server once, as a tap or apart, word for word."""
    kept = Counter(tuple(row[column] for column in CLAIM) for row in scene.taps)
    apart = Counter(row[1] for row in scene.quarantine if row[2] in ("malformed_tap", "content_conflict"))
    for one in scene.ledger.greens:
        count = kept[claim_of(one)] if not one.is_strange else 0
        if count == 1 or (apart[one.body] and (one.is_strange or scene.has_twins)):
            continue
        if one.tap.tap_id in scene.gone:
            continue
        yield f"L1 {'LOST' if count == 0 else 'DOUBLED'}: {one.tap.tap_id} of {one.home}, made at {one.true_at}"


def _no_hole(scene: Scene) -> Iterator[str]:
    """L2: each watermark is the highest number, but behind what is apart, or what people wiped before a restore.

    When another device sent what this one lacked, nobody speaks for this one any more: what all hold counts.
    """
    apart = b"\n".join(row[1] for row in scene.quarantine if row[0] is not None)
    excused = {one.tap.epoch for one in scene.ledger.greens if one.tap.tap_id in scene.gone}
    held: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in scene.taps:
        held[row["epoch"]][row["seq"]].add(row["device_id"])
    for device_id, epoch, watermark, last_seq in _epochs(scene):
        if watermark == last_seq or epoch in excused or epoch.encode() in apart:
            continue
        beyond = [held[epoch].get(seq, set()) for seq in range(watermark + 1, last_seq + 1)]
        if not all(beyond) or device_id in beyond[0]:
            yield f"L2 watermark {watermark} of {last_seq} in {epoch[:6]} of {scene.devices[device_id]}"
