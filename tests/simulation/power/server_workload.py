"""The scenario of a server: the door of taps answers terminals while other processes write to the same records.

Each process opens the shipped records by itself. Terminals are simulated by what they send: batches in order, sent
again, with numbers missing, with a tap that nobody can read.
"""

import logging
import os
import random
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from domain.wire.v1 import BatchAnswerV1, TapV1
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations.devices import NewDevice, register_device
from records.operations.quarantine import StorageUnavailable
from records.operations.tap_rows import TapBatch
from records.operations.taps import TapStore
from tests.simulation.power.control import EVERY_TIME, Action, Control, Operation
from tests.simulation.power.planted import plant
from tests.simulation.power.school import SCHOOL, SentBy, content_hash, tap_of, unreadable
from tests.simulation.power.taps import KEPT_AT, identity_of
from tests.simulation.power.zygote import Play, run_by_turns, run_freely

EPOCH_TAPS_MAX = 30


def run(control: Control, request: Mapping[str, Any]) -> int:
    """Play one scenario; return the length of its log."""
    logging.disable(logging.CRITICAL)  # refusals are what we came for
    plan = request.get("plan", "mixed")
    source = random.Random(f"plan/{request['seed']}")
    if plan == "threads":
        return run_freely(control, request, [Door(control, request).play_in_threads])
    if plan == "three":
        return run_by_turns(control, request, {0: [Door(control, request).play_three]})
    lives: dict[int, Sequence[Play]] = {
        0: [Door(control, request, refuses=plan == "refusals").play for _ in range(source.randint(1, 2))]
    }
    for slot in range(1, source.randint(1, 3)):
        lives[slot] = [Clerk(control, request).play]
    return run_by_turns(control, request, lives)


class Process:
    """A process of the server: its own connection to the records."""

    def __init__(self, control: Control, request: Mapping[str, Any], refuses: bool = False) -> None:
        self.control = control
        self.folder = Path(request["folder"])
        self.seed = request["seed"]
        self.world: int = request.get("world", 0)
        # Not of the plan: what a server was sent before a cut is sent again after it.
        self.terminals_seed = self.seed.partition(".")[2]
        self.planted = request.get("planted", ())
        self.terminals = [SentBy(**one) for one in request["terminals"]]
        self.refuses = refuses
        self.life = 0
        self.random = random.Random()

    def begin(self, life: int) -> Records:
        """Become somebody and open the records."""
        plant(self.planted)
        self.life = life
        self.random = random.Random(f"life/{self.seed}/{life}")
        records = open_records(records_url(self.folder), lambda: KEPT_AT + life)
        # The shipped 1 000 pages would hardly ever be reached here; a WAL that begins again must be cut too.
        pages = self.random.choice((20, 60, 1_000))
        event.listen(records.engine, "connect", lambda db, _: db.execute(f"pragma wal_autocheckpoint={pages}"))
        return records

    def register(self, records: Records, count: int) -> None:
        """Register terminals, one operation each, as an administrator does."""
        for number in range(count):
            ref = f"tablette-{self.world}-{self.life}-{number}"
            self.control.mark("registering", ref=ref)
            try:
                register_device(records, SETUP, NewDevice(ref, f"Tablette {number}", SCHOOL, "roll_call"))
            except OperationalError as refusal:
                self.control.mark("away", why=str(refusal.orig))
            else:
                self.control.mark("registered", ref=ref)


