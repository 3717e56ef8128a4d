"""The scenario of a terminal: screens keep taps, the sync process settles them, in one shared folder.

Everything follows from the seed: who does what, and, by the shim's turns, in which order. What a screen showed and
what the server held is noted in the log at the moment it was known.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from terminal.outbox import Outbox, OutboxError, OutboxLimits, Store, StoredTap, TapNotKept, borrowed_store, purge
from terminal.outbox.sync_state import SyncState, save_sync_state
from tests.simulation.power.control import Action, Control, Operation
from tests.simulation.power.planted import plant
from tests.simulation.power.taps import KEPT_AT, draft_of, identity_of
from tests.simulation.power.zygote import Kill, Play, run_by_turns, run_freely

Plan = Callable[[Control, Mapping[str, Any], random.Random], dict[int, list[Play]]]

DAY = 24 * 3600 * 1_000_000
SYNC_SLOT = 0
EVERYTHING = 10**9


def run(control: Control, request: Mapping[str, Any]) -> int:
    """Play one scenario; return the length of its log."""
    source = random.Random(f"plan/{request['seed']}")
    if request["plan"] == "killed":
        busy = [Busy(control, request).play, BusySync(control, request).play][: source.choice((1, 1, 2))]
        return run_freely(control, request, busy, Kill(source.uniform(0, 20), source.random() < 0.7))
    plans: dict[str, Plan] = {"mixed": _mixed, "three": _three, "refusals": _refusals, "steps": _steps}
    return run_by_turns(control, request, plans[request["plan"]](control, request, source))


def _mixed(control: Control, request: Mapping[str, Any], source: random.Random) -> dict[int, list[Play]]:
    """One to three screens that live one to three times, and often a sync process."""
    slots: dict[int, list[Play]] = {}
    for slot in range(1, source.choice((2, 2, 3, 4))):
        slots[slot] = [Screen(control, request).play for _ in range(source.randint(1, 3))]
    if source.random() < 0.7:
        slots[SYNC_SLOT] = [Sync(control, request).play for _ in range(source.randint(1, 2))]
    return slots


def _three(control: Control, request: Mapping[str, Any], _source: random.Random) -> dict[int, list[Play]]:
    """The small scenario that is cut at every operation: one screen, three taps, a clean end."""

    def play(life: int) -> None:
        screen = Screen(control, request)
        screen.open(life)
        for _ in range(3):
            screen.keep(1)
        screen.close()

    return {1: [play]}


def _refusals(control: Control, request: Mapping[str, Any], source: random.Random) -> dict[int, list[Play]]:
    """A screen, sometimes two and a sync process, on a disk that refuses for a while (test plan F4)."""
    slots: dict[int, list[Play]] = {1: [Refused(control, request).play]}
    if source.random() < 0.3:
        slots[2] = [Screen(control, request).play]
    if source.random() < 0.5:
        slots[SYNC_SLOT] = [Sync(control, request).play]
    return slots


def _steps(control: Control, request: Mapping[str, Any], source: random.Random) -> dict[int, list[Play]]:
    """Lives that end by kill -9 at a step of their work on the disk, before, in the middle of or after it."""
    slots: dict[int, list[Play]] = {1: [Doomed(control, request).play for _ in range(source.randint(1, 4))]}
    if source.random() < 0.4:
        slots[2] = [Doomed(control, request).play for _ in range(source.randint(1, 2))]
    if source.random() < 0.5:
        slots[SYNC_SLOT] = [Sync(control, request).play for _ in range(2)]
    return slots


class Actor:
    """What screens and the sync process share: a folder, a source of chance, and the log to speak to."""

    def __init__(self, control: Control, request: Mapping[str, Any]) -> None:
        self.control = control
        self.folder = Path(request["folder"])
        self.seed = request["seed"]
        self.world: int = request.get("world", 0)
        self.planted = request.get("planted", ())
        self.life = 0
        self.random = random.Random()
        self.given = count()

    def begin(self, life: int) -> None:
        """Become somebody: the number of this life makes names and identities its own."""
        plant(self.planted)
        self.life = life
        self.random = random.Random(f"life/{self.seed}/{self.world}/{life}")

    def clock(self) -> int:
        """Return an instant of this world."""
        return KEPT_AT + self.world * 60_000_000 + self.life

    def identity(self) -> str:
        """Give out the next identity, and say so."""
        given = identity_of(self.seed, self.world, self.life, next(self.given))
        self.control.mark("identity", identity=given)
        return given

    def play(self, life: int) -> None:
        """Live."""
        raise AssertionError("each actor has a life of its own")


class Screen(Actor):
    """A screen process: it opens the outbox, keeps taps, and stops cleanly or not at all."""

    def open(self, life: int) -> None:
        """Start: what the outbox holds now is promised from now on."""
        self.begin(life)
        self.gestures = count()
        self.limits = OutboxLimits(journal_taps_max=self.random.choice((3, 7, 10_000)))
        self._open()

    def _open(self) -> None:
        self.control.mark("opening")
        self.box = Outbox(self.folder, self.clock, self.limits, self.identity)
        if self.box.fault is None:
            # The shipped 1 000 pages would hardly ever be reached here; a WAL that begins again must be cut too.
            self.box.store.rows(f"PRAGMA wal_autocheckpoint = {self.random.choice((12, 60, 1_000))}")
            [(mode,)] = self.box.store.rows("PRAGMA journal_mode")
            self.control.mark("opened", mode=mode, store_was=self.box.recovery.store_was)
            held = self.box.store.rows("SELECT body FROM tap WHERE state <> 'void'")
            self.control.mark("held", bodies=[_text(body) for (body,) in held])
        else:
            self.control.mark("fault", code=self.box.fault.support_code)

    def play(self, life: int) -> None:
        """Do a few things at random."""
        self.open(life)
        for _ in range(self.random.randint(1, 9)):
            self.step()
        if self.random.random() < 0.5:
            self.close()

    def step(self) -> None:
        """Do one thing."""
        does: Callable[[], object] = self.random.choices(
            (
                lambda: self.keep(1),
                lambda: self.keep(self.random.randint(2, 5)),
                self.reopen,
                self.verify,
                self.look,
            ),
            (60, 15, 10, 5, 10),
        )[0]
        does()

    def keep(self, taps: int) -> bool:
        """Make gestures and say what the screen showed; return whether it was green."""
        names = [f"{self.world}.{self.life}.{next(self.gestures)}" for _ in range(taps)]
        self.control.mark("attempt", names=names)
        try:
            kept = self.box.keep_all([draft_of(name) for name in names])
        except TapNotKept as refusal:
            self.control.mark("red", names=names, code=refusal.support_code)
            return False
        self.control.mark("green", bodies=[_text(StoredTap.of(one.tap).body) for one in kept])
        return True

    def reopen(self) -> None:
        """Stop cleanly and start again in the same process."""
        self.close()
        self._open()

    def close(self) -> None:
        """Stop cleanly."""
        self.box.close()

    def verify(self) -> None:
        """Run the background check: on a disk that only lost power it must find nothing."""
        if self.box.fault is None:
            before = self.control.injected()
            whole = self.box.verify()
            if self.control.injected() == before:
                self.control.mark("verified", whole=whole)

    def look(self) -> None:
        """Read, as screens do."""
        try:
            self.box.counts()
            self.box.store.taps_since(KEPT_AT)
            self.box.store.checkpoint()
        except OutboxError as fault:
            self.control.mark("fault", code=fault.support_code)


class Refused(Screen):
    """A screen on a disk that refuses for a while: red or green, never a false green, and green again after."""

    def play(self, life: int) -> None:
        """Keep some taps, meet a fault that may last, let the disk heal, and go on."""
        if life == 1 and not any(self.folder.iterdir()):
            self.control.mark("new")
        self.begin(life)
        is_late = self.random.random() < 0.8
        if not is_late:
            self._break()
        self.open(life)
        for _ in range(self.random.randint(0, 4)):
            self.keep(self.random.choice((1, 1, 1, 3)))
        if is_late:
            self._break()
        for _ in range(self.random.randint(1, 6)):
            self.step()
        self.control.heal()
        self.control.mark("healed", injected=self.control.injected())
        shown = [self.keep(1) for _ in range(3)]
        self.control.mark("recovered", shown=shown)
        if self.random.random() < 0.5:
            self.close()

    def _break(self) -> None:
        error = self.random.choice((28, 5, 30))  # ENOSPC, EIO, EROFS
        match = self.random.choice(("", "", "journal-", "-wal", "outbox.sqlite3", "newborn-"))
        skip, times = self.random.randint(0, 12), self.random.choice((1, 1, 2, 5, -1))
        grows = (Operation.WRITE, Operation.CREATE)
        if error == 28:
            self.control.rule(Action.SHORT, (Operation.WRITE,), match, skip=skip, error=error)
            self.control.rule(Action.FAIL, grows, match, skip=skip, times=times, error=error, index=1)
            return
        action = self.random.choice((Action.FAIL, Action.FAIL, Action.FAIL_AFTER))
        operations = self.random.choice(
            (
                (Operation.SYNC,),
                (Operation.WRITE,),
                (Operation.WRITE, Operation.SYNC, Operation.TRUNCATE),
                (*grows, Operation.SYNC, Operation.TRUNCATE, Operation.RENAME, Operation.UNLINK, Operation.OPEN),
            )
        )
        self.control.rule(action, operations, match, skip=skip, times=times, error=error)


class Doomed(Screen):
    """A screen that is killed at one of its steps, or takes somebody else with it."""

    def play(self, life: int) -> None:
        """Set the trap, then live as any other."""
        self.begin(life)
        any_step = (Operation.OPEN, Operation.WRITE, Operation.SYNC, Operation.RENAME, Operation.UNLINK)
        operations, match, skip_max = self.random.choice(
            (
                (any_step, "", 80),
                ((Operation.WRITE,), "journal-", 6),
                ((Operation.SYNC,), "journal-", 6),
                ((Operation.WRITE, Operation.SYNC), "-wal", 40),
                ((Operation.WRITE, Operation.SYNC, Operation.TRUNCATE), "outbox.sqlite3", 60),
                ((Operation.CREATE, Operation.RENAME, Operation.UNLINK), "", 3),
                ((Operation.WRITE, Operation.SYNC, Operation.RENAME), "newborn-", 2),
            )
        )
        action = self.random.choice((Action.KILL, Action.KILL_AFTER, Action.KILL_SHORT))
        self.control.rule(action, operations, match, skip=self.random.randint(0, skip_max), index=life % 4)
        super().play(life)


class Busy(Screen):
    """A screen that works until somebody kills it."""

    def play(self, life: int) -> None:
        """Go on for ever."""
        self.open(life)
        self.control.be_ready()
        while True:
            self.step()


class Sync(Actor):
    """The sync process, with a server that always answers: reads what is unsent, settles it, empties old epochs."""

    def play(self, life: int) -> None:
        """Take a few turns, as the engine does; an outbox that is not there yet is no fault."""
        self.begin(life)
        for _ in range(self.random.randint(1, 6)):
            try:
                with borrowed_store(self.folder) as store:
                    self._step(store)
            except (OutboxError, sqlite3.Error, OSError) as fault:  # as terminal.sync.process does
                self.control.mark("away", why=str(fault))
            time.sleep(self.random.choice((0.0, 0.002, 0.008)))  # of virtual time: some 20 µs pass an operation

    def _step(self, store: Store) -> None:
        does: Callable[[Store], None] = self.random.choices(
            (self._settle, self._park, self._reoffer, self._purge, self._report), (60, 8, 8, 14, 10)
        )[0]
        does(store)

    def _settle(self, store: Store) -> None:
        batch = store.pending(self.random.randint(1, 20), EVERYTHING)
        ids = [tap.tap_id for tap in batch]
        self.control.mark("offered", ids=ids)
        store.acknowledge(dict.fromkeys(ids, "stored"), self.clock())
        self.control.mark("settled", ids=ids)

    def _park(self, store: Store) -> None:
        for tap in store.pending(1, EVERYTHING):
            store.park(tap.tap_id, "illisible", self.clock())
        if self.random.random() < 0.5:
            store.unpark_all()

    def _reoffer(self, store: Store) -> None:
        self.control.mark("reoffering")
        store.reoffer_above({epoch: seq // 2 for epoch, seq in store.highest_acked().items()})

    def _purge(self, store: Store) -> None:
        self.control.mark("purging")
        before = _ids(store)
        purge(store, self.clock() + 100 * DAY)
        self.control.mark("purged", ids=sorted(before - _ids(store)))

    def _report(self, store: Store) -> None:
        save_sync_state(store, SyncState(enrolled=True, last_attempt_at=self.clock(), message="À jour"))


class BusySync(Sync):
    """A sync process that works until somebody kills it."""

    def play(self, life: int) -> None:
        """Go on for ever."""
        while True:
            super().play(life)


def _ids(store: Store) -> set[str]:
    return {str(row[0]) for row in store.rows("SELECT tap_id FROM tap")}


def _text(body: object) -> str:
    assert isinstance(body, bytes)
    return body.decode()
