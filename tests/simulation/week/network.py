"""The virtual network between the terminals and the server: what is asked, what arrives, when, how often, and
what comes back.

A request takes no time unless a trouble says so; while a terminal waits, everybody else goes on
(`World.run_until` inside the
transport), its own screens included.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from domain.wire.v1 import ErrorV1
from tests.simulation.week.clocks import MINUTE, SECOND, MachineClock
from tests.simulation.week.ledger import Ledger
from tests.simulation.week.server import Answer, Request, Server, ServerDied
from tests.simulation.week.world import World

TAPS_PATH = "/v1/taps:batch"
ENROL_PATH = "/v1/devices/enrol"
STATE_PATH = "/v1/devices/me/state"
READ_SECONDS, CONNECT_SECONDS = 10, 3
_SEEN_MAX = 6


class ProcessKilled(BaseException):
    """The sync process died while it waited: nothing catches this on its way out."""


class Caller(Protocol):
    """A sync process, as the network sees it."""

    name: str
    home: str
    life: int  # changes when the process dies
    asked: int  # how many requests it made
    clock: MachineClock

    def give_back(self) -> None:
        """Hold nothing while the network is waited for."""


@dataclass(slots=True)
class Trouble:
    """Something wrong between a terminal (or all) and the server, for a while and at most `left` times."""

    kind: str
    who: str | None
    since: int
    until: int
    left: int = 1_000_000
    taps_only: bool = False
    tap_ids: set[str] = field(default_factory=set)  # poison: what the server cannot stand

    def strikes(self, who: str, now: int, request: Request) -> bool:
        """Say whether this request meets it."""
        if self.left <= 0 or not self.since <= now <= self.until or self.who not in (None, who):
            return False
        if self.kind == "poison":
            return request.path == TAPS_PATH and any(one.encode() in request.body for one in self.tap_ids)
        return request.path == TAPS_PATH or not self.taps_only


class Watcher(Protocol):
    """Who looks at what leaves a terminal and at what leaves the server."""

    def on_request(self, who: str, request: Request) -> None:
        """A request leaves a terminal."""

    def on_answer(self, request: Request, answer: Answer) -> None:
        """An answer to a batch leaves the server."""


class Network:
    """Carries requests."""

    def __init__(self, world: World, server: Server, ledger: Ledger, watch: Watcher) -> None:
        self.troubles: list[Trouble] = []
        self.is_down = False
        self._world, self._server, self._ledger, self._watch = world, server, ledger, watch
        self._chance: random.Random = world.chance("network")
        self._seen: list[Request] = []
        self._kinds: dict[str, Callable[[Caller, Request], httpx.Response]] = {
            "refused": self._refused,
            "connect_timeout": self._connect_timeout,
            "lost_request": self._lost_request,
            "lost_answer": self._lost_answer,
            "reset_answer": self._reset_answer,
            "cut_request": self._cut_request,
            "slow_request": self._slow_request,
            "late": self._late,
            "duplicate": self._duplicate,
            "echo": self._echo,
            "overlap": self._overlap,
            "delay": self._delay,
            "truncated": self._truncated,
            "drip": self._drip,
            "poison": self._poison,
            "sync_killed": self._sync_killed,
            **{kind: self._page for kind in PAGES},
        }

    def carry(self, caller: Caller, asked: httpx.Request) -> httpx.Response:
        """Answer a terminal's request, or raise what httpx would. Raises ProcessKilled."""
        headers = tuple((key.lower(), value) for key, value in asked.headers.raw)
        request = Request(asked.method, asked.url.raw_path.decode(), headers, asked.read())
        caller.give_back()
        self._ledger.figures["requests"] += 1
        caller.asked += 1
        self._watch.on_request(caller.name, request)
        if self.is_down:
            self._world.fault("server_down", caller.name)
            raise httpx.ConnectError("down")
        trouble = next((one for one in self.troubles if one.strikes(caller.name, self._world.now, request)), None)
        if trouble is None:
            response = self._whole(caller, request, self._deliver(request))
        else:
            trouble.left -= 1
            self._world.fault(trouble.kind, caller.name)
            self._page_kind = trouble.kind
            response = self._kinds[trouble.kind](caller, request)
        if request.path == TAPS_PATH:
            self._seen = [*self._seen, request][-_SEEN_MAX:]
        return response

    # -- delivering ---------------------------------------------------------------------------------------------

    def _deliver(self, request: Request) -> Answer:
        [answer] = self._deliver_together(request)
        return answer

    def _deliver_together(self, *requests: Request) -> list[Answer]:
        """Hand requests to the server at one instant. Raises httpx.RemoteProtocolError where it died or hung up."""
        death = self._server.death
        try:
            answers = self._server.ask(*requests)
        except ServerDied:
            self._world.fault(f"server_died_{death}", "server")
            raise httpx.RemoteProtocolError("server died") from None
        found = []
        for request, answer in zip(requests, answers, strict=True):
            if answer is None:
                raise httpx.RemoteProtocolError("hung up")
            if request.path == TAPS_PATH:
                self._watch.on_answer(request, answer)
            if request.path == ENROL_PATH and answer.status == httpx.codes.OK:
                device_ref = json.loads(answer.body)["device_ref"]
                self._ledger.revocations.append((self._world.now, device_ref, False))
            found.append(answer)
        return found

    def _later(self, request: Request, delay: int) -> None:
        """Let a request arrive when nobody waits for its answer any more."""

        def arrive() -> None:
            if self.is_down:
                return
            self._world.note("network", f"a late {request.path} arrives")
            try:
                self._deliver(request)
            except httpx.RemoteProtocolError:
                return

        self._world.at(self._world.now + delay, arrive)

    def _wait(self, caller: Caller, seconds: float) -> None:
        life = caller.life
        self._world.run_until(self._world.now + int(seconds * SECOND))
        if caller.life != life:
            raise ProcessKilled

    def _whole(self, caller: Caller, request: Request, answer: Answer) -> httpx.Response:
        """Give an answer back, and note what the terminal heard."""
        self._world.note(caller.name, f"{request.path} {len(request.body)} bytes: {answer.status}")
        if request.path == TAPS_PATH and answer.status == httpx.codes.OK:
            self._ledger.hear(caller.home, acked_ids(request, answer), self._world.now)
        if request.path == STATE_PATH and answer.status == httpx.codes.OK:
            self._ledger.met[caller.home] = self._world.now
            boot_id = caller.clock.instruments().boot_id
            self._ledger.boots_met.setdefault((caller.home, boot_id), self._world.now)
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)

    # -- troubles -----------------------------------------------------------------------------------------------

    def _refused(self, _caller: Caller, _request: Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    def _connect_timeout(self, caller: Caller, _request: Request) -> httpx.Response:
        self._wait(caller, CONNECT_SECONDS)
        raise httpx.ConnectTimeout("nobody there")

    def _lost_request(self, caller: Caller, _request: Request) -> httpx.Response:
        self._wait(caller, READ_SECONDS)
        raise httpx.ReadTimeout("the request was lost")

    def _lost_answer(self, caller: Caller, request: Request) -> httpx.Response:
        self._deliver(request)
        self._wait(caller, READ_SECONDS)
        raise httpx.ReadTimeout("the answer was lost")

    def _reset_answer(self, _caller: Caller, request: Request) -> httpx.Response:
        self._deliver(request)
        raise httpx.RemoteProtocolError("reset after the request was applied")

    def _cut_request(self, _caller: Caller, request: Request) -> httpx.Response:
        self._server.ask(
            Request(request.method, request.path, request.headers, request.body, is_cut=bool(request.body))
        )
        raise httpx.WriteError("cut while sending")

    def _slow_request(self, caller: Caller, request: Request) -> httpx.Response:
        slow = Request(request.method, request.path, request.headers, request.body, is_slow=bool(request.body))
        if request.path != TAPS_PATH:
            return self._lost_request(caller, request)
        return self._whole(caller, request, self._deliver(slow))

    def _late(self, caller: Caller, request: Request) -> httpx.Response:
        self._later(request, self._chance.randint(READ_SECONDS * SECOND, 15 * MINUTE))
        self._wait(caller, READ_SECONDS)
        raise httpx.ReadTimeout("on its way still")

    def _duplicate(self, caller: Caller, request: Request) -> httpx.Response:
        answers = [self._deliver(request) for _ in range(self._chance.randint(2, 6))]
        return self._whole(caller, request, self._chance.choice(answers))

    def _echo(self, caller: Caller, request: Request) -> httpx.Response:
        self._later(request, self._chance.randint(SECOND, 120 * MINUTE))
        return self._whole(caller, request, self._deliver(request))

    def _overlap(self, caller: Caller, request: Request) -> httpx.Response:
        """Old copies, of anybody's, share a transaction with this request, in any order."""
        if request.path != TAPS_PATH:
            return self._echo(caller, request)
        crowd = [request, *self._chance.sample(self._seen, min(len(self._seen), self._chance.randint(1, 3)))]
        crowd += [request] * self._chance.randint(0, 2)
        self._chance.shuffle(crowd)
        answers = self._deliver_together(*crowd)
        return self._whole(caller, request, answers[crowd.index(request)])

    def _delay(self, caller: Caller, request: Request) -> httpx.Response:
        self._wait(caller, self._chance.uniform(0.1, 4.5))
        answer = self._deliver(request)
        self._wait(caller, self._chance.uniform(0.1, 4.5))
        return self._whole(caller, request, answer)

    def _truncated(self, _caller: Caller, request: Request) -> httpx.Response:
        answer = self._deliver(request)
        return httpx.Response(answer.status, content=answer.body[: len(answer.body) // 2])

    def _drip(self, caller: Caller, request: Request) -> httpx.Response:
        answer = self._deliver(request)

        def drops() -> Iterator[bytes]:
            for start in range(0, len(answer.body), max(1, len(answer.body) // 6)):
                self._wait(caller, 7)
                yield answer.body[start : start + max(1, len(answer.body) // 6)]

        return httpx.Response(answer.status, content=drops())

    def _poison(self, _caller: Caller, _request: Request) -> httpx.Response:
        words = ErrorV1(code="unreadable_batch", message="Ce lot est illisible.")
        return httpx.Response(httpx.codes.BAD_REQUEST, content=words.model_dump_json().encode())

    def _sync_killed(self, _caller: Caller, request: Request) -> httpx.Response:
        self._deliver(request)
        raise ProcessKilled

    def _page(self, _caller: Caller, _request: Request) -> httpx.Response:
        status, headers, body = PAGES[self._page_kind]
        return httpx.Response(status, headers=headers, content=body)


_HTML = b"<!doctype html><html><body><h1>Bienvenue sur le Wi-Fi</h1></body></html>"
_BUSY = ErrorV1(code="server_busy", message="Trop de pointages.").model_dump_json().encode()
# What stands between answers in the server's place, or the server itself in a bad hour.
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "portal_200": (200, {"content-type": "text/html"}, _HTML),
    "portal_json_200": (200, {"content-type": "application/json"}, b'{"status":"ok"}'),
    "portal_302": (302, {"location": "http://wifi.example/login"}, b""),
    "proxy_400": (400, {"content-type": "text/html"}, _HTML),
    "proxy_403": (403, {"content-type": "text/html"}, _HTML),
    "proxy_413": (413, {"content-type": "text/html"}, _HTML),
    "proxy_502": (502, {"content-type": "text/html"}, _HTML),
    "error_500": (500, {}, b""),
    "conflict_409": (409, {}, b"conflict"),
    "slow_down_429": (429, {"retry-after": "60"}, b""),
    "busy_503": (503, {"retry-after": "1", "content-type": "application/json"}, _BUSY),
}


class Transport(httpx.BaseTransport):
    """What one sync process calls the network."""

    def __init__(self, caller: Caller, network: Network) -> None:
        self._caller, self._network = caller, network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        return self._network.carry(self._caller, request)


def acked_ids(request: Request, answer: Answer) -> set[str]:
    """Return the taps of a batch that an answer says are held."""
    taps = json.loads(request.body)["taps"]
    return {taps[one["index"]]["tap_id"] for one in json.loads(answer.body)["answers"]}
