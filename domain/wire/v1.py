"""Wire contract, version 1: what a terminal sends and what the server answers.

Small enough to simulate. A tap's content is frozen at the gesture: `payload_hash` must be the same on every
resend, so nothing that changes between attempts belongs in `TapV1`.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from domain.taps import Direction, TapKind

PROTOCOL = 1
BATCH_TAPS_MAX = 200
BATCH_BYTES_MAX = 256 * 1024
APART_MAX = 500
# A batch carries the clocks of at most this many boots.
CLOCKS_MAX = 40
# A report carries at most this many taps set aside; a terminal with more sends them in turn.
SET_ASIDE_MAX = 40
SET_ASIDE_BYTES_MAX = 3 * 1024

Identity = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Ref = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
BadgeUid = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{6,20}$")]
# Free text: anything but NUL, which PostgreSQL cannot hold.
NAME_PATTERN = r"^[^\x00]+$"
# 2**53: every JSON reader keeps such an integer exact.
ExactInt = Annotated[int, Field(ge=0, le=2**53)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Answer(BaseModel):
    """What a server says: a newer one may say more, and an older terminal passes over what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class TapV1(_Frozen):
    """One gesture. Exactly one subject (badge, child or typed name); an undo has none but names its target.

    `occurred_at` is the terminal's own clock in µs UTC, uncorrected; `clock_offset_ms` is the server's clock minus
    it, as last known `clock_offset_age_ms` before the gesture (docs/adr/0007).
    """

    tap_id: Identity
    epoch: Identity
    seq: Annotated[int, Field(ge=1, le=2**53)]
    kind: Annotated[TapKind, Field(strict=False)]
    badge_uid: BadgeUid | None = None
    child_ref: Ref | None = None
    typed_name: Annotated[str, StringConstraints(max_length=80, pattern=NAME_PATTERN)] | None = None
    undoes: Identity | None = None
    service_ref: Ref | None = None
    class_ref: Ref | None = None
    direction: Annotated[Direction | None, Field(strict=False)] = None
    agent_ref: Ref | None = None
    occurred_at: ExactInt
    mono_ms: ExactInt
    boot_id: Annotated[str, StringConstraints(max_length=64, pattern=NAME_PATTERN)]
    clock_offset_ms: Annotated[int, Field(ge=-(2**53), le=2**53)] | None = None
    clock_offset_age_ms: ExactInt | None = None

    @model_validator(mode="after")
    def _has_one_subject(self) -> Self:
        subjects = sum(value is not None for value in (self.badge_uid, self.child_ref, self.typed_name))
        if self.kind is TapKind.UNDO:
            if subjects or self.undoes is None:
                raise ValueError("an undo names the tap it takes back and nothing else")
        elif subjects != 1 or self.undoes is not None:
            raise ValueError("a tap has exactly one of badge_uid, child_ref, typed_name")
        if self.kind is TapKind.BADGE and self.badge_uid is None and self.child_ref is None:
            raise ValueError("a badge tap carries the badge read")
        return self

    def payload_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON: same id with another hash is a conflict, never a resend."""
        return hashlib.sha256(self.model_dump_json(exclude_none=True).encode()).hexdigest()


class _Open(BaseModel):
    """What a newer terminal may say more of: unknown keys are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class ClockV1(_Open):
    """A meeting with the server in one boot: the server's clock (µs UTC) when that boot had lasted `mono_ms`.

    It dates every tap of the boot, made before or after, whatever the terminal's own clock said.
    """

    boot_id: Annotated[str, StringConstraints(max_length=64, pattern=NAME_PATTERN)]
    mono_ms: ExactInt
    server_time: ExactInt


class BatchV1(_Open):
    """The body of `POST /v1/taps:batch`: taps of one terminal, oldest first.

    `clocks` speaks of the boots of these taps; it may differ at each attempt, and older terminals leave it out.
    """

    protocol: Literal[1]
    taps: Annotated[list[TapV1], Field(max_length=BATCH_TAPS_MAX)]
    clocks: Annotated[list[ClockV1], Field(max_length=CLOCKS_MAX)] = []


class TapStatus(StrEnum):
    """The server's answer for one tap; each of the three means the server holds it durably."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


class TapAnswerV1(_Answer):
    """The answer for the tap at `index` of the batch."""

    index: int
    tap_id: str | None
    status: Annotated[TapStatus, Field(strict=False)]
    reason: str | None = None


class BatchAnswerV1(_Answer):
    """Answers in the order of the batch; `acked_through` is the contiguous watermark per epoch."""

    protocol: Literal[1] = 1
    answers: list[TapAnswerV1]
    acked_through: dict[str, int]
    server_time: int


class EnrolRequestV1(_Frozen):
    """A new terminal shows the one-time code that staff gave it."""

    protocol: Literal[1] = 1
    code: Annotated[str, StringConstraints(min_length=4, max_length=32)]
    software_version: Annotated[str, StringConstraints(max_length=40)]
    hardware: Annotated[str, StringConstraints(max_length=80)] = ""


class EnrolAnswerV1(_Answer):
    """The terminal's identity and its secret; the server keeps only a hash of the token."""

    protocol: Literal[1] = 1
    device_ref: str
    token: str
    label: str
    structure_ref: str
    server_time: int


