"""The terminals of the town: real outbox, real sending, a network that is cut, clocks that drift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.accounts import AgentLogin, agent_at
from demo.clock import DriftingClock, VirtualClock
from demo.gestures import Gesture
from demo.network import Cable
from demo.randomness import identities, stream
from demo.source import DeviceData
from domain.errors import MarelleError
from domain.time import MICROS_PER_SECOND
from terminal.clock import Instruments, Timekeeper
from terminal.config import TerminalFiles
from terminal.outbox import Outbox, TapDraft
from terminal.outbox.sync_state import ask_enrolment
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import IdentityStore

API_ADDRESS = "http://demo"
SOFTWARE = "demo"
CLOCK_ERROR_SECONDS_MAX = 4
DRIFT_PPM_MAX = 1.5
# Months pass in seconds here: the state and the report come once a day, the roster once a month.
PACE = SyncPace(
    state_every=10 * 3_600.0, roster_every=28 * 86_400.0, report_every=10 * 3_600.0, purge_every=400 * 86_400.0
)
OFFLINE_TRIES = 2
STEPS_MAX = 200


class TapsNotSent(MarelleError):
    """The API did not take the demo's taps; the town would be incomplete."""

    code = "taps_not_sent"


@dataclass(frozen=True, slots=True)
class TerminalWorld:
    """What the terminals share: the true clock, the seed, the API and who holds the tablets."""

    clock: VirtualClock
    seed: int
    server: httpx.BaseTransport
    agents: Sequence[AgentLogin]
    folder: Path


class TownTerminal:
    """One terminal at work: keeps gestures in its outbox, sends them when it has the network."""

    def __init__(self, device: DeviceData, world: TerminalWorld) -> None:
        source = stream(world.seed, "clock", device.ref)
        self.device = device
        self.cable = Cable(world.server)
        self._world = world
        self._wall = DriftingClock(
            truth=world.clock,
            set_at=world.clock.now,
            error_micros=int(source.uniform(-CLOCK_ERROR_SECONDS_MAX, CLOCK_ERROR_SECONDS_MAX) * MICROS_PER_SECOND),
            drift_ppm=source.uniform(-DRIFT_PPM_MAX, DRIFT_PPM_MAX),
        )
        self._booted_at = world.clock.now
        self._gesture_at: int | None = None
        instruments = Instruments(
            wall=lambda: self._wall.at(self._now()),
            mono_ms=lambda: (self._now() - self._booted_at) // 1_000,
            boot_id=f"{source.getrandbits(64):016x}",
        )
        self._timekeeper = Timekeeper(instruments)
        files = TerminalFiles(world.folder / device.ref)
        self._outbox = Outbox(
            files.outbox, clock=instruments.wall, identity=identities(world.seed, "taps", device.ref)
        )
        self._http = httpx.Client(transport=self.cable, base_url=API_ADDRESS)
        place = SyncPlace(
            # The same process keeps and sends: the outbox lends its own connection.
            outbox=lambda: nullcontext(self._outbox.store),
            roster=RosterStore(files.roster),
            identity=IdentityStore(files.token),
            software_version=SOFTWARE,
        )
        chance = SyncChance(instruments, stream(world.seed, "backoff", device.ref))
        self._engine = SyncEngine(place, ServerClient(self._http, monotonic=lambda: 0.0), chance, PACE)
        self._tap_ids: dict[str, str] = {}

    def enrol(self, code: str) -> None:
        """Type the one-time code and meet the server. Raises TapsNotSent when it is refused."""
        ask_enrolment(self._outbox.store, code, self._wall())
        self._engine.step()
        if not self._engine.state.enrolled:
            raise TapsNotSent(f"La borne {self.device.label} n'a pas pu s'enrôler.")
        self.meet_server()

    def meet_server(self) -> None:
        """Ask the server for its news and its time, as a terminal does all day long."""
        for _lane in ("state", "roster"):
            self._engine.step()

    def keep(self, gestures: Iterable[Gesture]) -> None:
        """Keep gestures durably, together, in their order; an undo needs the tap it names kept before it."""
        waiting: list[Gesture] = []
        for gesture in gestures:
            if gesture.undoes is not None:
                self._keep(waiting)
                waiting = []
            waiting.append(gesture)
        self._keep(waiting)

    def send(self) -> None:
        """Send what waits, as far as the network lets us. Raises TapsNotSent when it should have worked."""
        for _step in range(STEPS_MAX if self.cable.is_plugged else OFFLINE_TRIES):
            wait = self._engine.step()
            if self._outbox.counts().pending == 0:
                return
            # After a cut, each kind of request waits for its turn to be tried again.
            self._world.clock.move_to(self._world.clock.now + int(wait * MICROS_PER_SECOND))
        if self.cable.is_plugged:
            raise TapsNotSent(
                f"La borne {self.device.label} n'a pas pu tout envoyer : {self._engine.state.message}"
            )

    def tap_id_of(self, gesture_key: str) -> str | None:
        """Return the identity that a gesture got, None when it was not made here."""
        return self._tap_ids.get(gesture_key)

    def close(self) -> None:
        """End the terminal's work for good. Raises TapsNotSent when a tap is left."""
        left = self._outbox.counts()
        self._outbox.close()
        self._http.close()
        if left.pending or left.parked:
            raise TapsNotSent(f"La borne {self.device.label} garde {left.pending + left.parked} passages.")

    def _now(self) -> int:
        return self._world.clock.now if self._gesture_at is None else self._gesture_at

    def _keep(self, gestures: Sequence[Gesture]) -> None:
        if not gestures:
            return
        self._timekeeper.learn(self._engine.state.anchor)
        drafts = [self._draft(gesture) for gesture in gestures]
        for gesture, kept in zip(gestures, self._outbox.keep_all(drafts), strict=True):
            self._tap_ids[gesture.key] = kept.tap.tap_id

    def _draft(self, gesture: Gesture) -> TapDraft:
        agent = agent_at(self._world.agents, self.device.structure)
        self._gesture_at = gesture.at
        moment = self._timekeeper.moment()
        self._gesture_at = None
        return TapDraft(
            kind=gesture.kind,
            moment=moment,
            badge_uid=gesture.badge_uid,
            child_ref=gesture.child_ref,
            typed_name=gesture.typed_name,
            undoes=self._tap_ids[gesture.undoes] if gesture.undoes else None,
            service_ref=gesture.service,
            class_ref=gesture.class_ref,
            direction=gesture.direction,
            agent_ref=agent.ref if gesture.by_agent else None,
        )
