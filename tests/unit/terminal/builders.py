"""Small, explicit makers of drafts, moments and rosters for the terminal's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from domain.taps import Direction, TapKind
from domain.time import instant_at
from domain.wire.v1 import AgentV1, ChildV1, ClassV1, ExpectedV1, RosterV1, ServiceV1, SlotV1
from terminal.outbox import Moment, Outbox, OutboxLimits, TapDraft

ZONE = "Europe/Paris"
TUESDAY = date(2026, 11, 24)
BOOT = "boot-1"
UIDS = {"lea": "04A1B2C3D4E5F6", "noe": "04000000000002", "ines": "04000000000003", "tom": "04000000000004"}


def instant(hour: int, minute: int = 0, day: date = TUESDAY) -> int:
    """Return a local wall-clock time of the test town as µs UTC."""
    return instant_at(day, hour * 60 + minute, ZONE)


def moment(at: int | None = None, mono_ms: int | None = None, **fields: Any) -> Moment:
    """Return a moment; the monotonic clock follows the wall unless given."""
    wall = instant(8, 2) if at is None else at
    mono = (wall - instant(0)) // 1000 if mono_ms is None else mono_ms
    return Moment(wall, mono, BOOT, **fields)


def badge(uid: str = UIDS["lea"], at: int | None = None, **fields: Any) -> TapDraft:
    """Return the draft of a badge read."""
    return TapDraft(TapKind.BADGE, moment(at), badge_uid=uid, service_ref="morning", **fields)


def roll_call(child: str, at: int | None = None, **fields: Any) -> TapDraft:
    """Return the draft of a child stated present (or otherwise) by a person."""
    values = {"service_ref": "morning", "direction": Direction.ARRIVAL, **fields}
    return TapDraft(TapKind.ROLL_CALL, moment(at), child_ref=child, **values)


def outbox(folder: Path, **limits: Any) -> Outbox:
    """Open an outbox with a clock that stands still."""
    return Outbox(folder, clock_at(instant(8, 2)), OutboxLimits(**limits))


def clock_at(at: int) -> Callable[[], int]:
    """Return a clock that always says `at`."""
    return lambda: at


def roster(**changes: Any) -> RosterV1:
    """Return the roster of a small school: two classes, four children, three services, two agents."""
    days = [0, 1, 3, 4]
    values: dict[str, Any] = {
        "version": "r1",
        "device_ref": "borne-1",
        "device_label": "Borne du hall",
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "town_label": "Ville d'essai",
        "is_training": False,
        "timezone": ZONE,
        "open_days": [TUESDAY.isoformat(), "2026-11-26", "2026-11-27"],
        "services": [
            service("morning", "Garderie du matin", "morning_care", (450, 510), days, needs_departure=False),
            service("canteen", "Cantine", "canteen", (690, 810), days, needs_departure=False),
            service("evening", "Garderie du soir", "evening_care", (990, 1110), days, needs_departure=True),
        ],
        "classes": [ClassV1(class_ref="ce1", label="CE1"), ClassV1(class_ref="ps", label="PS")],
        "children": [
            child("lea", "Léa", "Fournier", "ce1", "CE1"),
            child("noe", "Noé", "Fournier", "ps", "PS"),
            child("ines", "Inès", "Belkacem", "ce1", "CE1", notes=["▲ PAI arachide"]),
            child("tom", "Tom", "Garnier", "ce1", "CE1"),
        ],
        "expected": [
            expected("morning", "lea", "noe"),
            expected("canteen", "lea", "ines", "tom"),
            expected("evening", "lea", "noe", "ines"),
        ],
        "agents": [
            AgentV1(agent_ref="amina", display_name="Amina B.", code_hash="1234"),
            AgentV1(agent_ref="julie", display_name="Julie P.", code_hash="9876"),
        ],
    }
    return RosterV1(**{**values, **changes})


def service(
    ref: str, label: str, kind: str, slot: tuple[int, int], weekdays: list[int], needs_departure: bool
) -> ServiceV1:
    """Return a service open at the same local minutes on some weekdays."""
    return ServiceV1(
        service_ref=ref,
        label=label,
        kind=kind,
        slots=[SlotV1(weekday=day, start_minute=slot[0], end_minute=slot[1]) for day in weekdays],
        grace_minutes=15,
        anti_bounce_seconds=300,
        needs_departure=needs_departure,
    )


def child(ref: str, first: str, last: str, class_ref: str, class_label: str, **fields: Any) -> ChildV1:
    """Return a child with its own badge, if one is listed in UIDS."""
    values = {"badges": [UIDS[ref]] if ref in UIDS else [], "notes": [], **fields}
    return ChildV1(
        child_ref=ref, first_name=first, last_name=last, class_ref=class_ref, class_label=class_label, **values
    )


def expected(service_ref: str, *children: str) -> ExpectedV1:
    """Return who is expected on the test Tuesday."""
    return ExpectedV1(day=TUESDAY.isoformat(), service_ref=service_ref, child_refs=list(children))
