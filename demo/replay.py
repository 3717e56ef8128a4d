"""Playing the three months: taps through outbox, sending and API; bookings and decisions through operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import select

from demo.accounts import AgentLogin
from demo.clock import VirtualClock
from demo.kitchen_orders import CANTEEN, OrdersPlaced
from demo.network import in_process
from demo.plan import TownPlan
from demo.scenes import Backstage, Scene
from demo.staff_actors import staff_actor
from demo.stranger import send_as_stranger
from demo.terminals import TerminalWorld, TownTerminal
from demo.timeline import BookingsReceived, DecisionsTaken, Event, TapsSent, TerminalWakes, timeline
from domain.time import instant_at
from ingest_api.app import create_app
from records.actors import SETUP
from records.database import Records
from records.models import Device
from records.operations import attendance, bookings, devices, meal_orders
from records.operations.contacts import note_contact

Progress = Callable[[float, str], None]
FIRST_MINUTE, LAST_MINUTE = 7 * 60, 20 * 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the plan is played: the records, their virtual clock, who holds the tablets, room for what is made."""

    records: Records
    clock: VirtualClock
    agents: list[AgentLogin]
    folder: Path
    backstage: Backstage


class Player:
    """Plays the events of a plan in order."""

    def __init__(self, plan: TownPlan, stage: Stage) -> None:
        self.plan = plan
        self.stage = stage
        self.terminals: dict[str, TownTerminal] = {}

    def play(self, scenes: Iterable[Scene], progress: Progress) -> None:
        """Enrol the terminals, then play everything, offices too. Raises TapsNotSent when a tap did not arrive."""
        with in_process(create_app(self.stage.records, self.stage.clock)) as server:
            self._enrol_terminals(server)
            events = timeline(self.plan, scenes)
            for number, event in enumerate(events):
                if number % 50 == 0:
                    progress(number / max(1, len(events)), "Trois mois passent devant les bornes…")
                self.stage.clock.move_to(event.at)
                self._play(event)
            send_as_stranger(server, self.plan.scope.seed, self.stage.clock.now)
            self._switch_off()

    def _enrol_terminals(self, server: httpx.BaseTransport) -> None:
        zone = self.plan.scope.town.timezone
        self.stage.clock.move_to(instant_at(self.plan.scope.period.first_day, FIRST_MINUTE, zone))
        stage = self.stage
        world = TerminalWorld(stage.clock, self.plan.scope.seed, server, stage.agents, stage.folder)
        for device in self.plan.scope.town.devices:
            new = devices.NewDevice(device.ref, device.label, device.structure, device.mode)
            code = devices.register_device(stage.records, SETUP, new)
            self.terminals[device.ref] = TownTerminal(device, world)
            self.terminals[device.ref].enrol(code)

    def _switch_off(self) -> None:
        """End the last day: the server heard every terminal until the last child left, as it does all day long."""
        last_day = self.plan.scope.period.last_day
        self.stage.clock.move_to(instant_at(last_day, LAST_MINUTE, self.plan.scope.town.timezone))
        with self.stage.records.read() as session:
            device_ids = session.scalars(select(Device.id).where(Device.ref.in_(self.terminals))).all()
        for device_id in device_ids:
            note_contact(self.stage.records, device_id, self.stage.clock.now)
        for terminal in self.terminals.values():
            terminal.close()

    def _play(self, event: Event) -> None:
        if isinstance(event, TapsSent):
            terminal = self.terminals[event.device]
            terminal.cable.is_plugged = not event.is_offline
            terminal.keep(event.gestures)
            terminal.send()
        elif isinstance(event, TerminalWakes):
            self.terminals[event.device].cable.is_plugged = not event.is_offline
            self.terminals[event.device].meet_server()
        elif isinstance(event, BookingsReceived):
            self._book(event)
        elif isinstance(event, OrdersPlaced):
            self._order(event)
        elif isinstance(event, Scene):
            event.do(self.stage.backstage)
        else:
            self._decide(event)

    def _book(self, event: BookingsReceived) -> None:
        asked = [
            bookings.NewBooking(
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
        bookings.add_bookings(self.stage.records, SETUP, asked)

    def _order(self, event: OrdersPlaced) -> None:
        lines = [
            meal_orders.OrderLine(each.structure, CANTEEN, each.day, *each.diet, each.quantity)
            for each in event.orders
        ]
        meal_orders.place_orders(self.stage.records, SETUP, "firm", lines)

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
        coordinator = staff_actor(self.plan.scope.town, "coordinator")
        attendance.decide_all(self.stage.records, coordinator, decisions)

    def _tap_id(self, gesture_key: str | None) -> str | None:
        if gesture_key is None:
            return None
        return next(
            tap_id
            for terminal in self.terminals.values()
            if (tap_id := terminal.tap_id_of(gesture_key)) is not None
        )
