"""The examples of the OpenAPI page: real models, so that an example cannot contradict the contract."""

from __future__ import annotations

import base64
from typing import Any

from pydantic import BaseModel

from domain.french import typeset
from domain.taps import Direction, TapKind
from domain.wire.v1 import (
    AgentV1,
    BatchAnswerV1,
    BatchV1,
    ChildV1,
    ClassV1,
    ClockV1,
    DeviceStateV1,
    EnrolAnswerV1,
    EnrolRequestV1,
    EpochStateV1,
    ErrorV1,
    ExpectedV1,
    HealthV1,
    RecoveryV1,
    ReportAnswerV1,
    ReportV1,
    Room,
    RosterV1,
    ServiceV1,
    SetAsideCause,
    SetAsideV1,
    SlotV1,
    TapAnswerV1,
    TapStatus,
    TapV1,
)
from ingest_api.refusals import MESSAGES, STATUS_OF

_NOW = 1_790_150_400_000_000
_TAP_ID, _EPOCH = "7f0c4c5de51d4f6f9b3a0d2c8e1f6a54", "0d6a2f4b9c8e4d1fa7b35c60e2918347"

BATCH = BatchV1(
    protocol=1,
    taps=[
        TapV1(
            tap_id=_TAP_ID,
            epoch=_EPOCH,
            seq=41,
            kind=TapKind.BADGE,
            badge_uid="04A1B2C3D4",
            service_ref="garderie-matin",
            direction=Direction.ARRIVAL,
            occurred_at=_NOW,
            mono_ms=7_206_120,
            boot_id="5a1f0c2e-boot",
            clock_offset_ms=-120,
            clock_offset_age_ms=61_000,
        )
    ],
    clocks=[ClockV1(boot_id="5a1f0c2e-boot", mono_ms=7_145_120, server_time=_NOW - 61_120_000)],
)
ANSWER = BatchAnswerV1(
    answers=[TapAnswerV1(index=0, tap_id=_TAP_ID, status=TapStatus.STORED)],
    acked_through={_EPOCH: 41},
    server_time=_NOW + 350_000,
)
ENROL = EnrolRequestV1(code="K7TX-M2QP", software_version="0.1.0", hardware="Raspberry Pi 4")
ENROLLED = EnrolAnswerV1(
    device_ref="borne-jules-ferry",
    token="dG9rZW4tZXhhbXBsZS1ub3QtYS1zZWNyZXQ",  # noqa: S106
    label="Borne de l'entrée",
    structure_ref="jules-ferry",
    server_time=_NOW,
)
STATE = DeviceStateV1(
    device_ref="borne-jules-ferry",
    revoked=False,
    server_time=_NOW,
    epochs=[EpochStateV1(epoch=_EPOCH, watermark=41, last_seq=43, held=42, digest="5d" * 16)],
    apart=[],
)
ROSTER = RosterV1(
    version="9b2d1f0c",
    device_ref="borne-jules-ferry",
    device_label="Borne de l'entrée",
    structure_ref="jules-ferry",
    structure_label="École Jules-Ferry",
    town_label="Collectivité d'exemple",
    is_training=True,
    timezone="Europe/Paris",
    open_days=["2026-09-24", "2026-09-25"],
    services=[
        ServiceV1(
            service_ref="garderie-matin",
            label="Garderie du matin",
            kind="morning_care",
            slots=[SlotV1(weekday=3, start_minute=430, end_minute=510)],
            grace_minutes=15,
            anti_bounce_seconds=120,
            needs_departure=False,
        )
    ],
    classes=[ClassV1(class_ref="ce1-a", label="CE1 A")],
    children=[
        ChildV1(
            child_ref="enfant-17",
            first_name="Léa",
            last_name="Fournier",
            class_ref="ce1-a",
            class_label="CE1 A",
            badges=["04A1B2C3D4"],
            notes=["▲ PAI arachide", "Sans porc"],
        )
    ],
    expected=[ExpectedV1(day="2026-09-24", service_ref="garderie-matin", child_refs=["enfant-17"])],
    agents=[AgentV1(agent_ref="agent-3", display_name="Claire F.", code_hash="pbkdf2_sha256$200000$00ff$00ff")],
)
REPORT = ReportV1(
    software_version="0.1.0",
    wall=_NOW - 120_000,
    boot_id="5a1f0c2e-boot",
    pending=3,
    oldest_pending_at=_NOW - 600_000_000,
    parked=1,
    room=Room.FREE,
    set_aside=[
        SetAsideV1(
            tap_id=_TAP_ID,
            cause=SetAsideCause.PARKED,
            reason="Ce lot est illisible.",
            set_aside_at=_NOW - 60_000_000,
            content=base64.b64encode(BATCH.taps[0].model_dump_json(exclude_none=True).encode()).decode(),
        )
    ],
    recovery=RecoveryV1(
        recovered_at=_NOW - 3_600_000_000,
        store_was_damaged=True,
        journals_damaged=0,
        taps_found_again=212,
        taps_missing=0,
    ),
)
REPORT_ANSWER = ReportAnswerV1(offer_again=[_TAP_ID], server_time=_NOW)
HEALTH = HealthV1(server_time=_NOW, change_seq=1284)


def example(model: BaseModel) -> Any:
    """Return a model as the JSON it travels as."""
    return model.model_dump(mode="json", exclude_none=True)


def request_body(model: BaseModel) -> dict[str, Any]:
    """Return the documented body of a request."""
    content = _content({"exemple": example(model)})
    content["application/json"]["schema"] = {"$ref": f"#/components/schemas/{type(model).__name__}"}
    return {"requestBody": {"content": content, "required": True}}


def answers(description: str, model: BaseModel, *refusals: str) -> dict[int | str, dict[str, Any]]:
    """Return the documented answers of an address: the good one, and each refusal by code with its words."""
    good = {"description": description, "model": type(model), "content": _content({"exemple": example(model)})}
    found: dict[int | str, dict[str, Any]] = {200: good}
    for code in (*refusals, "storage_unavailable", "internal_error"):
        status = int(STATUS_OF[code]) if code in STATUS_OF else 500
        refusal = found.setdefault(status, {"description": "", "model": ErrorV1, "content": _content({})})
        refusal["description"] = ", ".join(filter(None, [refusal["description"], code]))
        refusal["content"]["application/json"]["examples"][code] = {
            "value": example(ErrorV1(code=code, message=typeset(MESSAGES[code])))
        }
    return found


def _content(examples: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"examples": {name: {"value": value} for name, value in examples.items()}}}
