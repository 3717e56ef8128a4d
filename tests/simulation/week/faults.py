"""What goes wrong in a week, by family: drawn before anything runs, at least three of them, at instants inside
bursts."""

import random
from collections.abc import Callable

from records.actors import SETUP
from records.operations.devices import revoke_device
from tests.simulation.week.clocks import DAY, HOUR, MINUTE, SECOND, YEAR
from tests.simulation.week.machine import Machine
from tests.simulation.week.network import PAGES, Trouble
from tests.simulation.week.seams import Upset
from tests.simulation.week.server import Death
from tests.simulation.week.simulation import Simulation
from tests.simulation.week.workload import Tap

NETWORK_KINDS = (
    "refused", "connect_timeout", "lost_request", "lost_answer", "reset_answer", "cut_request", "slow_request",
    "late",
    "duplicate", "echo", "overlap", "delay", "truncated", "drip", "sync_killed", *PAGES,
)  # fmt: skip
_JUMPS = (
    ("1970", None),
    ("ten_years_on", 10 * YEAR),
    ("back_an_hour", -HOUR),
    ("back_a_day", -DAY),
    ("on_an_hour", HOUR),
    ("400_days_on", 400 * DAY),
)
Fault = Callable[["Faults"], None]


class Faults:
    """Draws the faults of one simulation and puts them in its queue."""

    def __init__(self, simulation: Simulation) -> None:
        self.stage = simulation
        self.world = simulation.world
        self.chance: random.Random = simulation.world.chance("faults")

    def plan(self) -> None:
        """Draw what will go wrong."""
        kinds = FAMILIES[self.stage.family]
        for _ in range(self.chance.randint(3, 9)):
            self.chance.choice(kinds)(self)

    # -- drawing ------------------------------------------------------------------------------------------------

    def instant(self) -> int:
        """Draw an instant inside a burst."""
        burst = self.chance.choice(self.stage.week.bursts)
        return self.chance.randint(burst.start, burst.end)

    def machine(self) -> Machine:
        """Draw a terminal."""
        return self.chance.choice(self.stage.machines)

    def strike(self, kind: str, when: int, machine: Machine | None, what: Callable[[], object]) -> None:
        """Let a fault strike at an instant."""

        def happen() -> None:
            self.world.fault(kind, machine.name if machine else "server")
            what()

        self.later(when, happen)

    def later(self, when: int, what: Callable[[], object]) -> None:
        """Let something happen at an instant, unless everything works again by then."""

        def happen() -> None:
            if not self.stage.healed_at:
                what()

        self.world.at(when, happen)

    # -- the network --------------------------------------------------------------------------------------------

    def weather(self) -> None:
        """A few requests of one terminal, or of all, meet one kind of trouble."""
        kind, since = self.chance.choice(NETWORK_KINDS), self.instant()
        who = self.chance.choice([None, *(machine.name for machine in self.stage.machines)])
        until = since + self.chance.choice((MINUTE, 5 * MINUTE, 2 * HOUR, 2 * DAY))
        trouble = Trouble(kind, who, since, until, self.chance.randint(1, 5), self.chance.random() < 0.6)
        self.stage.network.troubles.append(trouble)

    def outage(self) -> None:
        """The line of a terminal is dead, or mad, for hours or days."""
        kind = self.chance.choice(
            ("refused", "connect_timeout", "lost_request", "lost_answer", "portal_200", "late")
        )
        since = self.instant()
        until = since + self.chance.choice((10 * MINUTE, 5 * HOUR, 2 * DAY))
        self.stage.network.troubles.append(Trouble(kind, self.machine().name, since, until))

    def poison(self) -> None:
        """The server cannot stand one tap of a terminal, for a while: it refuses each batch that holds it."""
        machine = self.machine()
        trouble = Trouble("poison", machine.name, 0, 0)

        def begin() -> None:
            mine = [one.tap.tap_id for one in self.stage.ledger.greens if one.home == machine.home]
            trouble.tap_ids = set(mine[-1:])
            trouble.since, trouble.until = self.world.now, self.world.now + 3 * DAY

        self.stage.network.troubles.append(trouble)
        self.later(self.instant(), begin)

    # -- processes and power ------------------------------------------------------------------------------------

    def kill_screen(self) -> None:
        """Kill -9 of a screen process."""
        machine = self.machine()
        self.strike("screen_killed", self.instant(), machine, lambda: machine.kill_screen(self.chance.randrange(2)))

    def kill_sync(self) -> None:
        """Kill -9 of the sync process, wherever it is."""
        machine = self.machine()
        self.strike("sync_killed", self.instant(), machine, machine.kill_sync)

    def unplug(self) -> None:
        """Somebody pulls the plug; the terminal comes back by itself, or at the next gesture."""
        machine, when = self.machine(), self.instant()
        self.strike("unplugged", when, machine, machine.unplug)
        self.later(when + self.chance.randint(SECOND, 5 * MINUTE), machine.power_on)

    def upset(self) -> None:
        """The disk refuses, or the power goes, in the middle of keeping a tap."""
        machine, upset = self.machine(), self.chance.choice(list(Upset))
        self.strike(f"disk_{upset}", self.instant(), machine, lambda: machine.upset_next(upset))

    # -- the server ---------------------------------------------------------------------------------------------

    def server_dies(self) -> None:
        """The server dies in its next transaction; for the threaded writer it is merely started again."""
        server, death = self.stage.server, self.chance.choice(list(Death))

        def die() -> None:
            if server.is_threaded:
                self.world.fault("server_restarted", "server")
                server.restart()
            else:
                server.death = death

        self.later(self.instant(), die)

    def server_down(self) -> None:
        """The server is off for a while."""
        since = self.instant()

        def switch(is_down: bool) -> None:
            self.stage.network.is_down = is_down

        self.later(since, lambda: switch(True))
        self.later(since + self.chance.choice((MINUTE, 20 * MINUTE, 6 * HOUR)), lambda: switch(False))

    def disk_full(self) -> None:
        """The server's disk refuses a few transactions."""

        def refuse() -> None:
            self.stage.server.refusals += self.chance.randint(1, 4)

        self.strike("server_disk_full", self.instant(), None, refuse)

    def restore(self) -> None:
        """The records are lost, and an older copy is put back."""
        taken = self.instant()
        lost = taken + self.chance.choice((MINUTE, HOUR, 20 * HOUR, 2 * DAY, 4 * DAY))
        bursts = [burst for burst in self.stage.week.bursts if burst.start <= lost <= burst.end]
        if not bursts and self.chance.random() < 0.7:
            lost = max(self.instant(), taken + SECOND)

        def take() -> None:
            copy = self.stage.server.backup()
            self.strike("server_restored", lost, None, lambda: put_back(copy))

        def put_back(copy: object) -> None:
            self.stage.restore(copy)  # type: ignore[arg-type]

        self.later(taken, take)

    # -- devices ------------------------------------------------------------------------------------------------

    def revoke(self) -> None:
        """An administrator revokes a terminal; sometimes it is enrolled again later."""
        machine, when = self.machine(), self.instant()

        def withdraw() -> None:
            assert machine.device_ref is not None, "every terminal has its device"
            revoke_device(self.stage.server.records, SETUP, machine.device_ref)
            self.stage.ledger.revocations.append((self.world.now, machine.device_ref, True))

        self.strike("revoked", when, machine, withdraw)
        if self.chance.random() < 0.5:
            self.later(when + self.chance.randint(MINUTE, DAY), lambda: self.stage.enrol(machine))

    def roll_token(self) -> None:
        """A terminal gets a new token while an older request is still on its way."""
        machine, when = self.machine(), self.instant()
        self.stage.network.troubles.append(
            Trouble("late", machine.name, when - MINUTE, when + 10 * MINUTE, 2, True)
        )
        self.strike("token_rolled", when, machine, lambda: self.stage.enrol(machine))

    def other_device(self) -> None:
        """A terminal is enrolled again, as another device."""
        machine = self.machine()

        def change() -> None:
            spare = self.stage.spare_device(machine)
            if spare is not None:
                self.stage.enrol(machine, spare)

        self.strike("another_device", self.instant(), machine, change)

    def clone(self) -> None:
        """A memory card is copied into a second machine, which works too, with the same token."""
        machine, when = self.machine(), self.instant()
        self.strike("cloned", when, machine, lambda: self.stage.clone(machine, is_twin=False))

    def twin(self) -> None:
        """The same, and the two machines draw the same chance: equal identities for different taps."""
        machine, when = self.machine(), self.instant()
        self.strike("twinned", when, machine, lambda: self.stage.clone(machine, is_twin=True))

    def reinstall(self) -> None:
        """A terminal whose taps have all been sent gets a new memory card."""
        machine = self.machine()

        def replace() -> None:
            counts = machine.counts()
            if counts is not None and counts.pending == counts.parked == 0:
                self.world.fault("reinstalled", machine.name)
                self.stage.reinstall(machine)

        self.later(self.instant(), replace)

    # -- clocks -------------------------------------------------------------------------------------------------

    def wall(self) -> None:
        """A wall clock jumps."""
        machine = self.machine()
        to, by = self.chance.choice(_JUMPS)

        def jump() -> None:
            machine.clock.set_wall(3 * SECOND if by is None else machine.clock.wall() + by)

        self.strike(f"wall_{to}", self.instant(), machine, jump)

    def drift(self) -> None:
        """A wall clock runs 2 % of a day too fast or too slow."""
        machine, ppm = self.machine(), self.chance.choice((20_000, -20_000, 200, -200))
        self.strike("drift", self.instant(), machine, lambda: machine.clock.drift(ppm))

    def no_battery(self) -> None:
        """A machine loses its power and wakes in the past: where it stopped, or in 1970."""
        machine, when = self.machine(), self.instant()

        def lose() -> None:
            machine.boot_wall = self.chance.choice(("stopped", "1970"))
            machine.unplug()

        self.strike("no_battery", when, machine, lose)

    def offline_boot(self) -> None:
        """A machine without a battery boots where no network is, is used, and often loses its power first.

        Its clock goes on from where it stopped, or from 1970: nothing of it is true, and much of it is plausible.
        """
        machine, burst = self.machine(), self.chance.choice(self.stage.week.bursts)
        when = burst.start - MINUTE
        back = burst.end + self.chance.choice((20 * MINUTE, 5 * HOUR, 2 * DAY))
        self.stage.network.troubles.append(Trouble("refused", machine.name, when, back))

        def lose() -> None:
            machine.boot_wall = self.chance.choice(("stopped", "stopped", "1970"))
            machine.unplug()

        self.strike("offline_boot", when, machine, lose)
        self.later(burst.start, machine.power_on)
        if self.chance.random() < 0.5:
            self.later(burst.end + MINUTE, machine.unplug)

    def time_server(self) -> None:
        """A wall clock is set right."""
        machine = self.machine()
        self.strike("clock_set_right", self.instant(), machine, machine.clock.correct)

    # -- seasons ------------------------------------------------------------------------------------------------

    def cupboard(self) -> None:
        """At the end of the week everything is put away for a hundred days, sent or not."""
        self.stage.last_words.append(self.stage.put_away)

    def last_taps(self) -> None:
        """The last taps of the week are made without any network."""
        last = self.stage.week.bursts[-1]
        self.stage.network.troubles.append(Trouble("refused", None, last.start, last.end + DAY))


