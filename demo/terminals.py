"""The terminals of the town: the real outbox on disk, the real API in process, and clocks that drift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.accounts import AgentLogin, agent_at
from demo.clock import DriftingClock, VirtualClock
from demo.gestures import Gesture
from demo.randomness import identities, stream
from demo.source import DeviceData
from domain.time import MICROS_PER_SECOND
from domain.wire.v1 import BATCH_BYTES_MAX, BATCH_TAPS_MAX, BatchAnswerV1, EnrolAnswerV1
from terminal.outbox import Moment, Outbox, TapDraft

API_ADDRESS = "http://demo"
SOFTWARE = "demo"
CLOCK_ERROR_SECONDS_MAX = 4
DRIFT_PPM_MAX = 1.5


@dataclass(frozen=True, slots=True)
class TerminalWorld:
    """What the terminals share: the true clock, the seed, the API and who holds the tablets."""

    clock: VirtualClock
    seed: int
    api: httpx.AsyncClient
    agents: Sequence[AgentLogin]
    folder: Path


class TownTerminal:
    """One terminal at work: keeps gestures in its outbox, sends them when it has the network."""

    def __init__(self, device: DeviceData, world: TerminalWorld) -> None:
        source = stream(world.seed, "clock", device.ref)
        self.device = device
        self._world = world
        self._wall = DriftingClock(
            truth=world.clock,
            set_at=world.clock.now,
            error_micros=int(source.uniform(-CLOCK_ERROR_SECONDS_MAX, CLOCK_ERROR_SECONDS_MAX) * MICROS_PER_SECOND),
            drift_ppm=source.uniform(-DRIFT_PPM_MAX, DRIFT_PPM_MAX),
        )
        self._booted_at = world.clock.now
        self._boot_id = f"{source.getrandbits(64):016x}"
        self._met_server_at: int | None = None
        self._outbox = Outbox(
            world.folder / device.ref, clock=self._wall, identity=identities(world.seed, "taps", device.ref)
        )
        self._tap_ids: dict[str, str] = {}
        self._token = ""

    async def enrol(self, code: str) -> None:
        """Show the one-time code to the API."""
        answer = await self._world.api.post(
            "/v1/devices/enrol", json={"protocol": 1, "code": code, "software_version": SOFTWARE}
        )
        answer.raise_for_status()
        self._token = EnrolAnswerV1.model_validate_json(answer.content).token
        self._met_server_at = self._world.clock.now

    def keep(self, gestures: Iterable[Gesture]) -> None:
        """Keep gestures durably, together, in their order; an undo needs the tap it names kept before it."""
        waiting: list[Gesture] = []
        for gesture in gestures:
            if gesture.undoes is not None:
                self._keep(waiting)
                waiting = []
            waiting.append(gesture)
        self._keep(waiting)

    def tap_id_of(self, gesture_key: str) -> str | None:
        """Return the identity that a gesture got, None when it was not made here."""
        return self._tap_ids.get(gesture_key)

    async def send(self) -> None:
        """Send everything that waits."""
        while batch := self._outbox.store.pending(BATCH_TAPS_MAX, BATCH_BYTES_MAX // 2):
            body = b'{"protocol":1,"taps":[' + b",".join(tap.body for tap in batch) + b"]}"
            answer = await self._world.api.post(
                "/v1/taps:batch",
                content=body,
                headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
            )
            answer.raise_for_status()
            found = BatchAnswerV1.model_validate_json(answer.content)
            answers = {each.tap_id: each.status.value for each in found.answers if each.tap_id}
            self._outbox.store.acknowledge(answers, self._wall())
            self._met_server_at = self._world.clock.now

    def close(self) -> None:
        """End the terminal's day for good."""
        self._outbox.close()

    def _keep(self, gestures: Sequence[Gesture]) -> None:
        if gestures:
            for gesture, kept in zip(
                gestures, self._outbox.keep_all([self._draft(g) for g in gestures]), strict=True
            ):
                self._tap_ids[gesture.key] = kept.tap.tap_id

    def _draft(self, gesture: Gesture) -> TapDraft:
        agent = agent_at(self._world.agents, self.device.structure)
        return TapDraft(
            kind=gesture.kind,
            moment=self._moment(gesture.at),
            badge_uid=gesture.badge_uid,
            child_ref=gesture.child_ref,
            typed_name=gesture.typed_name,
            undoes=self._tap_ids[gesture.undoes] if gesture.undoes else None,
            service_ref=gesture.service,
            class_ref=gesture.class_ref,
            direction=gesture.direction,
            agent_ref=agent.ref if gesture.by_agent else None,
        )

    def _moment(self, instant: int) -> Moment:
        met = self._met_server_at
        known = met is not None and met <= instant
        return Moment(
            wall=self._wall.at(instant),
            mono_ms=(instant - self._booted_at) // 1000,
            boot_id=self._boot_id,
            offset_ms=round((met - self._wall.at(met)) / 1000) if met is not None and known else None,
            offset_age_ms=(instant - met) // 1000 if met is not None and known else None,
        )
