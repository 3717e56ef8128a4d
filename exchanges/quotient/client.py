"""Asking API Particulier about one person: time-outs, pace, attempts, and errors that say what they mean.

A 429, a 5xx or a broken connection is tried again with full-jitter back-off, or as late as the server asks.
A 404 before the CAF's monthly update means « wait » (CAF notes §4.1). Only figures leave this module.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import httpx

from domain.allocataires import EAJE, FOUND, NOT_FOUND, NOT_YET, QUOTIENT, REFUSED, Answer, Identity
from domain.money import round_half_up
from domain.quotients import published_from
from exchanges.quotient.access import Access
from exchanges.quotient.errors import (
    AccessRefused,
    AllocataireUnknown,
    NotPublishedYet,
    QuestionRefused,
    ServiceUnavailable,
)
from exchanges.quotient.private_logs import keep_logs_private
from exchanges.quotient.shapes import (
    EajeAnswer,
    ErrorSource,
    QuotientAnswer,
    first_error,
    is_masked,
    read_shape,
)

PATHS = {
    QUOTIENT: "/v3/dss/quotient_familial/identite",
    EAJE: "/v3/dss/participation_familiale_eaje/identite",
}
CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
ATTEMPTS_MAX = 5
FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX = 0.5, 30.0
ASKED_WAIT_SECONDS_MAX = 120.0
ANSWER_BYTES_MAX = 1_000_000
YEARS_BEFORE = 2  # EAJE fees rest on the income of N-2
Parameters = list[tuple[str, str | int | float | bool | None]]
_TOO_MANY = 429
_UNREADABLE = "réponse qui n'est pas celle d'API Particulier"


@dataclass
class Timing:
    """What the client needs of time and chance, given by the caller so that tests own it."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    share: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    retry_after: str | None


class ApiParticulier:
    """The API as one collectivity sees it. Close it, or use it as a context manager."""

    def __init__(self, access: Access, timing: Timing | None = None) -> None:
        keep_logs_private()
        self._access = access
        self._timing = timing or Timing()
        self._next_call_at = 0.0
        self._http = httpx.Client(
            base_url=access.url,
            headers={"Authorization": f"Bearer {access.token}", "Accept": "application/json"},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    def __enter__(self) -> ApiParticulier:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def ask(self, endpoint: str, identity: Identity, month: date, today: date) -> Answer:
        """Return what the API knows of a person for a month (its first day). `endpoint` is QUOTIENT or EAJE.

        Raises AllocataireUnknown, NotPublishedYet, QuestionRefused (the next person may be asked), AccessRefused
        (nobody else is worth asking), ServiceUnavailable (later).
        """
        parameters = _parameters(identity, self._access.siret)
        if endpoint == QUOTIENT:
            parameters += [("annee", str(month.year)), ("mois", str(month.month))]
        reply = self._patiently(PATHS[endpoint], parameters)
        proof = hashlib.sha256(reply.body).hexdigest()
        if reply.status == httpx.codes.OK:
            return _found(endpoint, reply.body, month, proof)
        error = first_error(reply.body)
        if reply.status == httpx.codes.NOT_FOUND and error.code:
            is_early = month == today.replace(day=1) and today < published_from(month) and endpoint == QUOTIENT
            answer = Answer(endpoint, month, NOT_YET if is_early else NOT_FOUND, 404, proof, error.code)
            raise NotPublishedYet(answer) if is_early else AllocataireUnknown(answer)
        if reply.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN) or _is_about_us(error.source):
            raise AccessRefused(error.title or f"HTTP {reply.status}", status=reply.status, error_code=error.code)
        if reply.status in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY):
            raise QuestionRefused(Answer(endpoint, month, REFUSED, reply.status, proof, error.code))
        raise ServiceUnavailable(_UNREADABLE, status=reply.status)

    def _patiently(self, path: str, parameters: Parameters) -> _Reply:
        """Ask until there is an answer worth reading, a few times. Raises ServiceUnavailable."""
        reason = ""
        for attempt in range(ATTEMPTS_MAX):
            asked_wait: str | None = None
            try:
                reply = self._once(path, parameters)
            except httpx.HTTPError as error:
                reason = type(error).__name__
            else:
                if reply.status != _TOO_MANY and reply.status < 500:
                    return reply
                reason, asked_wait = f"HTTP {reply.status}", reply.retry_after
            if attempt < ATTEMPTS_MAX - 1:
                self._timing.sleep(self._wait(attempt, asked_wait))
        raise ServiceUnavailable(reason, attempts=ATTEMPTS_MAX)

    def _once(self, path: str, parameters: Parameters) -> _Reply:
        self._keep_pace()
        with self._http.stream("GET", path, params=parameters) as response:
            parts, size = [], 0
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > ANSWER_BYTES_MAX:
                    raise httpx.DecodingError("answer too long")
            return _Reply(response.status_code, b"".join(parts), response.headers.get("Retry-After"))

    def _keep_pace(self) -> None:
        """Wait until the next call is allowed: one token may not ask more than so many times a second."""
        now = self._timing.monotonic()
        if now < self._next_call_at:
            self._timing.sleep(self._next_call_at - now)
            now = self._next_call_at
        self._next_call_at = now + 1.0 / self._access.calls_per_second

    def _wait(self, attempt: int, asked: str | None) -> float:
        longest = min(WAIT_SECONDS_MAX, FIRST_WAIT_SECONDS * (1 << attempt))
        wanted = longest * self._timing.share()
        if asked is not None and asked.isdigit():
            return max(wanted, min(float(asked), ASKED_WAIT_SECONDS_MAX))
        return wanted