_NETWORK: tuple[Fault, ...] = (Faults.weather, Faults.weather, Faults.weather, Faults.outage, Faults.poison)
_CRASH: tuple[Fault, ...] = (
    Faults.kill_screen, Faults.kill_sync, Faults.unplug, Faults.upset, Faults.upset, Faults.server_dies,
    Faults.disk_full,
    Faults.server_down, Faults.weather,
)  # fmt: skip
_RESTORE: tuple[Fault, ...] = (Faults.restore, Faults.restore, Faults.server_dies, Faults.weather, Faults.kill_sync)
_DEVICES: tuple[Fault, ...] = (
    Faults.revoke, Faults.roll_token, Faults.other_device, Faults.clone, Faults.twin, Faults.reinstall,
    Faults.weather,
)  # fmt: skip
_CLOCK: tuple[Fault, ...] = (
    Faults.wall,
    Faults.wall,
    Faults.drift,
    Faults.no_battery,
    Faults.offline_boot,
    Faults.offline_boot,
    Faults.time_server,
    Faults.outage,
)
_LONG: tuple[Fault, ...] = (Faults.last_taps, Faults.cupboard, Faults.cupboard, *_CRASH, *_NETWORK)
# F5 to F9, F11, F12 of the test plan; « week » is everything together.
FAMILIES: dict[str, tuple[Fault, ...]] = {
    "week": (*_NETWORK, *_CRASH, Faults.restore, *_DEVICES, *_CLOCK),
    "network": _NETWORK,
    "crash": _CRASH,
    "restore": _RESTORE,
    "devices": _DEVICES,
    "clock": _CLOCK,
    "long": _LONG,
}

__all__ = ["FAMILIES", "Faults", "Tap"]