class Door(Process):
    """The one writer of taps."""

    def play(self, life: int) -> None:
        """Answer some groups of batches; the disk may refuse for a while."""
        with closing(self.begin(life)) as records:
            store = TapStore(records)
            for _ in range(self.random.randint(1, 7)):
                if self.refuses and self.random.random() < 0.3:
                    self._break()
                self._answer(store, [self._batch() for _ in range(self.random.randint(1, 3))])
            self.control.heal()
            if self.refuses:
                self.control.mark("healed", injected=self.control.injected())
                shown = [self._answer(store, [self._batch()]) for _ in range(2)]
                self.control.mark("recovered", shown=shown)
            if self.random.random() < 0.5:
                return
            self.control.leave()
            os._exit(0)  # as a kill would leave the files

    def play_three(self, life: int) -> None:
        """The small scenario that is cut at every operation: three taps, each answered by itself."""
        with closing(self.begin(life)) as records:
            store = TapStore(records)
            for seq in (1, 2, 3):
                self._answer(store, [([tap_of(self._epoch(1, 0), seq)], self.terminals[0])])

    def play_in_threads(self, life: int) -> None:
        """Four threads share the door, as the workers of the API do, while a fifth registers terminals."""
        with closing(self.begin(life)) as records:
            store = TapStore(records)
            plans = [[[self._batch()] for _ in range(4)] for _ in range(4)]
            threads = [
                threading.Thread(target=lambda plan=plan: [self._answer(store, group) for group in plan])
                for plan in plans
            ]
            threads.append(threading.Thread(target=lambda: self.register(records, 3)))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _batch(self) -> "Sending":
        """Return what one terminal sends: new taps, a resend, or numbers that leave a hole."""
        terminal = self.random.randrange(len(self.terminals))
        epoch = self._epoch(self.random.randint(1, self.life), terminal)
        first, count = self.random.randint(1, EPOCH_TAPS_MAX), self.random.choice((1, 1, 2, 3, 8))
        if self.random.random() < 0.6:
            first = 1
        taps: list[TapV1 | str] = [tap_of(epoch, seq) for seq in range(first, first + count)]
        if self.random.random() < 0.1:
            taps.insert(self.random.randint(0, count), unreadable(self.random.randint(1, 5)))
        return taps, self.terminals[terminal]

    def _epoch(self, life: int, terminal: int) -> str:
        return identity_of("epoch", self.terminals_seed, life, terminal)

    def _answer(self, store: TapStore, sendings: Sequence["Sending"]) -> bool:
        """Keep a group and note the answers, as they would leave for the terminals."""
        for taps, _ in sendings:
            for tap in taps:
                if isinstance(tap, str):
                    self.control.mark("sent", content=content_hash(tap))
                else:
                    self.control.mark("sent", tap_id=tap.tap_id, epoch=tap.epoch, seq=tap.seq)
        self.control.mark("begun")
        batches: list[TapBatch] = [terminal.batch(taps) for taps, terminal in sendings]
        outcomes = store.keep_all([store.draft(batch) for batch in batches])
        for (taps, _), outcome in zip(sendings, outcomes, strict=True):
            if isinstance(outcome, StorageUnavailable):
                self.control.mark("refused")
                return False
            if not isinstance(outcome, BatchAnswerV1):
                raise outcome
            kept = [(one.tap_id, one.status.value) for one in outcome.answers if one.tap_id]
            quarantined = [content_hash(tap) for tap in taps if isinstance(tap, str)]
            self.control.mark("answered", kept=kept, quarantined=quarantined, through=outcome.acked_through)
        self.control.mark("done")
        return True

    def _break(self) -> None:
        error = self.random.choice((28, 5, 30))  # ENOSPC, EIO, EROFS
        skip, times = self.random.randint(0, 8), self.random.choice((1, 2, 5, EVERY_TIME))
        match = self.random.choice(("", "-wal", "records.db"))
        if error == 28:
            self.control.rule(Action.SHORT, (Operation.WRITE,), match, skip=skip, error=error)
            writes = (Operation.WRITE, Operation.CREATE)
            self.control.rule(Action.FAIL, writes, match, skip=skip, times=times, error=error, index=1)
            return
        operations = self.random.choice(((Operation.SYNC,), (Operation.WRITE,), (Operation.WRITE, Operation.SYNC)))
        action = self.random.choice((Action.FAIL, Action.FAIL_AFTER))
        self.control.rule(action, operations, match, skip=skip, times=times, error=error)


Sending = tuple[list[TapV1 | str], SentBy]


class Clerk(Process):
    """Another process that writes records: an administrator's."""

    def play(self, life: int) -> None:
        """Register some terminals."""
        with closing(self.begin(life)) as records:
            self.register(records, self.random.randint(1, 4))
