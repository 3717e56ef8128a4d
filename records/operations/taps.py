"""Keeping taps: once each, for ever, durably before any answer (reliability notes, P2, P3, P8; docs/adr/0007).

A tap row is its own audit: immutable, with its device, its claim and our reception. So taps take part in
`change_seq` but have no audit row.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace

from domain.errors import MarelleError
from domain.evidence import DEFAULT_LIMITS, ClockLimits
from domain.french import typeset
from domain.wire.batch import MalformedTap, ReadTap
from domain.wire.v1 import BatchAnswerV1, TapAnswerV1
from records.actors import Right
from records.database import Records
from records.operations.quarantine import INGEST, StorageUnavailable, storage_errors
from records.operations.tap_draft import draft
from records.operations.tap_group import Group, IdentityTaken, set_aside
from records.operations.tap_memory import DeviceNow, Known, Memory
from records.operations.tap_rows import TapBatch
from records.operations.tap_statements import TapTransaction, tap_transaction

STORAGE_REFUSED = "storage_refused"
_STATUS_EVERY_MICROS = 10_000_000
_LOG = logging.getLogger(__name__)

Outcome = BatchAnswerV1 | Exception


class TokenWithdrawn(MarelleError):
    """The token was good when the request began and is not any more; nothing was kept."""

    code = "unknown_device"
    words = typeset("Ce terminal n'est plus reconnu. Rien n'a été enregistré ; il garde tout. Réenrôlez-le.")

    def __init__(self) -> None:
        super().__init__(self.words)


class TapStore:
    """The one door of taps into the records. Safe to share between threads, which take their turn."""

    def __init__(self, records: Records, limits: ClockLimits = DEFAULT_LIMITS) -> None:
        self._records = records
        self._limits = limits
        self._memory = Memory()
        self._status_written: dict[int, int] = {}
        self._turn = threading.Lock()

    def draft(self, batch: TapBatch) -> TapBatch:
        """Return the batch, with what can be decided of it before its transaction; asks the records nothing."""
        found = draft(batch, self._memory.known, self._limits)
        return batch if found is None else batch.with_draft(found)

    def keep(self, batch: TapBatch) -> BatchAnswerV1:
        """Keep one batch durably and answer for each of its taps. Raises StorageUnavailable, TokenWithdrawn."""
        outcome = self.keep_all([batch])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def keep_all(self, batches: Sequence[TapBatch]) -> list[Outcome]:
        """Keep several batches in one durable transaction; return an answer, or why there is none, for each.

        What the database refuses is done again alone, then tap by tap: it never fails its neighbours, and a tap
        that can never be stored goes to the quarantine instead of coming back for ever.
        """
        INGEST.require(Right.SEND_TAPS)
        with self._turn:
            return self._keep_together(batches)

    def _keep_together(self, batches: Sequence[TapBatch]) -> list[Outcome]:
        try:
            return self._commit(batches)
        except StorageUnavailable as outage:
            _LOG.error("taps cannot be written: %s", outage.__cause__)
            return [outage] * len(batches)
        except Exception as error:
            if len(batches) > 1:
                return [outcome for batch in batches for outcome in self._keep_together([batch])]
            _LOG.warning("a batch cannot be stored as it is; storing it tap by tap", exc_info=error)
            return [self._keep_tap_by_tap(batches[0])]

    def _keep_tap_by_tap(self, batch: TapBatch) -> Outcome:
        answers: list[TapAnswerV1] = []
        acked: dict[str, int] = {}
        for item in batch.items:
            try:
                (outcome,) = self._keep_one(replace(batch, items=[item]), item)
            except Exception as error:
                return error
            if isinstance(outcome, Exception):
                return outcome
            answers += outcome.answers
            acked |= outcome.acked_through
        return BatchAnswerV1(answers=answers, acked_through=acked, server_time=batch.received_at)

    def _keep_one(self, batch: TapBatch, item: ReadTap | MalformedTap) -> list[Outcome]:
        """Store a tap alone in its transaction; one that the database refuses is quarantined."""
        try:
            return self._commit([batch])
        except StorageUnavailable:
            raise
        except Exception as refusal:
            if isinstance(item, MalformedTap):
                raise
            detail = f"refused by the database: {type(refusal).__name__}"
            return self._commit([replace(batch, items=[set_aside(item, STORAGE_REFUSED, detail)])])

    def _commit(self, batches: Sequence[TapBatch]) -> list[Outcome]:
        """Write the batches in one transaction. Raises StorageUnavailable, or what the database said."""
        try:
            with storage_errors(self._records):
                try:
                    return self._attempt(batches, is_careful=False)
                except IdentityTaken:
                    self._memory.forget()
                    return self._attempt(batches, is_careful=True)
        except BaseException:
            self._memory.forget()
            raise

    def _attempt(self, batches: Sequence[TapBatch], *, is_careful: bool) -> list[Outcome]:
        with tap_transaction(self._records) as transaction:
            known = self._memory.begin(transaction.change_seq)
            group = Group(transaction, known, self._limits, is_careful)
            given = self._decide(group, batches)
            group.write()
            self._write_status(
                transaction, [batch for batch, each in zip(batches, given, strict=True) if each is not None]
            )
        return [_outcome(group, batch, answers) for batch, answers in zip(batches, given, strict=True)]

    def _decide(self, group: Group, batches: Sequence[TapBatch]) -> list[list[TapAnswerV1] | None]:
        """Return the answers to each batch, None when its token is not good any more; nothing is written yet."""
        known = group.known
        undecided = [batch for batch in batches if batch.draft is None or batch.draft.basis is not known]
        known.learn_devices(group.transaction.connection, {batch.device_id for batch in undecided})
        group.learn([batch for batch in undecided if _sender(known, batch) is not None])
        given: list[list[TapAnswerV1] | None] = []
        for batch in batches:
            if batch.draft is not None and batch.draft.basis is known:
                given.append(group.adopt(batch, batch.draft))
            else:
                device = _sender(known, batch)
                given.append(None if device is None else group.answer(batch, device))
        return given

    def _write_status(self, transaction: TapTransaction, batches: Sequence[TapBatch]) -> None:
        """Note who was seen and how far off its clock is, not more often than is useful."""
        last = {batch.device_id: batch for batch in batches}
        due = [
            batch
            for batch in last.values()
            if abs(batch.received_at - self._status_written.get(batch.device_id, 0)) >= _STATUS_EVERY_MICROS
        ]
        if due:
            rows = [(batch.device_id, batch.received_at, "", _last_offset(batch)) for batch in due]
            transaction.upsert_status(rows)
            self._status_written |= {batch.device_id: batch.received_at for batch in due}


def _outcome(group: Group, batch: TapBatch, answers: list[TapAnswerV1] | None) -> Outcome:
    if answers is None:
        return TokenWithdrawn()
    return BatchAnswerV1(answers=answers, acked_through=group.watermarks(batch), server_time=batch.received_at)


def _sender(known: Known, batch: TapBatch) -> DeviceNow | None:
    """Return the device as it is now, None when its token is not good any more."""
    device = known.devices[batch.device_id]
    return device if device is not None and device.token_hash == batch.token_hash else None


def _last_offset(batch: TapBatch) -> int | None:
    offsets = [item.tap.clock_offset_ms for item in batch.items if isinstance(item, ReadTap)]
    return next((offset for offset in reversed(offsets) if offset is not None), None)
