"""What a terminal asks of the server besides sending taps: its enrolment, its roster, its state."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import TypeAdapter, ValidationError

from domain.errors import NotAllowed
from domain.time import MICROS_PER_MINUTE, Clock
from domain.wire.v1 import (
    PROTOCOL,
    DeviceStateV1,
    EnrolAnswerV1,
    EnrolRequestV1,
    HealthV1,
    ReportAnswerV1,
    ReportV1,
    RosterV1,
)
from ingest_api import examples
from ingest_api.bodies import READ_SECONDS_MAX, ClientGone, read_body
from ingest_api.refusals import Refusal
from records.database import Records
from records.operations.contacts import device_state, note_contact
from records.operations.devices import KnownDevice, authenticate_device, enrol_device
from records.operations.quarantine import storage_errors
from records.operations.rosters import local_today, roster
from records.operations.terminal_reports import keep_report

WRONG_CODES_A_MINUTE_MAX = 20
BEARER = HTTPBearer(auto_error=False, description="Le jeton reçu à l'enrôlement du terminal")
_ROSTER = TypeAdapter(RosterV1)

_ENVELOPE = TypeAdapter(dict[str, object])

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
IfNoneMatch = Annotated[str | None, Header()]


async def _bounded_body(request: Request) -> bytes:
    """Return the body of a request, within the limits of a batch. Raises a Refusal."""
    try:
        body, is_whole = await read_body(request.receive, READ_SECONDS_MAX)
    except ClientGone:
        raise Refusal("invalid_request") from None
    if not is_whole:
        raise Refusal("report_too_large")
    return body


Body = Annotated[bytes, Depends(_bounded_body)]


@dataclass(slots=True)
class CodeThrottle:
    """Slows down whoever guesses codes: all guesses together, since behind a proxy all clients look the same."""

    clock: Clock
    wrong: deque[int] = field(default_factory=deque)

    def check(self) -> None:
        """Raise a Refusal when too many wrong codes came in the last minute."""
        while self.wrong and self.wrong[0] <= self.clock() - MICROS_PER_MINUTE:
            self.wrong.popleft()
        if len(self.wrong) >= WRONG_CODES_A_MINUTE_MAX:
            raise Refusal("too_many_attempts")

    def note(self) -> None:
        """Count one wrong code."""
        self.wrong.append(self.clock())


class DeviceRoutes:
    """The routes of terminals over these records; each runs in a thread of the pool."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._throttle = CodeThrottle(clock)

    def router(self) -> APIRouter:
        """Return the routes with their documentation."""
        router = APIRouter(prefix="/v1", tags=["terminaux"])
        answers = examples.answers
        router.post(
            "/devices/enrol",
            summary="Enrôler un terminal avec son code à usage unique",
            responses=answers("Enrôlé", examples.ENROLLED, "code_refused", "invalid_request", "too_many_attempts"),
            openapi_extra=examples.request_body(examples.ENROL),
        )(self.enrol)
        router.get(
            "/devices/me/roster",
            summary="Télécharger la liste du lieu",
            response_model=None,
            responses=answers("La liste", examples.ROSTER, "unknown_device", "device_revoked", "invalid_request")
            | {304: {"description": "La liste n'a pas changé depuis cet ETag"}},
        )(self.roster)
        router.get(
            "/devices/me/state",
            summary="Ce que le serveur détient de ce terminal",
            responses=answers("L'état", examples.STATE, "unknown_device"),
        )(self.state)
        router.post(
            "/devices/me/report",
            summary="Dire ce que le terminal seul sait de lui",
            responses=answers(
                "Gardé",
                examples.REPORT_ANSWER,
                *("unknown_device", "invalid_request", "unsupported_report", "report_too_large", "slow_request"),
            ),
            openapi_extra=examples.request_body(examples.REPORT),
        )(self.report)
        router.get(
            "/health",
            summary="Le serveur répond et sa base aussi",
            tags=["serveur"],
            responses=answers("Tout va bien", examples.HEALTH),
        )(self.health)
        return router

    def enrol(self, request: EnrolRequestV1) -> EnrolAnswerV1:
        """Échanger un code à usage unique contre un jeton. Le jeton n'est donné qu'ici, une fois."""
        self._throttle.check()
        with storage_errors(self._records):
            try:
                enrolled = enrol_device(self._records, request.code)
            except NotAllowed as refused:
                self._throttle.note()
                raise Refusal("code_refused", refused.message) from None
            now = self._clock()
            note_contact(self._records, enrolled.device_id, now, request.software_version)
        return EnrolAnswerV1(
            device_ref=enrolled.device_ref,
            token=enrolled.token,
            label=enrolled.label,
            structure_ref=enrolled.structure_ref,
            server_time=now,
        )

    def roster(self, credentials: Credentials, if_none_match: IfNoneMatch = None) -> Response:
        """Donner au terminal ce qu'il lui faut pour travailler seul. `version` est aussi l'ETag."""
        with storage_errors(self._records):
            device = self._heard(credentials)
            found = roster(self._records, device, local_today(self._records, device, self._clock()))
        headers = {"etag": f'"{found.version}"', "cache-control": "private, no-cache"}
        if if_none_match is not None and _names(if_none_match, found.version):
            return Response(status_code=304, headers=headers)
        return Response(_ROSTER.dump_json(found), headers=headers, media_type="application/json")

    def state(self, credentials: Credentials) -> DeviceStateV1:
        """Dire au terminal ce qui est déjà conservé, époque par époque."""
        with storage_errors(self._records):
            device = self._heard(credentials)
            return device_state(self._records, device, self._clock())

    def report(self, credentials: Credentials, body: Body) -> ReportAnswerV1:
        """Garder le dernier compte rendu du terminal. Le renvoyer est sans effet."""
        with storage_errors(self._records):
            device = self._authenticated(credentials)
            return keep_report(self._records, device, _read_report(body), self._clock())

    def health(self) -> HealthV1:
        """Dire que le serveur répond et que sa base se lit."""
        with storage_errors(self._records):
            return HealthV1(server_time=self._clock(), change_seq=self._records.change_seq())

    def _heard(self, credentials: HTTPAuthorizationCredentials | None) -> KnownDevice:
        """Return the terminal that asks, and note that it was heard. Raises a Refusal for a stranger."""
        device = self._authenticated(credentials)
        note_contact(self._records, device.device_id, self._clock())
        return device

    def _authenticated(self, credentials: HTTPAuthorizationCredentials | None) -> KnownDevice:
        device = authenticate_device(self._records, credentials.credentials) if credentials else None
        if device is None:
            raise Refusal("unknown_device")
        return device


def _read_report(body: bytes) -> ReportV1:
    """Return the report of a body. Raises a Refusal, which names a protocol of the future."""
    try:
        return ReportV1.model_validate_json(body)
    except ValidationError:
        code = "unsupported_report" if _is_of_the_future(body) else "invalid_request"
        raise Refusal(code) from None


def _is_of_the_future(body: bytes) -> bool:
    try:
        protocol = _ENVELOPE.validate_json(body).get("protocol")
    except ValidationError:
        return False
    return type(protocol) is int and protocol != PROTOCOL


def _names(if_none_match: str, version: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
    return version in tags or "*" in tags
