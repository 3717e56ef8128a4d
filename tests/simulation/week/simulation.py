"""One seed: a week of taps under faults, then the healing, then the verdict."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from records.actors import SETUP
from records.operations.devices import renew_device_code
from records.operations.presence_freshness import terminals_heard
from terminal.outbox import OutboxError, OutboxLimits
from terminal.outbox.sync_state import ask_enrolment
from tests.simulation.week.clocks import DAY, MINUTE, SECOND
from tests.simulation.week.ledger import Ledger
from tests.simulation.week.machine import Machine, Mint, Site
from tests.simulation.week.network import Network
from tests.simulation.week.server import Server
from tests.simulation.week.town import DEVICES, PLACES, hours_of_day, place_of_device
from tests.simulation.week.witness import Witness
from tests.simulation.week.workload import Week, draw_week
from tests.simulation.week.world import World

FAULTS_MIN = 3
AFTER_BURST = 3 * MINUTE
TERMINALS_MAX = 4
MACHINES_MAX = 6
HEAL_CHECK = 30 * SECOND
# A terminal drains within ten minutes (F8); one that people must enrol again first, within twenty.
DRAIN_MAX, DRAIN_MAX_AFTER_ENROLMENT, HEALING_MAX = 10 * MINUTE, 20 * MINUTE, 40 * MINUTE


class Simulation:
    """The stage of one seed. Faults act on it through its public names."""

    def __init__(self, seed: str, server: Server, folder: Path, *, has_faults: bool = True) -> None:
        self.family, _, _number = seed.partition(".")
        self.has_faults = has_faults
        self.folder = folder
        self.week, terminals = self.drawn(World(seed, 0).chance("week"))
        self.world = World(seed, self.week.start)
        self.chance = self.world.chance("stage")
        self.server = server
        server.begin(self.world, is_threaded=self.chance.random() < 0.1)
        self.ledger = Ledger()
        self.witness = Witness(server, self.ledger, self.world)
        self.network = Network(self.world, server, self.ledger, self.witness)
        self.site = Site(self.world, self.network, self.ledger, self.witness.is_kept_twice)
        self.machines: list[Machine] = []
        for number in range(terminals):
            self._add_terminal(number)
        self.spare_devices = list(DEVICES[TERMINALS_MAX:])
        self.healed_at = 0
        self.has_twins = self.was_restored = False
        self.last_words: list[Callable[[], None]] = []  # faults of the end: a machine in a cupboard for a season

    def drawn(self, chance: random.Random) -> tuple[Week, int]:
        """Draw what people do in the week, and how many terminals stand there; another stage draws another week."""
        terminals = chance.choice((1, 2, 2, 3, 3, 4))
        return draw_week(chance, self.family, terminals), terminals

    def _add_terminal(self, number: int) -> None:
        mint = Mint(self.world.chance(f"mint/{number}"))
        limits = OutboxLimits()
        if self.chance.random() < 0.15:
            small = OutboxLimits(taps_max=self.chance.randint(8, 30), journal_taps_max=self.chance.randint(2, 6))
            limits = small if self.has_faults else limits
        screens = self.chance.choice((1, 1, 2))
        machine = Machine(self.site, f"t{number + 1}", self.folder / f"t{number + 1}", mint, limits, screens)
        machine.device_ref = DEVICES[number]
        self.machines.append(machine)

    # -- what people do -----------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Put the whole week in the queue."""
        for machine in self.machines:
            when = self.chance.choice([burst.start for burst in self.week.bursts[:2]])
            self.world.at(when, lambda machine=machine: self.enrol(machine))  # type: ignore[misc]
        for burst in self.week.bursts:
            self.world.at(burst.start - MINUTE // 2, lambda burst=burst: self._open_burst(burst.end))  # type: ignore[misc]
            self.world.at(burst.end + AFTER_BURST, self._close_burst)
        for tap in self.week.taps:
            self.ledger.figures[f"taps on a day of {hours_of_day(tap.at, PLACES[0].zone)} hours"] += 1
            self.world.at(tap.at, lambda tap=tap: self.machines[tap.terminal].tap(tap.wish))  # type: ignore[misc]

    def _open_burst(self, end: int) -> None:
        for machine in self.machines:
            machine.awake_until = end + AFTER_BURST
            if self.chance.random() < 0.9:
                machine.power_on()
            machine.wake(self.chance.randint(0, 30 * SECOND))

    def _close_burst(self) -> None:
        for machine in self.machines:
            draw = self.chance.random()
            if draw < 0.1:
                machine.shut_down()
            elif draw < 0.16 and self.has_faults:
                self.world.fault("unplugged", machine.name)
                machine.unplug()

    def enrol(self, machine: Machine, device_ref: str | None = None) -> None:
        """A person asks for a one-time code and types it on a terminal."""
        machine.device_ref = device_ref or machine.device_ref
        assert machine.device_ref is not None, "every terminal has its device"
        machine.power_on()
        code = renew_device_code(self.server.records, SETUP, machine.device_ref)
        with suppress(OutboxError):
            ask_enrolment(machine.see().store, code, machine.clock.wall())
        self.world.note(machine.name, f"a code of {machine.device_ref} is typed")
        machine.wake(SECOND)

    # -- the run ------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Live the week under its faults, if it has any; there are at least FAULTS_MIN then."""
        self.schedule()
        self.world.run_until(self.week.end + AFTER_BURST + SECOND)
        for word in self.last_words:
            word()
        while self.has_faults and sum(self.world.fired.values()) < FAULTS_MIN:
            machine = self.chance.choice(self.machines)
            machine.power_on()
            self.world.fault("unplugged", machine.name)
            machine.unplug()

    def heal(self) -> None:
        """Let everything work again, and people do what the screens ask of them, until nothing is pending."""
        self.network.is_down, self.server.death, self.server.refusals = False, None, 0
        self.network.troubles.clear()
        healed_at = self.healed_at = self.world.now
        self.world.note("all", "healed")
        deadline = healed_at + DRAIN_MAX
        for machine in self.machines:
            machine.awake_until = healed_at + HEALING_MAX
            machine.boot_wall = "right"
            machine.look_again_max = HEAL_CHECK
            machine.see()
            machine.wake(SECOND)
        while self.world.now < healed_at + HEALING_MAX:
            self.world.run_until(self.world.now + HEAL_CHECK)
            if self._help():
                deadline = healed_at + DRAIN_MAX_AFTER_ENROLMENT
            if all(self._is_drained(machine) for machine in self.machines):
                break
        self.witness.drained_in(self.world.now - healed_at, deadline - healed_at)
        self._nobody_is_silent()

    def _nobody_is_silent(self) -> None:
        """L3: the staff's page calls no terminal silent that is at work and not revoked."""
        heard = terminals_heard(self.server.records, SETUP, self.world.now)
        silent = set(heard.silent) & {machine.device_ref for machine in self.machines}
        if silent:
            self.witness.blame("L3", f"called silent after the healing: {sorted(silent, key=str)}")

    def _help(self) -> bool:
        """Enrol the terminals that ask for it, and offer parked taps again; True when somebody had to enrol."""
        helped = False
        for machine in self.machines:
            machine.see()
            if machine.asks_for_code():
                self.enrol(machine, self.spare_device(machine) if self._is_cloned(machine) else None)
                helped = True
            machine.offer_parked()
        return helped

    def _is_cloned(self, machine: Machine) -> bool:
        """Say whether another machine goes under the same name: an administrator gives one of them another."""
        others = (other for other in self.machines if other is not machine)
        return machine.device_ref in [other.device_ref for other in others]

    def spare_device(self, machine: Machine) -> str | None:
        """Return a registered device of the machine's place that nobody uses, and take it."""
        assert machine.device_ref is not None, "every terminal has its device"
        place = place_of_device(machine.device_ref)
        found = next((ref for ref in self.spare_devices if place_of_device(ref) == place), None)
        if found is not None:
            self.spare_devices.remove(found)
        return found

    def _is_drained(self, machine: Machine) -> bool:
        counts = machine.counts()
        has_met = self.ledger.met.get(machine.home, 0) > self.healed_at
        return has_met and counts is not None and counts.pending == 0 and counts.parked == 0

    def settle(self) -> None:
        """Let the last late requests arrive."""
        for machine in self.machines:
            machine.awake_until = self.world.now
        while (next_at := self.world.next_at()) is not None:
            self.world.run_until(next_at)

    # -- faults that need the whole stage -------------------------------------------------------------------------

    def restore(self, backup: Path) -> None:
        """Put an older copy of the records back; who was revoked since is not revoked any more."""
        self.was_restored = True
        self.server.restore(backup)
        for ref, revoked_at in self.server.rows("select ref, revoked_at from device"):
            self.ledger.revocations.append((self.world.now, ref, revoked_at is not None))

    def clone(self, machine: Machine, *, is_twin: bool) -> None:
        """Copy a terminal's disk into another machine, which people use as well from now on."""
        if len(self.machines) >= MACHINES_MAX:
            return
        self.has_twins = self.has_twins or is_twin
        folder = self.folder / f"{machine.home}-copy{len(self.machines)}"
        machine.copy_home_to(folder)
        mint = machine.mint.twin() if is_twin else Mint(self.world.chance(f"mint/{folder.name}"))
        copy = Machine(self.site, f"{machine.name}c", folder, mint, machine.limits, 1)
        copy.device_ref = machine.device_ref
        copy.inherited = machine.holds()
        copy.clock.is_lying = machine.clock.is_lying
        copy.awake_until = machine.awake_until
        self.ledger.heard[copy.home] = dict(self.ledger.heard.get(machine.home, {}))
        self.machines.append(copy)
        if is_twin:
            machine.unplug()
        of_original = self.machines.index(machine)
        later = [tap for tap in self.week.taps if tap.at > self.world.now and tap.terminal == of_original]
        for tap in later[:8]:
            self.world.at(tap.at + self.chance.randint(0, 40 * SECOND), lambda tap=tap: copy.tap(tap.wish))  # type: ignore[misc]

    def reinstall(self, machine: Machine) -> None:
        """Put a blank memory card in, and enrol again."""
        self.ledger.destroyed |= {one.content_hash for one in machine.holds()}
        machine.wipe()
        machine.power_on()
        self.enrol(machine)

    def put_away(self) -> None:
        """Switch every terminal off for a hundred days, then use it a little, and again a day later.

        Old taps are emptied once a day: only the second use meets a terminal that has been at work since.
        """
        self.world.fault("put_away", "all")
        for machine in self.machines:
            machine.unplug()
        for days in (100, 1):
            self.world.run_until(self.world.now + days * DAY)
            self._use_a_little()

    def _use_a_little(self) -> None:
        end = self.world.now + 5 * MINUTE
        for number, machine in enumerate(self.machines):
            machine.awake_until = end
            machine.power_on()
            machine.wake(SECOND)
            wishes = [tap.wish for tap in self.week.taps if tap.terminal == number][:3]
            for wish in wishes:
                at = self.world.now + self.chance.randint(SECOND, 4 * MINUTE)
                self.world.at(at, lambda machine=machine, wish=wish: machine.tap(wish))  # type: ignore[misc]
        self.world.run_until(end)

    def end(self) -> None:
        """Close every machine."""
        for machine in self.machines:
            machine.end()
