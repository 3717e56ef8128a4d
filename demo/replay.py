"""Playing the three months: taps through outbox, sending and API; bookings and decisions through operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.accounts import AgentLogin
from demo.clock import VirtualClock
from demo.plan import TownPlan
from demo.terminals import API_ADDRESS, TerminalWorld, TownTerminal
from demo.timeline import BookingsReceived, DecisionsTaken, Event, TapsSent, timeline
from domain.time import instant_at
from ingest_api.app import create_app
from records.actors import SETUP
from records.database import Records
from records.operations import attendance, devices, enrolments

Progress = Callable[[float, str], None]
FIRST_MINUTE = 7 * 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the plan is played: the records, their virtual clock, who holds the tablets, room for outboxes."""

    records: Records
    clock: VirtualClock
    agents: list[AgentLogin]
    folder: Path


class Player:
    """Plays the events of a plan in order."""

    def __init__(self, plan: TownPlan, stage: Stage) -> None:
        self.plan = plan
        self.stage = stage
        self.terminals: dict[str, TownTerminal] = {}

    async def play(self, progress: Progress) -> None:
        """Enrol the terminals, then play everything."""
        app = create_app(self.stage.records, self.stage.clock)
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=API_ADDRESS) as api,
        ):
            await self._enrol_terminals(api)
            events = timeline(self.plan)
            for number, event in enumerate(events):
                if number % 50 == 0:
                    progress(number / max(1, len(events)), "Trois mois passent devant les bornes…")
                self.stage.clock.move_to(event.at)
                await self._play(event)
            for terminal in self.terminals.values():
                await terminal.send()
                terminal.close()

    async def _enrol_terminals(self, api: httpx.AsyncClient) -> None:
        zone = self.plan.scope.town.timezone
        self.stage.clock.move_to(instant_at(self.plan.scope.period.first_day, FIRST_MINUTE, zone))
        stage = self.stage
        world = TerminalWorld(stage.clock, self.plan.scope.seed, api, stage.agents, stage.folder)
        for device in self.plan.scope.town.devices:
            new = devices.NewDevice(device.ref, device.label, device.structure, device.mode)
            code = devices.register_device(stage.records, SETUP, new)
            self.terminals[device.ref] = TownTerminal(device, world)
            await self.terminals[device.ref].enrol(code)

    async def _play(self, event: Event) -> None:
        if isinstance(event, TapsSent):
            terminal = self.terminals[event.device]
            terminal.keep(event.gestures)
            if not event.is_offline:
                await terminal.send()
        elif isinstance(event, BookingsReceived):
            self._book(event)
        else:
            self._decide(event)

    def _book(self, event: BookingsReceived) -> None:
        bookings = [
            enrolments.NewBooking(
                person_ref=each.person_ref,
                service_ref=each.service,
                structure_ref=each.structure,
                day=each.day,
                channel=each.channel,
                received_on=each.received_on,
                formula=each.formula,
                reason=each.reason,
                action=each.action,
            )
            for each in event.bookings
        ]
        enrolments.add_bookings(self.stage.records, SETUP, bookings)

    def _decide(self, event: DecisionsTaken) -> None:
        decisions = [
            attendance.Decision(
                child_ref=each.person_ref,
                service_ref=each.service,
                structure_ref=each.structure,
                day=each.day,
                kind=each.kind,
                reason=each.reason,
                occurred_at=each.occurred_at,
                tap_id=self._tap_id(each.gesture_key),
            )
            for each in event.decisions
        ]
        attendance.decide_all(self.stage.records, SETUP, decisions)

    def _tap_id(self, gesture_key: str | None) -> str | None:
        if gesture_key is None:
            return None
        return next(
            tap_id
            for terminal in self.terminals.values()
            if (tap_id := terminal.tap_id_of(gesture_key)) is not None
        )
