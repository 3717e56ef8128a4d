"""Sending, one step at a time. The caller owns time, sleep, network and chance, so that a simulator can.

Each step makes at most one request and says how long to wait before the next. The outbox is borrowed for
milliseconds round it, never while the network is waited for: no screen ever waits for a server.

What the server says is the only thing that makes a tap *acked*. A failure changes nothing but the waiting.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.french import typeset
from domain.wire.v1 import BATCH_BYTES_MAX, BATCH_TAPS_MAX, BatchAnswerV1, DeviceStateV1
from terminal.clock import Instruments
from terminal.outbox.drafts import StoredTap
from terminal.outbox.outbox import OutboxLimits, purge
from terminal.outbox.store import Store
from terminal.outbox.sync_state import (
    ClockAnchor,
    SyncState,
    answer_enrolment,
    enrolment_request,
    load_sync_state,
    save_sync_state,
)
from terminal.roster.store import RosterStore
from terminal.sync.backoff import Backoff
from terminal.sync.client import BATCH_OVERHEAD_BYTES, NotOurs, NotWelcome, Rejected, ServerClient, Unreachable
from terminal.sync.identity import Identity, IdentityStore
from terminal.sync.loss import Losses
from terminal.sync.meetings import Meetings
from terminal.sync.report import Reporter, damaged_words

DEVICE_REVOKED = "device_revoked"


@dataclass(frozen=True, slots=True)
class SyncPace:
    """How often the server is asked, in seconds; parameters of the installation."""

    idle: float = 1.0
    state_every: float = 60.0
    roster_every: float = 300.0
    report_every: float = 300.0
    report_hurry: float = 10.0  # something that a person should see soon
    purge_every: float = 24 * 3600.0
    not_welcome: float = 300.0
    parks_in_a_row_max: int = 5  # beyond, the server refuses everything: go slowly
    tell_every: float = 1.0  # while only instants change: in a backlog, each word to the screens costs a commit


@dataclass(frozen=True, slots=True)
class SyncPlace:
    """What the engine works on: `outbox()` lends the database for a moment."""

    outbox: Callable[[], AbstractContextManager[Store]]
    roster: RosterStore
    identity: IdentityStore
    software_version: str
    meetings: Meetings = field(default_factory=Meetings)


@dataclass(frozen=True, slots=True)
class SyncChance:
    """The clocks and the chance the engine uses."""

    instruments: Instruments
    random: random.Random


class _Lane(StrEnum):
    """The kinds of request; each waits for itself, so that a broken roster never holds taps back."""

    ENROL = "enrol"
    STATE = "state"
    ROSTER = "roster"
    TAPS = "taps"
    REPORT = "report"


class SyncEngine:
    """Drives one terminal's exchange with the server. One instance a terminal, under the sync lock."""

    def __init__(
        self, place: SyncPlace, server: ServerClient, chance: SyncChance, pace: SyncPace | None = None
    ) -> None:
        self._place = place
        self._server = server
        self._clocks = chance.instruments
        self._pace = pace or SyncPace()
        self._identity = place.identity.load()
        self._unsaved: Identity | None = None
        self._stored = place.roster.load()
        self._due: dict[_Lane, float] = dict.fromkeys(_Lane, 0.0)
        self._backoff = {lane: Backoff(chance.random) for lane in _Lane}
        self._batch_max = BATCH_TAPS_MAX
        self._parks_in_a_row = 0
        self._refused_all = Backoff(chance.random)
        self._first_state = True
        self._has_pending = False
        self._purge_due = 0.0
        self._reporter = Reporter(self._clocks, place.software_version)
        with place.outbox() as store:
            self.state = replace(
                load_sync_state(store),
                enrolled=self._identity is not None,
                device_label=self._identity.label if self._identity else "",
                roster_version=self._stored.roster.version if self._stored else None,
            )
            save_sync_state(store, self.state)
            self._losses = Losses(store)
        self._told = self.state
        self._tell_due = 0.0

    def step(self) -> float:
        """Do the most urgent thing that is due; return the seconds to wait before the next step."""
        lane = self._next_lane()
        if lane is None:
            self._tell()
            return self._wait()
        work = {
            _Lane.ENROL: self._enrol,
            _Lane.STATE: self._ask_state,
            _Lane.ROSTER: self._ask_roster,
            _Lane.TAPS: self._send,
            _Lane.REPORT: self._report,
        }[lane]
        try:
            work()
        except (Unreachable, NotWelcome, Rejected) as failure:
            self._on_failure(lane, failure)
        else:
            self._backoff[lane].succeeded()
        self._tell()
        return self._wait()

    def _on_failure(self, lane: _Lane, failure: Unreachable | NotWelcome | Rejected) -> None:
        """Wait, and say why; but nothing depends on a report, and an older server does not listen to it."""
        if lane is _Lane.REPORT:
            self._postpone(lane, self._pace.report_every + self._backoff[lane].failed())
        elif isinstance(failure, Unreachable):
            self._postpone(lane, self._backoff[lane].failed(failure.retry_after_seconds))
            self._note(reachable=False, message=failure.words)
        elif isinstance(failure, NotWelcome):
            self._postpone(lane, self._pace.not_welcome)
            self._on_not_welcome(failure)
        else:  # of a state or a roster request: taps handle their own
            self._postpone(lane, self._backoff[lane].failed())
            words = failure.error.message if failure.error else NotOurs(f"HTTP {failure.status}").words
            self._note(reachable=failure.is_ours, message=words)

    # -- what is due ------------------------------------------------------------------------------------------

    def _next_lane(self) -> _Lane | None:
        with self._place.outbox() as store:
            request = enrolment_request(store)
            self._has_pending = store.counts().pending > 0
            if self._reporter.has_news(store):
                self._hurry(_Lane.REPORT, self._pace.report_hurry)
            if self._now() >= self._purge_due:
                self._tidy(store)
        if request is not None and request.outcome is None and self._is_due(_Lane.ENROL):
            return _Lane.ENROL
        if self._identity is None:
            return None
        wanted = {_Lane.STATE: True, _Lane.ROSTER: not self.state.revoked, _Lane.TAPS: self._has_pending}
        due = [lane for lane, is_wanted in wanted.items() if is_wanted and self._is_due(lane)]
        # The longest due first: a backlog of taps and a hurried state request never starve each other.
        # A report waits behind everything: it may take its time, taps may not.
        return min(
            due, key=lambda lane: self._due[lane], default=_Lane.REPORT if self._is_due(_Lane.REPORT) else None
        )

    def _tidy(self, store: Store) -> None:
        """Empty what is old enough by the server's clock: by our own, one jump would empty everything (P4)."""
        if self.state.anchor is not None:
            purge(store, self.state.anchor.server_time, OutboxLimits())
        store.checkpoint()
        self._purge_due = self._now() + self._pace.purge_every

    def _wait(self) -> float:
        """Return the seconds until a lane may be due; a new tap must not wait longer than the idle pace."""
        if self._identity is not None and self._has_pending and self._is_due(_Lane.TAPS):
            return 0.0
        return self._pace.idle

    def _is_due(self, lane: _Lane) -> bool:
        return self._now() >= self._due[lane]

    def _postpone(self, lane: _Lane, seconds: float) -> None:
        self._due[lane] = self._now() + seconds

    def _hurry(self, lane: _Lane, seconds: float) -> None:
        """Bring a request forward; one that fails keeps to its back-off."""
        if self._backoff[lane].failures == 0:
            self._due[lane] = min(self._due[lane], self._now() + seconds)

    def _now(self) -> float:
        return self._clocks.mono_ms() / 1000

    # -- enrolment --------------------------------------------------------------------------------------------

    def _enrol(self) -> None:
        with self._place.outbox() as store:
            request = enrolment_request(store)
        if request is None:
            return
        if self._unsaved is not None:
            self._adopt()
            return
        try:
            answer = self._server.enrol(request.code, self._place.software_version)
        except (NotWelcome, Rejected) as refusal:
            words = refusal.error.message if refusal.error else "Le serveur n’a pas accepté ce code."
            with self._place.outbox() as store:
                answer_enrolment(store, "refused", words)
            return
        self._unsaved = Identity(answer.device_ref, answer.token, answer.label, answer.structure_ref)
        self._learn_time(answer.server_time)
        self._adopt()

    def _adopt(self) -> None:
        """Become the terminal the server just named. The code is spent: on a full disk, try to save again later."""
        identity = self._identity = self._unsaved or self._identity
        assert identity is not None, "only called with an identity just given"
        try:
            self._place.identity.save(identity)
        except OSError as error:
            raise Unreachable(f"code accepté, mémoire pleine : {error.strerror}") from error
        self._unsaved = None
        self._first_state = True
        self._due = dict.fromkeys(_Lane, 0.0)
        with self._place.outbox() as store:
            answer_enrolment(store, "accepted", "")
        self._note(reachable=True, enrolled=True, device_label=identity.label, needs_enrolment=False)
        self._note(revoked=False, message="")

    # -- the server's view --------------------------------------------------------------------------------------

    def _ask_state(self) -> None:
        answer = self._server.state(self._token())
        self._postpone(_Lane.STATE, self._pace.state_every)
        self._learn_time(answer.server_time)
        self._reoffer(answer)
        self._note(reachable=True, needs_enrolment=False, revoked=answer.revoked, message="")
        if answer.revoked:
            self._wipe()

    def _reoffer(self, answer: DeviceStateV1) -> None:
        """Offer again what the server acknowledged once and does not hold now (restored from a backup, F11)."""
        with self._place.outbox() as store:
            self._losses.offer_again(answer, store, is_start=self._first_state)
            self._has_pending = store.counts().pending > 0
        self._first_state = False

    # -- the roster ---------------------------------------------------------------------------------------------

    def _ask_roster(self) -> None:
        answer = self._server.roster(self._token(), self._stored.etag if self._stored else None)
        self._postpone(_Lane.ROSTER, self._pace.roster_every)
        if answer.roster is not None:
            self._place.roster.save(answer.roster, answer.etag)
            self._stored = self._place.roster.load()
        version = self._stored.roster.version if self._stored else None
        self._note(reachable=True, roster_version=version, roster_at=self._clocks.wall(), message="")

    def _wipe(self) -> None:
        """A revoked terminal keeps taps and no names (P8)."""
        self._place.roster.wipe()
        self._stored = None
        self._note(roster_version=None, roster_at=None)

    # -- taps -----------------------------------------------------------------------------------------------------

    def _send(self) -> None:
        if not self._place.meetings.has(self._clocks.boot_id):
            self._ask_time()
            return
        with self._place.outbox() as store:
            batch = store.pending(self._batch_max, BATCH_BYTES_MAX - BATCH_OVERHEAD_BYTES)
            damaged = store.damaged_rows
        if not batch:  # what is left is damaged: only a restart repairs it
            self._postpone(_Lane.TAPS, self._pace.state_every)
            self._note(message=damaged_words(damaged))
            return
        try:
            answer = self._server.send(self._token(), batch, self._place.meetings.of(batch))
        except Rejected as refusal:
            self._split_or_park(batch, refusal)
            return
        self._accept(batch, answer)

    def _ask_time(self) -> None:
        """Meet the server before the first taps of a boot: the meeting that dates them must travel with them."""
        try:
            self._learn_time(self._server.send(self._token(), []).server_time)
        except Rejected as refusal:
            if not refusal.is_ours:
                raise
            self._place.meetings.give_up(self._clocks.boot_id)

    def _accept(self, batch: list[StoredTap], answer: BatchAnswerV1) -> None:
        held = {batch[one.index].tap_id: one.status.value for one in answer.answers}
        if not held:
            raise NotOurs("réponse vide")
        with self._place.outbox() as store:
            store.acknowledge(held, answer.server_time)
            self._has_pending = store.counts().pending > 0
        self._losses.note(batch, held)
        self._batch_max = min(BATCH_TAPS_MAX, self._batch_max * 2)
        self._parks_in_a_row = 0
        self._refused_all.succeeded()
        self._postpone(_Lane.TAPS, 0.0)
        self._learn_time(answer.server_time)
        self._note(reachable=True, needs_enrolment=False, last_success_at=self._clocks.wall(), message="")

    def _split_or_park(self, batch: list[StoredTap], refusal: Rejected) -> None:
        """Halve a refused batch until one tap is left; set that one aside, visibly, and go on with the others."""
        if len(batch) > 1:
            self._batch_max = len(batch) // 2
            return
        if not refusal.is_ours:
            raise NotOurs(f"HTTP {refusal.status}")
        reason = refusal.error.message if refusal.error else str(refusal)
        with self._place.outbox() as store:
            store.park(batch[0].tap_id, reason, self._clocks.wall())
        self._parks_in_a_row += 1
        if self._parks_in_a_row > self._pace.parks_in_a_row_max:
            self._postpone(_Lane.TAPS, self._refused_all.failed())
        self._note(reachable=True)

    # -- the report -----------------------------------------------------------------------------------------------

    def _report(self) -> None:
        with self._place.outbox() as store:
            report = self._reporter.write(store)
        answer = self._server.report(self._token(), report)
        with self._place.outbox() as store:
            store.unpark(self._reporter.not_offered_yet(answer.offer_again))
            has_more = self._reporter.told(store, report.set_aside)
        self._postpone(_Lane.REPORT, self._pace.idle if has_more else self._pace.report_every)

    # -- what screens are told ------------------------------------------------------------------------------------

    def _on_not_welcome(self, refusal: NotWelcome) -> None:
        self._note(reachable=True, message=refusal.error.message)
        if refusal.error.code == DEVICE_REVOKED:
            self._note(revoked=True)
            self._wipe()
        else:
            self._note(needs_enrolment=True)

    def _learn_time(self, server_time: int) -> None:
        clocks = self._clocks
        anchor = ClockAnchor(server_time, clocks.told(), clocks.mono_ms(), clocks.boot_id)
        self._place.meetings.learn(anchor)
        self._note(anchor=anchor)

    def _note(self, **changes: object) -> None:
        """Remember what the screens will be told at the end of the step."""
        told: dict[str, object] = {"last_attempt_at": self._clocks.wall(), **changes}
        if "message" in changes:
            told["message"] = typeset(str(changes["message"]))
        self.state = _replace_state(self.state, told)

    def _tell(self) -> None:
        """Write what the screens are told, at once when it means something to them."""
        if self.state == self._told:
            return
        is_news = _timeless(self.state) != _timeless(self._told)
        if is_news or not self._has_pending or self._now() >= self._tell_due:
            with self._place.outbox() as store:
                save_sync_state(store, self.state)
            self._told = self.state
            self._tell_due = self._now() + self._pace.tell_every

    def _token(self) -> str:
        assert self._identity is not None, "no lane but enrolment is due without an identity"
        return self._identity.token


def _timeless(state: SyncState) -> SyncState:
    """Return the state without the instants of the last exchange, which move with every batch."""
    return replace(state, last_attempt_at=None, last_success_at=None, anchor=None)


def _replace_state(state: SyncState, changes: Mapping[str, object]) -> SyncState:
    return replace(state, **changes)  # type: ignore[arg-type]
