"""A server small enough to read, for httpx.MockTransport: it keeps taps, and can be told to fail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx

from domain.wire.v1 import ErrorV1
from tests.unit.terminal.builders import instant, roster

Fault = Callable[[httpx.Request], httpx.Response]
TOKEN = "secret-token"


class FakeServer:
    """Holds taps by id. `faults` are answered first, one a request, for the paths they name."""

    def __init__(self) -> None:
        self.taps: dict[str, dict[str, Any]] = {}
        self.batches: list[list[str]] = []
        self.requests: list[httpx.Request] = []
        self.faults: list[tuple[str, Fault]] = []
        self.malformed: set[str] = set()  # tap ids that go to the quarantine
        self.apart: dict[str, str] = {}  # … with the hash of their content
        self.unreadable: set[str] = set()  # tap ids that make a whole batch a 400
        self.reports: list[dict[str, Any]] = []
        self.readable: set[str] = set()  # parked taps that this server asks for again
        self.tells_digests = True  # an older server does not
        self.revoked = False
        self.roster = roster()
        self.now = instant(8, 2)
        self.code = "ABCD-1234"
        self.etag = '"r1"'

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer), base_url="http://server")

    def fail(self, path: str, *faults: Fault) -> None:
        self.faults += [(path, fault) for fault in faults]

    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path
        for number, (wanted, fault) in enumerate(self.faults):
            if path.endswith(wanted):
                del self.faults[number]
                return fault(request)
        if path == "/v1/devices/enrol":
            return self._enrol(json.loads(request.content)["code"])
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "unknown_device")
        if path == "/v1/devices/me/state":
            return self._state()
        if path == "/v1/devices/me/roster":
            return self._roster(request)
        if path == "/v1/devices/me/report":
            return self._report(json.loads(request.content))
        return self._batch(json.loads(request.content)["taps"])

    def forget(self, tap_ids: set[str]) -> None:
        """Restore an older backup."""
        self.taps = {tap_id: tap for tap_id, tap in self.taps.items() if tap_id not in tap_ids}
        self.apart = {tap_id: content for tap_id, content in self.apart.items() if tap_id not in tap_ids}

    def _enrol(self, code: str) -> httpx.Response:
        if code != self.code:
            return refusal(403, "code_refused")
        named = {"device_ref": "borne-1", "token": TOKEN, "label": "Borne du hall", "structure_ref": "tilleuls"}
        return httpx.Response(200, json={"protocol": 1, **named, "server_time": self.now})

    def _state(self) -> httpx.Response:
        seqs: dict[str, set[int]] = {}
        for tap in self.taps.values():
            seqs.setdefault(tap["epoch"], set()).add(tap["seq"])
        epochs: list[dict[str, Any]] = [
            {"epoch": epoch, "watermark": _contiguous(found), "last_seq": max(found), "held": len(found)}
            for epoch, found in seqs.items()
        ]
        for one in epochs if self.tells_digests else ():
            one["digest"] = self._digest(one["epoch"])
        state = {"device_ref": "borne-1", "revoked": self.revoked, "server_time": self.now, "epochs": epochs}
        apart = sorted(self.apart.values())
        return httpx.Response(200, json={"protocol": 1, **state, "apart": apart})

    def _digest(self, epoch: str) -> str:
        digest = 0
        for tap in self.taps.values():
            digest ^= int(_hash(tap)[:32], 16) if tap["epoch"] == epoch else 0
        return f"{digest:032x}"

    def _roster(self, request: httpx.Request) -> httpx.Response:
        if self.revoked:
            return refusal(403, "device_revoked")
        if request.headers.get("if-none-match") == self.etag:
            return httpx.Response(304, headers={"etag": self.etag})
        return httpx.Response(200, json=self.roster.model_dump(mode="json"), headers={"etag": self.etag})

    def _report(self, report: dict[str, Any]) -> httpx.Response:
        self.reports.append(report)
        again = [one["tap_id"] for one in report["set_aside"] if one["tap_id"] in self.readable]
        return httpx.Response(200, json={"protocol": 1, "offer_again": again, "server_time": self.now})

    def _batch(self, taps: list[dict[str, Any]]) -> httpx.Response:
        if any(tap["tap_id"] in self.unreadable for tap in taps):
            return refusal(400, "unreadable_batch")
        answers = []
        for index, tap in enumerate(taps):
            status = "duplicate" if tap["tap_id"] in self.taps else "stored"
            if tap["tap_id"] in self.malformed or self.taps.get(tap["tap_id"], tap) != tap:
                status = "quarantined"
                self.apart[tap["tap_id"]] = _hash(tap)
            else:
                self.taps[tap["tap_id"]] = tap
            answers.append({"index": index, "tap_id": tap["tap_id"], "status": status})
        self.batches.append([tap["tap_id"] for tap in taps])
        through = {tap["epoch"]: _contiguous({t["seq"] for t in self.taps.values()}) for tap in taps}
        body = {"protocol": 1, "answers": answers, "acked_through": through, "server_time": self.now}
        return httpx.Response(200, json=body)


def _hash(tap: dict[str, Any]) -> str:
    """The SHA-256 of a tap's bytes."""
    return hashlib.sha256(json.dumps(tap, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def refusal(status: int, code: str) -> httpx.Response:
    """Return a typed refusal of ours."""
    error = ErrorV1(code=code, message=f"Refus : {code}.")
    return httpx.Response(status, json=error.model_dump(mode="json"))


def answers(status: int, **fields: Any) -> Fault:
    """Return a fault that answers as given: a proxy, a portal, an overloaded server."""
    return lambda _: httpx.Response(status, **fields)


def raises(error: type[httpx.TransportError]) -> Fault:
    """Return a fault of the network."""

    def fault(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return fault


def _contiguous(seqs: set[int]) -> int:
    number = 0
    while number + 1 in seqs:
        number += 1
    return number