def _parameters(identity: Identity, siret: str) -> Parameters:
    """Return what is said of a person: the birth name and all that is known, since each lessens the homonyms."""
    given: Parameters = [("recipient", siret), ("nomNaissance", identity.last_name)]
    given += [("prenoms[]", name) for name in identity.first_names]
    optional: Parameters = [
        ("nomUsage", identity.used_name if identity.used_name != identity.last_name else None),
        ("sexeEtatCivil", identity.sex),
        ("codeCogInseePaysNaissance", identity.birth_country_code),
        ("codeCogInseeCommuneNaissance", identity.birth_commune_code),
    ]
    if identity.birth_date is not None:
        day = identity.birth_date
        optional += [
            ("anneeDateNaissance", day.year),
            ("moisDateNaissance", day.month),
            ("jourDateNaissance", day.day),
        ]
    return given + [each for each in optional if each[1] is not None]


def _found(endpoint: str, body: bytes, month: date, proof: str) -> Answer:
    if endpoint == QUOTIENT:
        quotient = read_shape(QuotientAnswer, body)
        if quotient is None:
            raise _without_figure(endpoint, body)
        figure = quotient.data.quotient_familial
        return Answer(
            endpoint,
            date(figure.annee, figure.mois, 1),
            FOUND,
            200,
            proof,
            provider=figure.fournisseur,
            value_e2=int(round_half_up(figure.valeur) * 100),
        )
    eaje = read_shape(EajeAnswer, body)
    if eaje is None:
        raise _without_figure(endpoint, body)
    parameters = eaje.data.parametres_calcul_participation_familiale
    resources = parameters.base_ressources_annuelles
    return Answer(
        endpoint,
        month,
        FOUND,
        200,
        proof,
        annual_cents=int(round_half_up(resources.valeur) * 100),
        # For the MSA the API tells the current year instead of N-2 (its own warning); the amount is right.
        income_year=min(resources.annee_calcul, month.year - YEARS_BEFORE),
        children=parameters.nombre_enfants_a_charge,
        aeeh=parameters.nombre_enfants_beneficiaire_aeeh,
    )


def _without_figure(endpoint: str, body: bytes) -> AccessRefused | ServiceUnavailable:
    """An answer without its figure: scopes mask what the habilitation does not give; else it is not the API."""
    if is_masked(endpoint, body):
        return AccessRefused("l'habilitation ne donne pas cette donnée", status=200)
    return ServiceUnavailable(_UNREADABLE, status=200)


def _is_about_us(source: ErrorSource | None) -> bool:
    """Say whether an error blames who asks, not who is asked about."""
    return source is not None and source.parameter in ("recipient", "token")
