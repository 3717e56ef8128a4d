"""The outbox against a model: a set of green taps and what the server said of each (test plan F10, F13)."""

from __future__ import annotations

import errno
import hashlib
import random
import shutil
import tempfile
from collections import defaultdict
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from terminal.outbox import Outbox, OutboxLimits, TapNotKept
from terminal.outbox.journal import journal_files, read_journal
from terminal.outbox.outbox import purge
from tests.harness.effort import examples
from tests.unit.terminal.builders import badge, clock_at, instant

DAY = 24 * 3600 * 1_000_000
STORE = "outbox.sqlite3"
SEEDS = st.integers(0, 2**32 - 1)


class OutboxMachine(RuleBasedStateMachine):
    """Taps, failures, answers, power cuts and damage to one of the two copies, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="marelle-outbox-"))
        self.lives = 0
        self.identities = count()
        self.green: dict[str, str] = {}  # tap_id → state
        self.epochs: dict[str, str] = {}  # tap_id → epoch
        self.emptied: set[str] = set()
        self.living = ""  # the epoch that the process writes to
        self.box = self._open(self.root / "0")

    def _open(self, folder: Path) -> Outbox:
        limits = OutboxLimits(journal_taps_max=7)
        return Outbox(folder, clock_at(instant(8, 2)), limits, identity=self._identity)

    def _identity(self) -> str:
        """Random to look at, the same at each replay."""
        return hashlib.sha256(str(next(self.identities)).encode()).hexdigest()[:32]

    @rule(taps=st.integers(1, 4))
    def taps_are_kept(self, taps: int) -> None:
        for kept in self.box.keep_all([badge()] * taps):
            self.green[kept.tap.tap_id] = "pending"
            self.epochs[kept.tap.tap_id] = self.living = kept.tap.epoch

    @rule(call=st.sampled_from(["fsync", "write", "ftruncate+fsync"]))
    def the_disk_refuses_a_tap(self, call: str) -> None:
        self.taps_are_kept(1)  # a journal is open, so that the failure hits an append
        error = OSError(errno.EIO, "broken")
        names = call.split("+")
        broken = (patch(f"os.{names[0]}", side_effect=error), patch(f"os.{names[-1]}", side_effect=error))
        with broken[0], broken[1], pytest.raises(TapNotKept):
            self.box.keep(badge())
        self.taps_are_kept(1)  # once the disk takes a write again, the red tap is withheld for good

    @precondition(lambda self: "pending" in self.green.values())
    @rule(seed=SEEDS)
    def the_server_acknowledges_some(self, seed: int) -> None:
        some = self._some("pending", seed)
        self.box.store.acknowledge(dict.fromkeys(some, "stored"), instant(9))
        self.green |= dict.fromkeys(some, "acked")

    @precondition(lambda self: "pending" in self.green.values())
    @rule(seed=SEEDS)
    def one_is_parked(self, seed: int) -> None:
        one = self._some("pending", seed)[0]
        self.box.store.park(one, "unreadable", instant(9))
        self.green[one] = "parked"

    @rule(days=st.sampled_from([1, 89, 91, 1000]))
    def old_taps_are_emptied(self, days: int) -> None:
        """Only epochs whose every tap the server has held for ninety days, and never the one being written."""
        purge(self.box.store, instant(9) + days * DAY)
        unsent = {self.epochs[tap_id] for tap_id, state in self.green.items() if state != "acked"}
        if days > 90:
            gone = {tap_id for tap_id in self.green if self.epochs[tap_id] not in unsent | {self.living}}
            self.emptied |= gone
            for tap_id in gone:
                del self.green[tap_id]

    @rule()
    def the_process_stops_and_starts(self) -> None:
        self.box.close()
        self.living = ""
        self.box = self._open(self.box.folder)

    @rule()
    def the_power_is_cut(self) -> None:
        self._reopen_after(lambda folder: None)

    @rule(seed=SEEDS)
    def the_database_is_damaged(self, seed: int) -> None:
        """States may be forgotten (a tap is offered again), taps may not."""
        self._reopen_after(lambda folder: _damage(folder / STORE, random.Random(seed)))
        self._states_may_have_gone_back_to_pending()

    @rule()
    def the_write_ahead_log_is_lost(self) -> None:
        self._reopen_after(lambda folder: (folder / f"{STORE}-wal").unlink(missing_ok=True))
        self._states_may_have_gone_back_to_pending()

    @precondition(lambda self: bool(journal_files(self.box.folder)))
    @rule(seed=SEEDS)
    def a_journal_is_damaged(self, seed: int) -> None:
        source = random.Random(seed)
        self._reopen_after(lambda folder: _damage(source.choice(journal_files(folder)), source))

    @invariant()
    def every_green_tap_is_held_and_nothing_is_invented(self) -> None:
        rows = self.box.store.rows("SELECT tap_id, state FROM tap WHERE state <> 'void'")
        assert {str(tap_id): state for tap_id, state in rows} == self.green

    @invariant()
    def numbers_are_dense(self) -> None:
        numbers: dict[str, list[int]] = defaultdict(list)
        for epoch, seq in self.box.store.rows("SELECT epoch, seq FROM tap WHERE state <> 'void' ORDER BY seq"):
            numbers[str(epoch)].append(int(str(seq)))
        assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())

    @invariant()
    def the_journals_hold_every_unsent_tap_too(self) -> None:
        held = {frame.tap_id for path in journal_files(self.box.folder) for frame in read_journal(path).taps}
        assert {tap_id for tap_id, state in self.green.items() if state != "acked"} <= held

    @invariant()
    def the_counts_are_right(self) -> None:
        counts = self.box.counts()
        wanted = [list(self.green.values()).count(state) for state in ("pending", "acked", "parked")]
        assert [counts.pending, counts.acked, counts.parked] == wanted

    def teardown(self) -> None:
        self.box.close()
        shutil.rmtree(self.root)

    def _some(self, state: str, seed: int) -> list[str]:
        found = sorted(tap_id for tap_id, one in self.green.items() if one == state)
        return random.Random(seed).sample(found, max(1, len(found) // 2))

    def _reopen_after(self, fault: object) -> None:
        """Take the files as they are on disk now, hurt them, and start on what is left."""
        self.lives += 1
        self.living = ""
        folder = self.root / str(self.lives)
        shutil.copytree(self.box.folder, folder)
        self.box.close()
        assert callable(fault)
        fault(folder)
        self.box = self._open(folder)
        assert self.box.fault is None
        self.box.verify()  # as the terminal does in the background after a start

    def _states_may_have_gone_back_to_pending(self) -> None:
        """An older database knows again what was emptied since; sent again, it is a duplicate."""
        for tap_id, state in self.box.store.rows("SELECT tap_id, state FROM tap WHERE state <> 'void'"):
            is_back = str(tap_id) in self.emptied
            if is_back or (state == "pending" and str(tap_id) in self.green):
                self.green[str(tap_id)] = str(state)


def _damage(path: Path, source: random.Random) -> None:
    """Flip bits, zero a block, or cut the end off (test plan F10)."""
    data = bytearray(path.read_bytes())
    if not data:
        return
    kind = source.choice(["flip", "zero", "truncate"])
    at = source.randrange(len(data))
    if kind == "flip":
        for _ in range(source.randint(1, 64)):
            data[source.randrange(len(data))] ^= 1 << source.randrange(8)
    elif kind == "zero":
        data[at : at + 512] = bytes(len(data[at : at + 512]))
    else:
        del data[at:]
    path.write_bytes(data)


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.pytestmark = pytest.mark.fuzz  # type: ignore[attr-defined]
TestOutboxMachine.settings = settings(
    max_examples=examples(10),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
