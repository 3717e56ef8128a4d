"""One run of a world: the real terminals and server of the week's simulator, and people who see to it that what
they did is recorded."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from domain.taps import TapKind
from terminal.outbox import Moment, Outbox, OutboxLimits, TapDraft
from tests.simulation.bill.life import TERMINALS, Act, Life, draw_life
from tests.simulation.bill.town import DEVICES, SPARES
from tests.simulation.week.clocks import SECOND
from tests.simulation.week.faults import FAMILIES, Fault, Faults
from tests.simulation.week.machine import Machine, Mint, Wish
from tests.simulation.week.server import Server
from tests.simulation.week.simulation import AFTER_BURST, Simulation
from tests.simulation.week.workload import Burst, Week

TRIES_MAX, TRY_AGAIN = 4, 3 * SECOND
# A twin with the same chance gives one identity to two gestures, and a card thrown away while the server loses what
# it held destroys both copies: no bill can follow what nobody has. The week's simulator looks at both.
_LEFT_OUT = {"week": {"twin", "reinstall"}}


class Post(Machine):
    """A terminal at which people take back what they choose, and which tells them when its clock is wrong."""

    takes_back: Sequence[str] = ()
    is_sure_of_time = True

    def moment(self, outbox: Outbox) -> Moment:
        """Return now, and remember whether the screen warns of the clock."""
        found = super().moment(outbox)
        self.is_sure_of_time = found.plausible
        return found

    def _drafts(self, wish: Wish, outbox: Outbox) -> list[TapDraft]:
        if wish.kind is TapKind.UNDO:
            moment = self.moment(outbox)
            return [TapDraft(wish.kind, moment, undoes=tap_id) for tap_id in self.takes_back]
        return super()._drafts(wish, outbox)

    def keeps(self, tap_ids: Sequence[str]) -> list[str]:
        """Return those that the screen's list shows: what is in the outbox."""
        self.see()
        marks = ",".join("?" * len(tap_ids))
        with closing(sqlite3.connect(self.files.outbox / "outbox.sqlite3")) as database:
            rows = database.execute(f"SELECT tap_id FROM tap WHERE tap_id IN ({marks})", list(tap_ids)).fetchall()
        return [tap_id for (tap_id,) in rows]


class Stage(Simulation):
    """A world, once: with its faults, or its twin without any."""

    def __init__(self, seed: str, server: Server, folder: Path, *, has_faults: bool) -> None:
        self.life: Life = draw_life(seed)
        self.made: dict[int, list[str]] = {}  # act → every tap that it may have made
        self.act_of: dict[str, Act] = {}
        self.unsure: set[str] = set()  # taps at which the screen said that its clock is wrong
        self.unrecorded: list[Act] = []
        super().__init__(seed, server, folder, has_faults=has_faults)
        self.posts = [machine for machine in self.machines if isinstance(machine, Post)]
        self.spare_devices = list(SPARES)

    def drawn(self, chance: Any) -> tuple[Week, int]:
        """Return the world's week, and its terminals."""
        return self.life.week, TERMINALS

    def _add_terminal(self, number: int) -> None:
        mint = Mint(self.world.chance(f"mint/{number}"))
        name = f"t{number + 1}"
        screens = self.chance.choice((1, 1, 2))
        post = Post(self.site, name, self.folder / name, mint, OutboxLimits(), screens)
        post.device_ref = list(DEVICES)[number]
        self.machines.append(post)

    # -- what people do -----------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Put the whole week in the queue."""
        first = self.week.bursts[0].start
        for number, machine in enumerate(self.machines):
            self.world.at(first + number * SECOND, lambda machine=machine: self.enrol(machine))  # type: ignore[misc]
        for burst in self.week.bursts:
            self.world.at(burst.start - SECOND, lambda burst=burst: self._wake_users(burst))  # type: ignore[misc]
            if self.has_faults:
                self.world.at(burst.end + AFTER_BURST, self._close_burst)
        for act in self.life.acts:
            self.world.at(act.at, lambda act=act: self.do(act))  # type: ignore[misc]

    def _wake_users(self, burst: Burst) -> None:
        """Those terminals work that are used in a burst; the others stand in a school that is closed."""
        until = burst.end + AFTER_BURST
        for number in {act.terminal for act in self.life.acts if burst.start <= act.at <= until}:
            machine = self.machines[number]
            machine.awake_until = until
            machine.power_on()
            machine.wake(self.chance.randint(0, 30 * SECOND))

    def do(self, act: Act, tries: int = 1) -> None:
        """Make a gesture; whoever is not told that it is recorded makes it again."""
        post, ledger = self.posts[act.terminal], self.ledger
        if act.takes_back is not None:
            post.takes_back = post.keeps(self.made.get(act.takes_back, []))
        greens, unseen = len(ledger.greens), len(ledger.unseen)
        post.tap(act.wish)
        shown = [one.tap.tap_id for one in ledger.greens[greens:]]
        perhaps = list(ledger.unseen)[unseen:]
        self.made.setdefault(act.number, []).extend([*shown, *perhaps])
        self.act_of.update({tap_id: act for tap_id in (*shown, *perhaps)})
        if not post.is_sure_of_time:
            self.unsure.update((*shown, *perhaps))
        if shown:
            return
        if tries < TRIES_MAX:
            self.world.at(self.world.now + TRY_AGAIN, lambda: self.do(act, tries + 1))
        else:
            self.unrecorded.append(act)

    def _help(self) -> bool:
        """Give one code for a device at a time: machines with one card would take it from each other."""
        served: set[str | None] = set()
        for machine in self.machines:
            machine.see()
            if machine.asks_for_code() and machine.device_ref not in served and not self._is_drained(machine):
                self.enrol(machine)
                served.add(machine.device_ref)
            machine.offer_parked()
        return bool(served)


class BillFaults(Faults):
    """The week's faults, those that add gestures of their own left out."""

    def plan(self) -> None:
        """Draw what will go wrong."""
        kinds = kinds_of(self.stage.family)
        for _ in range(self.chance.randint(3, 9)):
            self.chance.choice(kinds)(self)

    def other_device(self) -> None:
        """A terminal is enrolled again, as another device of its place."""
        machine = self.machine()

        def change() -> None:
            place = {**DEVICES, **SPARES}[machine.device_ref or ""]
            spares = [ref for ref in self.stage.spare_devices if SPARES[ref] == place]
            if spares:
                self.stage.spare_devices.remove(spares[0])
                self.stage.enrol(machine, spares[0])

        self.strike("another_device", self.instant(), machine, change)


def kinds_of(family: str) -> list[Fault]:
    """Return the faults of a family, as this stage plays them."""
    left_out = _LEFT_OUT.get(family, {"twin"})
    return [getattr(BillFaults, kind.__name__) for kind in FAMILIES[family] if kind.__name__ not in left_out]
