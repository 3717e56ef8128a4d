"""What the sync process tells the screens, through the outbox: they share nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from terminal.outbox.store import Store


@dataclass(frozen=True, slots=True)
class ClockAnchor:
    """One reading of the server's clock (µs UTC) beside this machine's wall and monotonic clocks."""

    server_time: int
    wall: int
    mono_ms: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where sending stands. Instants are µs UTC of this machine's wall clock."""

    enrolled: bool = False
    device_label: str = ""
    reachable: bool = False
    last_attempt_at: int | None = None
    last_success_at: int | None = None
    needs_enrolment: bool = False  # the server refused this terminal's token: taps wait, nothing is lost
    revoked: bool = False  # an administrator withdrew this terminal: names were wiped
    anchor: ClockAnchor | None = None
    roster_version: str | None = None
    roster_at: int | None = None
    message: str = ""  # French, for staff


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """A one-time code typed on the screen, waiting for the sync process; `outcome` is None until it answered."""

    code: str
    asked_at: int
    outcome: str | None = None  # "accepted" or "refused"
    message: str = ""


def load_sync_state(store: Store) -> SyncState:
    """Return the last state the sync process wrote; the default one before its first word."""
    rows = store.rows(
        "SELECT enrolled, device_label, reachable, last_attempt_at, last_success_at, needs_enrolment, revoked,"
        " server_time, wall_at, mono_ms, boot_id, roster_version, roster_at, message FROM sync_state"
    )
    if not rows:
        return SyncState()
    (enrolled, label, reachable, attempt, success, needs, revoked, *clock, version, roster_at, message) = rows[0]
    return SyncState(
        enrolled=bool(enrolled),
        device_label=str(label),
        reachable=bool(reachable),
        last_attempt_at=cast(int | None, attempt),
        last_success_at=cast(int | None, success),
        needs_enrolment=bool(needs),
        revoked=bool(revoked),
        anchor=None if clock[0] is None else ClockAnchor(*cast(tuple[int, int, int, str], tuple(clock))),
        roster_version=cast(str | None, version),
        roster_at=cast(int | None, roster_at),
        message=str(message),
    )


def save_sync_state(store: Store, state: SyncState) -> None:
    """Replace the state that screens read."""
    anchor = state.anchor
    clock = (None,) * 4 if anchor is None else (anchor.server_time, anchor.wall, anchor.mono_ms, anchor.boot_id)
    with store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO sync_state (id, enrolled, device_label, reachable, last_attempt_at,"
            " last_success_at, needs_enrolment, revoked, server_time, wall_at, mono_ms, boot_id,"
            " roster_version, roster_at, message) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(state.enrolled, state.device_label, state.reachable, state.last_attempt_at),
                *(state.last_success_at, state.needs_enrolment, state.revoked),
                *clock,
                *(state.roster_version, state.roster_at, state.message),
            ),
        )


def ask_enrolment(store: Store, code: str, at: int) -> None:
    """Leave a one-time code for the sync process to try."""
    with store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO enrolment (id, code, asked_at, outcome, message) VALUES (1, ?, ?, NULL, '')",
            (code, at),
        )


def enrolment_request(store: Store) -> EnrolmentRequest | None:
    """Return the code left on the screen and what became of it, if any."""
    rows = store.rows("SELECT code, asked_at, outcome, message FROM enrolment")
    if not rows:
        return None
    code, asked_at, outcome, message = rows[0]
    return EnrolmentRequest(str(code), cast(int, asked_at), cast(str | None, outcome), str(message))


def answer_enrolment(store: Store, outcome: str | None, message: str) -> None:
    """Say what became of the code; an answered code is forgotten."""
    with store.transaction() as db:
        db.execute(
            "UPDATE enrolment SET outcome = ?, message = ?, code = CASE WHEN ? IS NULL THEN code ELSE '' END",
            (outcome, message, outcome),
        )
