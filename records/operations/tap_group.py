"""Several batches of taps inside one open transaction: who is new, who is a resend, who contradicts.

A tap is new, a duplicate (same identity, same content) or a conflict (same identity, other content: quarantine and
alarm, never overwritten). Identity is `tap_id`, and device × epoch × seq too (reliability notes, P2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from domain.evidence import ClockLimits
from domain.wire.batch import MalformedTap, ReadTap
from domain.wire.digest import mark_of, written
from domain.wire.v1 import TapAnswerV1, TapStatus, TapV1
from records.operations.quarantine import RefusedBytes, quarantine_row
from records.operations.tap_memory import DeviceNow, EpochKey, EpochNow, Known
from records.operations.tap_rows import Draft, RowMaker, TapBatch, stored
from records.operations.tap_statements import (
    TAP_COLUMNS,
    Row,
    TapTransaction,
    contiguous_from,
    insert_quarantine,
    kept_taps,
)

CONTENT_CONFLICT = "content_conflict"
_DEVICE, _EPOCH, _HASH = (TAP_COLUMNS.index(name) for name in ("device_id", "epoch", "payload_hash"))


class IdentityTaken(Exception):
    """A tap thought new has an identity that is already taken: the group is done again, looking at each."""


@dataclass(slots=True)
class Group:
    """The batches of one transaction. Call `learn`, then `adopt` or `answer` for each batch, then `write`."""

    transaction: TapTransaction
    known: Known
    limits: ClockLimits
    is_careful: bool
    rows: list[Row] = field(default_factory=list)
    quarantined: list[dict[str, Any]] = field(default_factory=list)
    seqs: dict[EpochKey, list[int]] = field(default_factory=dict)
    seen_at: dict[EpochKey, int] = field(default_factory=dict)
    held: dict[str | tuple[int, str, int], str] = field(default_factory=dict)

    def learn(self, batches: Iterable[TapBatch]) -> None:
        """Read what must be known of these batches, asking only for what is not known yet.

        A seq above the highest of its epoch cannot be taken; only resends are looked up, unless `is_careful`.
        """
        sent: dict[EpochKey, list[TapV1]] = {}
        for batch in batches:
            for item in batch.items:
                if isinstance(item, ReadTap):
                    sent.setdefault((batch.device_id, item.tap.epoch), []).append(item.tap)
                    self.seen_at[batch.device_id, item.tap.epoch] = batch.received_at
        connection, taps = self.transaction.connection, [tap for each in sent.values() for tap in each]
        self.known.learn_epochs(connection, {key: self.seen_at[key] for key in sent})
        self.known.learn_badges(connection, {tap.badge_uid for tap in taps if tap.badge_uid is not None})
        self.known.learn_refs(
            connection,
            {tap.child_ref for tap in taps if tap.child_ref is not None},
            {tap.service_ref for tap in taps if tap.service_ref is not None},
        )
        suspects = []
        for (device_id, epoch), each in sent.items():
            last_seq = self.known.epochs[device_id, epoch].last_seq
            suspects += [
                (tap.tap_id, (device_id, epoch, tap.seq)) for tap in each if self.is_careful or tap.seq <= last_seq
            ]
        for tap_id, device_id, epoch, seq, payload_hash in kept_taps(connection, suspects):
            self.held[tap_id] = self.held[device_id, epoch, seq] = payload_hash

    def adopt(self, batch: TapBatch, draft: Draft) -> list[TapAnswerV1]:
        """Take what was decided of a batch from the very `known` of this transaction."""
        self.rows += draft.rows
        self.seqs.setdefault(draft.key, []).extend(draft.seqs)
        self.seen_at[draft.key] = batch.received_at
        return draft.answers

    def answer(self, batch: TapBatch, device: DeviceNow) -> list[TapAnswerV1]:
        """Decide each tap of a batch, in order; nothing is written yet."""
        maker = RowMaker(batch, device, self.known, self.limits)
        return [
            self._quarantine(batch, item) if isinstance(item, MalformedTap) else self._answer_one(maker, item)
            for item in batch.items
        ]

    def write(self) -> None:
        """Write everything decided. Raises IdentityTaken, and then the transaction must be rolled back."""
        transaction = self.transaction
        if self.rows and transaction.insert_taps(self.rows) != len(self.rows):
            raise IdentityTaken
        insert_quarantine(transaction.connection, self.quarantined)
        if self.seqs:
            marks = self._marks()
            transaction.upsert_epochs(
                [self._move_forward(key, seqs, marks.get(key, 0)) for key, seqs in self.seqs.items()]
            )

    def watermarks(self, batch: TapBatch) -> dict[str, int]:
        """Return the contiguous watermark of each epoch that the batch speaks of, after `write`."""
        if batch.draft is not None and batch.draft.basis is self.known:
            return {batch.draft.key[1]: self.known.epochs[batch.draft.key].watermark}
        epochs = {item.tap.epoch for item in batch.items if isinstance(item, ReadTap)}
        return {epoch: self.known.epochs[batch.device_id, epoch].watermark for epoch in sorted(epochs)}

    def _answer_one(self, maker: RowMaker, item: ReadTap) -> TapAnswerV1:
        batch, tap, payload_hash = maker.batch, item.tap, item.payload_hash
        triple = (batch.device_id, tap.epoch, tap.seq)
        kept_hash = self.held.get(tap.tap_id) or self.held.get(triple)
        if kept_hash is not None and kept_hash != payload_hash:
            detail = f"this tap_id, or this epoch and seq, is already kept with the content {kept_hash}"
            return self._quarantine(batch, set_aside(item, CONTENT_CONFLICT, detail))
        self.seqs.setdefault((batch.device_id, tap.epoch), []).append(tap.seq)
        if kept_hash is not None:
            return TapAnswerV1(index=item.index, tap_id=tap.tap_id, status=TapStatus.DUPLICATE)
        self.held[tap.tap_id] = self.held[triple] = payload_hash
        self.rows.append(maker.row(item))
        return stored(item)

    def _quarantine(self, batch: TapBatch, kept: MalformedTap) -> TapAnswerV1:
        refused = RefusedBytes(batch.device_id, kept.content, kept.reason, kept.detail, batch.received_at)
        self.quarantined.append(quarantine_row(refused))
        return TapAnswerV1(index=kept.index, tap_id=kept.tap_id, status=TapStatus.QUARANTINED, reason=kept.reason)

    def _marks(self) -> dict[EpochKey, int]:
        """Return what the new taps of each epoch add to its digest."""
        marks: dict[EpochKey, int] = {}
        for row in self.rows:
            key = (row[_DEVICE], row[_EPOCH])
            marks[key] = marks.get(key, 0) ^ mark_of(row[_HASH])
        return marks

    def _move_forward(self, key: EpochKey, seqs: list[int], marks: int) -> Row:
        """Advance an epoch over the seqs now held, and return its row in the order of EPOCH_COLUMNS."""
        epoch = self.known.epochs[key]
        watermark = epoch.watermark
        for seq in sorted(seqs):
            if seq > watermark + 1:
                break
            if seq > watermark:
                watermark = seq
        last_seq = max(epoch.last_seq, max(seqs))
        if watermark < last_seq and (epoch.is_new or watermark > epoch.watermark):
            watermark = contiguous_from(self.transaction.connection, *key, watermark)
            last_seq = max(last_seq, watermark)  # another device may have sent more of the epoch
        digest = None if epoch.digest is None else epoch.digest ^ marks
        self.known.epochs[key] = EpochNow(watermark, last_seq, epoch.first_seen_at, is_new=False, digest=digest)
        told = None if digest is None else written(digest)
        return (*key, watermark, last_seq, epoch.first_seen_at, self.seen_at[key], told)


def set_aside(item: ReadTap, reason: str, detail: str) -> MalformedTap:
    """Return a sound tap as the bytes that its hash was made of, for the quarantine."""
    content = item.tap.model_dump_json(exclude_none=True).encode()
    return MalformedTap(item.index, content, item.tap.tap_id, detail, reason)