class EpochStateV1(_Answer):
    """What the server holds of one epoch: `watermark` is contiguous from 1, `last_seq` the highest seen.

    `held` counts the numbers kept: more than `watermark` when some wait behind a hole. A terminal that was told of
    more knows that the server lost some (restored from a backup). `digest` tells the contents kept under these
    numbers (domain.wire.digest): a restored server may hold those of a copy of this terminal. None from a server
    that does not say.
    """

    epoch: str
    watermark: int
    last_seq: int
    held: int
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None


class DeviceStateV1(_Answer):
    """The server's view of this terminal, so that a rebuilt one knows what is already kept.

    `apart` holds the SHA-256 of the latest APART_MAX contents in quarantine; None from a server that does not say.
    """

    protocol: Literal[1] = 1
    device_ref: str
    revoked: bool
    server_time: int
    epochs: list[EpochStateV1]
    apart: list[str] | None = None


class Room(StrEnum):
    """How full the memory of a terminal is: « scarce » is over its warning level, « full » refuses taps."""

    FREE = "free"
    SCARCE = "scarce"
    FULL = "full"


class SetAsideCause(StrEnum):
    """Why a terminal does not send a tap: the server refused it alone, or its place was taken after a repair."""

    PARKED = "parked"
    MISFIT = "misfit"


class SetAsideV1(_Open):
    """One tap that its terminal keeps and does not send: its bytes (base64) and the reason given there."""

    tap_id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NAME_PATTERN)]
    cause: Annotated[SetAsideCause, Field(strict=False)]
    reason: Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
    set_aside_at: ExactInt
    content: Annotated[str, StringConstraints(max_length=SET_ASIDE_BYTES_MAX * 4 // 3)]

    @field_validator("content")
    @classmethod
    def _is_base64(cls, content: str) -> str:
        base64.b64decode(content, validate=True)
        return content

    def body(self) -> bytes:
        """Return the bytes themselves."""
        return base64.b64decode(self.content)


class RecoveryV1(_Open):
    """What the last repair worth telling found (reliability notes, P7); counts of taps unless named otherwise."""

    recovered_at: ExactInt
    store_was_damaged: bool
    journals_damaged: ExactInt
    taps_found_again: ExactInt
    taps_missing: ExactInt


class ReportV1(_Open):
    """The body of `POST /v1/devices/me/report`: what only the terminal knows. The last one stands.

    `wall` is the terminal's own clock (µs UTC) when it wrote the report, `boot_id` the life of its machine;
    `parked` and `misfits` count everything set aside, `set_aside` shows the next of them.
    """

    protocol: Literal[1] = 1
    software_version: Annotated[str, StringConstraints(max_length=40, pattern=NAME_PATTERN)]
    wall: ExactInt
    boot_id: Annotated[str, StringConstraints(max_length=64, pattern=NAME_PATTERN)]
    pending: ExactInt
    oldest_pending_at: ExactInt | None = None
    parked: ExactInt
    misfits: ExactInt = 0
    room: Annotated[Room, Field(strict=False)]
    set_aside: Annotated[list[SetAsideV1], Field(max_length=SET_ASIDE_MAX)] = []
    recovery: RecoveryV1 | None = None


class ReportAnswerV1(_Answer):
    """The report is kept; `offer_again` names parked taps that this server can read now: send them once more."""

    protocol: Literal[1] = 1
    offer_again: list[str]
    server_time: int


class SlotV1(_Answer):
    """When a service is open at this place on one weekday (0 = Monday), in local minutes, half-open."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    start_minute: Annotated[int, Field(ge=0, le=1440)]
    end_minute: Annotated[int, Field(ge=0, le=1440)]


class ServiceV1(_Answer):
    """A service of this place with the rules that the terminal needs."""

    service_ref: str
    label: str
    kind: str
    slots: list[SlotV1]
    grace_minutes: int
    anti_bounce_seconds: int
    needs_departure: bool


class ClassV1(_Answer):
    """A class (or group) of this place."""

    class_ref: str
    label: str


class ChildV1(_Answer):
    """A child as the terminal may know it: names, class, badges, and the notes that serving staff must see.

    No birth date, address, phone, income or legal reason travels here (data minimisation, domain notes §7).
    """

    child_ref: str
    first_name: str
    last_name: str
    class_ref: str | None
    class_label: str | None = None
    badges: list[str]
    notes: list[str] = []


class ExpectedV1(_Answer):
    """The children expected at a service on a day; `options` names a formula where one was booked."""

    day: str
    service_ref: str
    child_refs: list[str]


class AgentV1(_Answer):
    """A member of staff who may unlock the staff area: PBKDF2-SHA256 of the personal code, checked offline."""

    agent_ref: str
    display_name: str
    code_hash: str


class RosterV1(_Answer):
    """Everything a terminal needs to work alone; `version` is also the ETag."""

    protocol: Literal[1] = 1
    version: str
    device_ref: str
    device_label: str
    structure_ref: str
    structure_label: str
    town_label: str
    is_training: bool
    timezone: str
    open_days: list[str]
    services: list[ServiceV1]
    classes: list[ClassV1]
    children: list[ChildV1]
    expected: list[ExpectedV1]
    agents: list[AgentV1]


class HealthV1(_Answer):
    """The server answers and can write: `change_seq` is how many operations its records hold."""

    protocol: Literal[1] = 1
    status: Literal["ok"] = "ok"
    server_time: int
    change_seq: int


class ErrorV1(_Answer):
    """A typed refusal: `code` for programs, `message` in French for people."""

    protocol: Literal[1] = 1
    code: str
    message: str
