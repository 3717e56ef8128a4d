"""One simulated terminal: its disk, its clocks, its screen processes and its sync process, all of shipped code.

A process that is killed writes nothing more: its descriptors are closed as the system closes them, and the
files are left as
they were. A machine that loses its power loses all its processes, its boot and its monotonic clock.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import httpx

from domain.taps import Direction, TapKind
from domain.wire.v1 import TapV1
from terminal.clock import Timekeeper
from terminal.config import TerminalFiles
from terminal.outbox import (
    Counts,
    Moment,
    Outbox,
    OutboxError,
    OutboxLimits,
    Store,
    TapDraft,
    TapNotKept,
)
from terminal.outbox.sync_state import SyncState, enrolment_request, load_sync_state
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import IdentityStore
from terminal.sync.meetings import Meetings
from tests.simulation.week.clocks import DAY, SECOND, MachineClock
from tests.simulation.week.ledger import Gesture, Ledger
from tests.simulation.week.loans import Loan
from tests.simulation.week.network import Network, ProcessKilled, Transport
from tests.simulation.week.seams import PowerCut, Upset, abandon, calm, upset_next
from tests.simulation.week.world import World

# As shipped, but the server is asked seldom: between two bursts of taps nothing happens anyway.
PACE = SyncPace(idle=5.0, state_every=550.0, report_every=DAY / SECOND, roster_every=4 * DAY / SECOND)
_LOOK_AGAIN, _LOOK_AGAIN_MAX = 4 * SECOND, 150 * SECOND
_SOON = SECOND // 20


class Mint:
    """Gives out identities from a seeded source, and remembers the last ones."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.given: list[str] = []

    def __call__(self) -> str:
        """Return 128 bits in hexadecimal."""
        self.given.append(f"{self.source.getrandbits(128):032x}")
        return self.given[-1]

    def twin(self) -> "Mint":
        """Return a mint that will give out the very same identities: a cloned machine with cloned chance."""
        source = random.Random()
        source.setstate(self.source.getstate())
        return Mint(source)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person is about to do at a screen; `undo` takes back the last green tap of the terminal."""

    kind: TapKind = TapKind.BADGE
    badge_uid: str | None = None
    children: tuple[str, ...] = ()
    typed_name: str | None = None
    service_ref: str | None = None
    direction: Direction | None = None
    is_strange: bool = False
    screen: int = 0


class StrangeTap(TapV1):
    """A tap of a release to come: with something that this server does not know."""

    mood: str = "joyeux"


class StrangeDraft(TapDraft):
    """A draft that becomes a strange tap."""

    def with_identity(self, tap_id: str, epoch: str, seq: int) -> TapV1:
        """Return the tap with its strange field."""
        known = super().with_identity(tap_id, epoch, seq)
        return StrangeTap(**known.model_dump())


@dataclass(slots=True)
class Site:
    """What all machines of a simulation share."""

    world: World
    network: Network
    ledger: Ledger
    is_kept_twice: Callable[[Path, TapV1], str | None]  # the checkers' own look at a home; None when all is well


class Machine:
    """A terminal. `home` names its disk: a clone has another."""

    def __init__(self, site: Site, name: str, folder: Path, mint: Mint, limits: OutboxLimits, screens: int) -> None:
        self.site, self.name, self.home = site, name, folder.name
        self.files = TerminalFiles(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.mint, self.limits = mint, limits
        self.clock = MachineClock(folder.name, site.world.clock)
        self.installed_at = site.world.now - DAY
        self.device_ref: str | None = None
        self.is_on = True
        self.awake_until = 0
        self.life = 0
        self.boot_wall: Literal["right", "stopped", "1970"] = "right"
        self._off_at_wall = 0
        self._screens: list[Outbox | None] = [None] * screens
        self._timekeeper: Timekeeper | None = None
        self._engine: SyncEngine | None = None
        self._loan = Loan(self.files.outbox)
        self._is_busy = False
        self._alarm: int | None = None
        self._patience = self.look_again_max = _LOOK_AGAIN_MAX
        self.asked = self._asked_before = 0
        self._chance = site.world.chance(f"sync/{folder.name}")
        transport = Transport(self, site.network)
        self._http = httpx.Client(transport=transport, base_url="http://server", trust_env=False)
        self.violations: list[str] = []
        self.inherited: list[Gesture] = []
        self.wiped_after = 0

    # -- screens ------------------------------------------------------------------------------------------------

    def tap(self, wish: Wish) -> None:
        """Do what a person wishes at a screen; the ledger learns what the screen showed."""
        self.power_on()
        number = wish.screen % len(self._screens)
        outbox = self._screens[number] or self._open(number)
        drafts = self._drafts(wish, outbox)
        if not drafts:
            return
        ledger, self.mint.given = self.site.ledger, []
        try:
            kept = outbox.keep_all(drafts)
        except TapNotKept as refusal:
            ledger.reds.update(self.mint.given)
            ledger.figures["red"] += len(drafts)
            self.site.world.note(self.name, f"red {refusal.support_code}")
            return
        except PowerCut:
            for tap_id, draft in zip(self.mint.given[-len(drafts) :], drafts, strict=True):
                ledger.unseen.setdefault(tap_id, []).append(draft)
            self._put_back_the_cut()
            return
        for one in kept:
            fault = self.site.is_kept_twice(self.files.outbox, one.tap)
            if fault is not None:
                self.violations.append(f"P1 {self.name}: green, and {fault}: {one.tap.tap_id}")
            body = one.tap.model_dump_json(exclude_none=True).encode()
            number_ = ledger.number()
            now = self.site.world.now
            ledger.green(Gesture(number_, self.name, self.home, now, one.tap, body, wish.is_strange))
            self.site.world.note(self.name, f"green {one.tap.tap_id[:6]} {one.tap.epoch[:4]}/{one.tap.seq}")
        self.wake(self._chance.randint(_SOON, 3 * SECOND))

    def _open(self, number: int) -> Outbox:
        keeper = self.timekeeper
        opened = Outbox(self.files.outbox, lambda: keeper.moment().wall, self.limits, self.mint)
        self._screens[number] = opened
        return opened

    @property
    def timekeeper(self) -> Timekeeper:
        """The screens' knowledge of time, one a boot."""
        if self._timekeeper is None:
            self._timekeeper = Timekeeper(self.clock.instruments(), self.installed_at)
        return self._timekeeper

    def moment(self, outbox: Outbox) -> Moment:
        """Return now as a screen knows it, after a look at what the sync process learnt."""
        with suppress(OutboxError, sqlite3.Error):
            self.timekeeper.learn(load_sync_state(outbox.store).anchor)
        return self.timekeeper.moment()

    def _drafts(self, wish: Wish, outbox: Outbox) -> list[TapDraft]:
        draft = TapDraft(
            wish.kind,
            self.moment(outbox),
            badge_uid=wish.badge_uid,
            typed_name=wish.typed_name,
            service_ref=wish.service_ref,
            direction=wish.direction,
        )
        if wish.is_strange:
            fields = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
            return [StrangeDraft(**fields)]
        if wish.kind is TapKind.UNDO:
            mine = [one for one in self.site.ledger.greens if one.home == self.home and one.tap.undoes is None]
            return [replace(draft, undoes=mine[-1].tap.tap_id)] if mine else []
        if wish.children:
            return [replace(draft, child_ref=child) for child in wish.children]
        return [draft]

    # -- the sync process ---------------------------------------------------------------------------------------

    def wake(self, delay: int) -> None:
        """Let the sync process take a step soon, unless it will anyway."""
        when = self.site.world.now + delay
        if self._alarm is None or when < self._alarm:
            self._alarm = when
            self.site.world.at(when, self._ring)

    def _ring(self) -> None:
        now = self.site.world.now
        if self._alarm is None or now < self._alarm:
            return
        self._alarm = None
        if self.is_on and now <= self.awake_until and not self._is_busy:  # the step under way wakes us at its end
            self._step()

    def _step(self) -> None:
        self._is_busy = True
        try:
            wait = self._running().step()
        except ProcessKilled:
            self._engine, wait = None, 1.0
        except (OutboxError, sqlite3.Error, OSError) as error:  # as terminal.sync.process waits it out
            self.site.world.note(self.name, f"sync cannot use the outbox: {error!r}")
            wait = 5.0
        finally:
            self._is_busy = False
            self.give_back()
        self.wake(_SOON if wait == 0 else max(int(wait * SECOND), self._idle()))

    def _idle(self) -> int:
        """Steps that ask nothing change nothing: take fewer and fewer, until a request or a gesture."""
        is_new, self._asked_before = self.asked != self._asked_before, self.asked
        waits = self._engine is None or not self._engine.state.reachable
        self._patience = _LOOK_AGAIN if is_new and waits else min(3 * self._patience, self.look_again_max)
        return self._chance.randint(self._patience // 2, self._patience)

    def _running(self) -> SyncEngine:
        if self._engine is None:
            place = SyncPlace(
                self._loan.lend,
                RosterStore(self.files.roster),
                IdentityStore(self.files.token),
                "simulated",
                Meetings(self.files.meetings),
            )
            server = ServerClient(self._http, lambda: self.clock.mono_ms() / 1000)
            chance = SyncChance(self.clock.instruments(), self._chance)
            try:
                self._engine = SyncEngine(place, server, chance, PACE)
            finally:
                self.give_back()
        return self._engine

    def give_back(self) -> None:
        """Hold no outbox while the network is waited for."""
        self._loan.give_back()

    # -- what anybody may see on it -----------------------------------------------------------------------------

    def see(self) -> Outbox:
        """Return an open screen's outbox."""
        self.power_on()
        return next((outbox for outbox in self._screens if outbox is not None), None) or self._open(0)

    def _seen_store(self) -> Store:
        return self.see().store

    def counts(self) -> Counts | None:
        """Return how many taps are held, by state; None when the outbox cannot be opened."""
        try:
            return self._seen_store().counts()
        except OutboxError:
            return None

    def sync_state(self) -> SyncState | None:
        """Return what the screens are told about sending."""
        try:
            return load_sync_state(self._seen_store())
        except OutboxError:
            return None

    def asks_for_code(self) -> bool:
        """Say whether people still have to enrol the terminal: its screens ask for it, or refused the last code
        typed; and nobody has typed one that still waits."""
        request, state = enrolment_request(self._seen_store()), load_sync_state(self._seen_store())
        outcome = "none" if request is None else request.outcome
        is_anonymous = IdentityStore(self.files.token).load() is None
        return outcome is not None and (outcome == "refused" or state.needs_enrolment or is_anonymous)

    def offer_parked(self) -> None:
        """A person presses « proposer à nouveau »."""
        if self._seen_store().counts().parked:
            self._seen_store().unpark_all()

    def holds(self) -> list[Gesture]:
        """Return the green gestures that this disk must hold: its own, and those it was cloned with."""
        own = [one for one in self.site.ledger.greens if one.home == self.home and one.number > self.wiped_after]
        return [*self.inherited, *own]

    # -- life and death -----------------------------------------------------------------------------------------

    def kill_sync(self) -> None:
        """Kill the sync process; the screen starts another."""
        self._engine = None
        self.life += 1
        self.wake(SECOND)

    def kill_screen(self, number: int) -> None:
        """Kill a screen process; the next gesture starts another."""
        number %= len(self._screens)
        outbox, self._screens[number] = self._screens[number], None
        if outbox is not None:
            abandon(outbox)

    def close_screens(self) -> None:
        """End the screen processes as an evening does."""
        for number, outbox in enumerate(self._screens):
            if outbox is not None:
                outbox.close()
            self._screens[number] = None

    def unplug(self) -> None:
        """Lose the power."""
        for number in range(len(self._screens)):
            self.kill_screen(number)
        calm(self.files.outbox)
        self._off()

    def shut_down(self) -> None:
        """Switch off properly."""
        self.close_screens()
        self._off()

    def _off(self) -> None:
        self.is_on = False
        self._off_at_wall = self.clock.wall()
        self._engine = None
        self.life += 1

    def power_on(self) -> None:
        """Boot, if off. A machine without a battery wakes in the past."""
        if self.is_on:
            return
        self.is_on = True
        self._timekeeper = None
        self.clock.boot()
        if self.boot_wall == "stopped":
            self.clock.set_wall(self._off_at_wall)
        elif self.boot_wall == "1970":
            self.clock.set_wall(3 * SECOND)
        self.wake(self._chance.randint(SECOND, 20 * SECOND))

    def upset_next(self, upset: Upset) -> None:
        """Let the next tap kept here meet trouble on the disk."""
        self._cut_files: dict[str, bytes] = {}
        upset_next(self.files.outbox, upset, self._photograph)

    def _photograph(self) -> None:
        self._cut_files = {path.name: path.read_bytes() for path in self.files.outbox.iterdir() if path.is_file()}

    def _put_back_the_cut(self) -> None:
        """The power went while a tap was being kept: nothing that the dying code did afterwards has happened."""
        files = dict(self._cut_files)
        self.unplug()
        for path in self.files.outbox.iterdir():
            if path.is_file():
                path.unlink()
        for name, content in files.items():
            if not name.endswith("-shm"):
                (self.files.outbox / name).write_bytes(content)

    def wipe(self) -> None:
        """Put a new memory card in: everything of the old one is gone."""
        self.shut_down()
        shutil.rmtree(self.files.home)
        self.files.home.mkdir()
        self.inherited, self.wiped_after = [], self.site.ledger.last

    def copy_home_to(self, folder: Path) -> None:
        """Copy the disk as it is now, as somebody who clones a memory card does."""
        shutil.copytree(self.files.home, folder, ignore=shutil.ignore_patterns("*-shm"))

    def end(self) -> None:
        """Close everything; the simulation is over."""
        self.close_screens()
        self._http.close()
