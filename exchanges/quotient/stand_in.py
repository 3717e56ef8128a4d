"""A local stand-in of API Particulier v3, over real HTTP: same paths, parameters, token, errors and JSON shapes.

It answers about the imaginary people of a register, for the demo town and for tests. As the CAF does, it knows
nobody before its monthly update; as the API does, it refuses a wrong token, a missing SIRET and too many calls.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.allocataires import EAJE, FRANCE
from domain.quotients import published_from
from exchanges.quotient.client import PATHS
from exchanges.quotient.register import Dossier, Register

LOOPBACK = "127.0.0.1"
_PROVIDER = {"provider": "CNAV"}
_YEARS_KEPT = 2


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    content: dict[str, Any]
    retry_after: int | None = None


@dataclass
class StandIn:
    """What answers, one question at a time; `questions` counts those that were read."""

    register: Register
    today: Callable[[], date]
    monotonic: Callable[[], float] = time.monotonic
    questions: int = 0
    _calls: deque[float] = field(default_factory=deque)
    _failures: dict[int, deque[int]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, query: str, authorization: str) -> _Reply:
        """Return the answer to a GET."""
        endpoint = next((name for name, known in PATHS.items() if known == path), None)
        if endpoint is None:
            return _Reply(404, {})
        with self._turn:
            self.questions += 1
            if authorization != f"Bearer {self.register.token}":
                return _error(401, "00101", "Interdit", "token")
            if self._is_too_much():
                return _Reply(429, _errors("00429", "Trop de requêtes", None), retry_after=1)
            return self._judge(endpoint, parse_qs(query))

    def _judge(self, endpoint: str, asked: dict[str, list[str]]) -> _Reply:
        wrong = _wrong_parameter(asked)
        if wrong is not None:
            return wrong
        today = self.today()
        month = date(int(_one(asked, "annee") or today.year), int(_one(asked, "mois") or today.month), 1)
        if month > today:
            return _error(400, "00354", "Entité non traitable", "mois")
        if month.year < today.year - _YEARS_KEPT:
            return _error(422, "00356", "Entité non traitable", "annee")
        dossier = self.register.find(asked)
        if dossier is None:
            return _not_found()
        failures = self._failures.setdefault(id(dossier), deque(dossier.failures))
        if failures:
            return _failure(failures.popleft())
        return _eaje(dossier, today) if endpoint == EAJE else self._quotient(dossier, month, today)

    def _quotient(self, dossier: Dossier, month: date, today: date) -> _Reply:
        value = dossier.quotient_of(month)
        is_early = month == today.replace(day=1) and today < published_from(month)
        if value is None or (dossier.fournisseur == "CNAF" and is_early):
            return _not_found()
        figure = {
            "fournisseur": dossier.fournisseur,
            "valeur": value,
            "annee": month.year,
            "mois": month.month,
            "annee_calcul": today.year,
            "mois_calcul": today.month,
        }
        return _Reply(200, _data(dossier, {"quotient_familial": figure}))

    def _is_too_much(self) -> bool:
        now = self.monotonic()
        while self._calls and self._calls[0] <= now - 1:
            self._calls.popleft()
        if len(self._calls) >= self.register.calls_per_second:
            return True
        self._calls.append(now)
        return False


@contextmanager
def running(register: Register, today: Callable[[], date]) -> Iterator[str]:
    """Serve a register on any free port of loopback; yields the address."""
    with serving(StandIn(register, today)) as url:
        yield url


@contextmanager
def serving(stand_in: StandIn) -> Iterator[str]:
    """Serve a stand-in on any free port of loopback; yields the address."""
    server = ThreadingHTTPServer((LOOPBACK, 0), _handler(stand_in))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="api-particulier", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            reply = stand_in.answer(address.path, address.query, self.headers.get("Authorization", ""))
            body = json.dumps(reply.content, ensure_ascii=False).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if reply.retry_after is not None:
                self.send_header("Retry-After", str(reply.retry_after))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the library
            """Say nothing: the address of a question is somebody's identity."""

    return Handler


def _eaje(dossier: Dossier, today: date) -> _Reply:
    if dossier.resources is None:
        return _not_found()
    amount, year = dossier.resources
    parameters = {
        "nombre_enfants_a_charge": len(dossier.enfants),
        "nombre_enfants_beneficiaire_aeeh": dossier.aeeh,
        "base_ressources_annuelles": {
            "valeur": amount,
            # As the API warns of itself: the MSA's year is the current one, whatever year the amount is of.
            "annee_calcul": today.year if dossier.fournisseur == "MSA" else year,
        },
    }
    return _Reply(200, _data(dossier, {"parametres_calcul_participation_familiale": parameters}))


def _data(dossier: Dossier, figures: dict[str, Any]) -> dict[str, Any]:
    first = dossier.allocataires[0]
    civility = "Madame" if first.sexe == "F" else "Monsieur"
    address = {
        "destinataire": f"{civility} {first.nom_naissance} {first.prenoms}",
        "complement_information": None,
        "complement_information_geographique": None,
        "numero_libelle_voie": "1 RUE DE LA GARE",
        "lieu_dit": None,
        "code_postal_ville": "00000 VILLE IMAGINAIRE",
        "pays": "FRANCE",
    }
    people = {
        "allocataires": [asdict(each) for each in dossier.allocataires],
        "enfants": [asdict(each) for each in dossier.enfants],
        "adresse": address,
    }
    return {"data": {**people, **figures}, "links": {}, "meta": {}}


def _wrong_parameter(asked: dict[str, list[str]]) -> _Reply | None:
    recipient = _one(asked, "recipient")
    if not recipient:
        return _error(422, "00203", "Entité non traitable", "recipient")
    if len(recipient) != 14 or not recipient.isdigit():
        return _error(422, "00210", "Entité non traitable", "recipient")
    if not _one(asked, "nomNaissance"):
        return _error(422, "00361", "Entité non traitable", "nomNaissance")
    if not asked.get("prenoms[]"):
        return _error(422, "00367", "Entité non traitable", "prenoms")
    country = _one(asked, "codeCogInseePaysNaissance")
    is_placed = country == FRANCE and not _one(asked, "codeCogInseeCommuneNaissance")
    if len(country) != len(FRANCE) or is_placed:
        return _error(422, "00366", "Entité non traitable", "codeCogInseePaysNaissance")
    for name, code, longest in (("annee", "00353", 9999), ("mois", "00354", 12)):
        said = _one(asked, name)
        if said and (not said.isdigit() or not 1 <= int(said) <= longest):
            return _error(422, code, "Entité non traitable", name)
    return None


def _one(asked: dict[str, list[str]], name: str) -> str:
    return (asked.get(name) or [""])[0]


def _failure(status: int) -> _Reply:
    codes = {429: "00429", 502: "37999", 503: "37001", 504: "37002"}
    titles = {429: "Trop de requêtes", 504: "Intermédiaire hors-délai"}
    return _Reply(status, _errors(codes.get(status, "37000"), titles.get(status, "Service non disponible"), None))


def _not_found() -> _Reply:
    return _Reply(404, _errors("37003", "Dossier allocataire absent CNAV", None))


def _error(status: int, code: str, title: str, parameter: str) -> _Reply:
    return _Reply(status, _errors(code, title, parameter))


def _errors(code: str, title: str, parameter: str | None) -> dict[str, Any]:
    source = None if parameter is None else {"parameter": parameter}
    meta = _PROVIDER if parameter is None else {}
    return {"errors": [{"code": code, "title": title, "detail": title, "source": source, "meta": meta}]}
