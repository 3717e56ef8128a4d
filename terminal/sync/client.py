"""One request to the server and what its answer means. Nothing here decides or remembers anything.

Only a JSON answer in our own form counts as the server's word: a captive portal's page, a proxy's error or a cut
connection is a failure to reach it, and costs no tap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from domain.wire.v1 import (
    CLOCKS_MAX,
    BatchAnswerV1,
    ClockV1,
    DeviceStateV1,
    EnrolAnswerV1,
    EnrolRequestV1,
    ErrorV1,
    ReportAnswerV1,
    ReportV1,
    RosterV1,
)
from terminal.outbox.drafts import StoredTap

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 3.0, 10.0, 30.0
ANSWER_BYTES_MAX = 32 * 1024 * 1024
_BATCH_HEAD, _BATCH_CLOCKS, _BATCH_TAIL = b'{"protocol":1,"taps":[', b'],"clocks":[', b"]}"
# A boot id of 64 characters, each of them four bytes or escaped to six, two instants, their names.
_CLOCK_BYTES_MAX = 64 * 6 + 100
BATCH_OVERHEAD_BYTES = len(_BATCH_HEAD) + len(_BATCH_CLOCKS) + len(_BATCH_TAIL) + CLOCKS_MAX * _CLOCK_BYTES_MAX

Monotonic = Callable[[], float]
T = TypeVar("T", bound=BaseModel)


class Unreachable(Exception):
    """Nobody of ours answered, or asked us to come back later; `retry_after_seconds` is what was asked."""

    def __init__(self, reason: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds

    @property
    def words(self) -> str:
        """What staff are told: nothing is lost, and where to look."""
        return f"Le serveur ne répond pas ({self.reason}). Les passages sont gardés et partiront plus tard."


class NotOurs(Unreachable):
    """Something answered, but not our server: a captive portal, a proxy."""

    @property
    def words(self) -> str:
        """What staff are told."""
        return (
            f"Une autre machine répond à la place du serveur ({self.reason}). Le réseau demande peut-être "
            "une connexion. Les passages sont gardés et partiront plus tard."
        )


class Rejected(Exception):
    """The request as a whole was refused (400, 413, 422); `is_ours` says that our own server said so."""

    def __init__(self, status: int, error: ErrorV1 | None) -> None:
        super().__init__(f"{status} {error.code if error else 'untyped'}")
        self.status = status
        self.error = error

    @property
    def is_ours(self) -> bool:
        """True when the refusal came in our own form: a proxy's page must never park a tap."""
        return self.error is not None


class NotWelcome(Exception):
    """Our server refuses this terminal's token or code (401, 403); a proxy's page saying so is only Unreachable."""

    def __init__(self, error: ErrorV1) -> None:
        super().__init__(error.code)
        self.error = error


@dataclass(frozen=True, slots=True)
class RosterAnswer:
    """A newer roster with its ETag, or None when the stored one still holds."""

    roster: RosterV1 | None
    etag: str


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


class ServerClient:
    """The server as one terminal sees it, through an httpx client given by the caller."""

    def __init__(self, http: httpx.Client, monotonic: Monotonic = time.monotonic) -> None:
        self._http = http
        self._monotonic = monotonic

    def enrol(self, code: str, software_version: str) -> EnrolAnswerV1:
        """Exchange a one-time code for an identity. Raises NotWelcome, Rejected, Unreachable."""
        request = EnrolRequestV1(code=code, software_version=software_version)
        answer = self._ask("POST", "/v1/devices/enrol", "", request.model_dump_json().encode())
        return _parsed(answer, EnrolAnswerV1)

    def state(self, token: str) -> DeviceStateV1:
        """Return what the server holds of this terminal. Raises NotWelcome, Rejected, Unreachable."""
        return _parsed(self._ask("GET", "/v1/devices/me/state", token), DeviceStateV1)

    def roster(self, token: str, etag: str | None) -> RosterAnswer:
        """Return the roster if it changed. Raises NotWelcome, Rejected, Unreachable."""
        headers = {"If-None-Match": etag} if etag else {}
        answer = self._ask("GET", "/v1/devices/me/roster", token, headers=headers)
        if answer.status == httpx.codes.NOT_MODIFIED:
            if not etag:
                raise NotOurs("HTTP 304")
            return RosterAnswer(None, etag)
        return RosterAnswer(_parsed(answer, RosterV1), answer.headers.get("etag", ""))

    def send(self, token: str, batch: Sequence[StoredTap], clocks: Sequence[ClockV1] = ()) -> BatchAnswerV1:
        """Offer taps; each answer belongs to the tap of its index. Raises NotWelcome, Rejected, Unreachable.

        `clocks` are meetings with the server in the boots of these taps. A batch of none asks for the time alone.
        """
        taps = b",".join(tap.body for tap in batch)
        known = b",".join(clock.model_dump_json().encode() for clock in clocks)
        body = _BATCH_HEAD + taps + (_BATCH_CLOCKS + known if known else b"") + _BATCH_TAIL
        answer = _parsed(self._ask("POST", "/v1/taps:batch", token, body), BatchAnswerV1)
        for one in answer.answers:
            if not 0 <= one.index < len(batch) or one.tap_id not in (None, batch[one.index].tap_id):
                raise NotOurs("réponse à un autre envoi")
        return answer

    def report(self, token: str, report: ReportV1) -> ReportAnswerV1:
        """Tell what only this terminal knows. Raises NotWelcome, Rejected, Unreachable (by an older server too)."""
        body = report.model_dump_json(exclude_none=True).encode()
        return _parsed(self._ask("POST", "/v1/devices/me/report", token, body), ReportAnswerV1)

    def _ask(
        self,
        method: str,
        path: str,
        token: str,
        body: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> _Answer:
        sent = {"Accept": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        deadline = self._monotonic() + TOTAL_SECONDS
        try:
            with self._http.stream(method, path, content=body, headers=sent) as response:
                return _judge(_Answer(response.status_code, response.headers, self._read(response, deadline)))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(type(error).__name__) from error

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        """Read an answer within its total time and size: a server that drips bytes is not reachable (F8)."""
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > ANSWER_BYTES_MAX or self._monotonic() > deadline:
                raise Unreachable("réponse trop longue")
        return b"".join(parts)


def new_http_client(api: str) -> httpx.Client:
    """Return an HTTP client with our time-outs; a captive portal's redirect is not followed."""
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(base_url=api.rstrip("/"), timeout=timeout, follow_redirects=False)


def _judge(answer: _Answer) -> _Answer:
    if answer.status in (httpx.codes.OK, httpx.codes.NOT_MODIFIED):
        return answer
    error = _typed_error(answer.body)
    if answer.status in (400, 413, 422):
        raise Rejected(answer.status, error)
    if answer.status in (401, 403) and error is not None:
        raise NotWelcome(error)
    raise Unreachable(f"HTTP {answer.status}", _retry_after(answer.headers))


def _typed_error(body: bytes) -> ErrorV1 | None:
    try:
        return ErrorV1.model_validate_json(body)
    except ValidationError:
        return None


def _retry_after(headers: httpx.Headers) -> float:
    value = headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0


def _parsed(answer: _Answer, model: type[T]) -> T:
    try:
        return model.model_validate_json(answer.body)
    except ValidationError as error:
        raise NotOurs("réponse illisible") from error
