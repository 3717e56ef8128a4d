"""A school's roster for terminal tests: one class, three children, services open all day every day."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from domain.wire.v1 import AgentV1, ChildV1, ClassV1, ExpectedV1, RosterV1, ServiceV1, SlotV1

AGENT_CODE = "2468"
DAY = date(2026, 11, 24)
LEA_UID, NOE_UID, TOM_UID = "04A1B2C3D4E5F6", "04000000000001", "0A000003E8"


def agent_code_hash(code: str = AGENT_CODE, rounds: int = 10) -> str:
    """Return a cheap hash of a personal code, in the server's form."""
    salt = b"sel d'essai"
    digest = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, rounds)
    return f"pbkdf2_sha256${rounds}${salt.hex()}${digest.hex()}"


def all_week(start_minute: int = 0, end_minute: int = 1440) -> list[SlotV1]:
    """Return the same slot every weekday."""
    return [SlotV1(weekday=day, start_minute=start_minute, end_minute=end_minute) for day in range(7)]


def a_service(ref: str = "garderie-soir", **changes: Any) -> ServiceV1:
    """Return an evening care that needs departures, with an anti-bounce of five minutes."""
    fields: dict[str, Any] = {
        "service_ref": ref,
        "label": "Garderie du soir",
        "kind": "evening_care",
        "slots": all_week(),
        "grace_minutes": 0,
        "anti_bounce_seconds": 300,
        "needs_departure": True,
    }
    return ServiceV1(**{**fields, **changes})


def children() -> list[ChildV1]:
    """Return Léa and Noé, who badge, and Tom, whose badge is a 125 kHz one."""
    return [
        ChildV1(
            child_ref=ref,
            first_name=first,
            last_name=last,
            class_ref="ce1",
            class_label="CE1",
            badges=[uid],
            notes=notes,
        )
        for ref, first, last, uid, notes in (
            ("lea", "Léa", "Fournier", LEA_UID, ["Sans porc"]),
            ("noe", "Noé", "Fournier", NOE_UID, []),
            ("tom", "Tom", "Garnier", TOM_UID, ["▲ PAI arachide"]),
        )
    ]


def a_roster(day: date = DAY, **changes: Any) -> RosterV1:
    """Return the roster; Léa and Noé are expected at the evening care on `day` and the days around it."""
    services = changes.pop("services", [a_service()])
    fields: dict[str, Any] = {
        "version": "v1",
        "device_ref": "borne-1",
        "device_label": "Borne de l’entrée",
        "structure_ref": "tilleuls",
        "structure_label": "Les Tilleuls",
        "town_label": "Ville d’essai",
        "is_training": False,
        "timezone": "Europe/Paris",
        "open_days": [(day + timedelta(days=offset)).isoformat() for offset in range(-1, 8)],
        "services": services,
        "classes": [ClassV1(class_ref="ce1", label="CE1"), ClassV1(class_ref="cm2", label="CM2")],
        "children": children(),
        "expected": [
            ExpectedV1(
                day=(day + timedelta(days=offset)).isoformat(),
                service_ref=services[0].service_ref,
                child_refs=["lea", "noe"],
            )
            for offset in range(-1, 8)
        ],
        "agents": [AgentV1(agent_ref="amina", display_name="Amina B.", code_hash=agent_code_hash())],
    }
    return RosterV1(**{**fields, **changes})
