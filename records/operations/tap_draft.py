"""What is decided of an ordinary batch before its transaction, while the former one is on its way to the disk.

Ordinary: one epoch, its numbers going up, each above all that we know of it, from a device and with badges,
children and services that we have met. Its rows and answers follow from what is known. The transaction takes them
only if that still holds, and inserts under the same unique constraints: a draft saves time and decides nothing by
itself (docs/adr/0007).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import ge

from domain.evidence import ClockLimits
from domain.wire.batch import ReadTap
from domain.wire.v1 import TapV1
from records.operations.tap_memory import Known
from records.operations.tap_rows import Draft, RowMaker, TapBatch, stored


def draft(batch: TapBatch, known: Known, limits: ClockLimits) -> Draft | None:
    """Return what becomes of the batch if `known` holds, None when the batch is not an ordinary one."""
    device = known.devices.get(batch.device_id)
    items = [item for item in batch.items if isinstance(item, ReadTap)]
    if device is None or device.token_hash != batch.token_hash or not items or len(items) < len(batch.items):
        return None
    taps = [item.tap for item in items]
    key = (batch.device_id, taps[0].epoch)
    epoch, seqs = known.epochs.get(key), [tap.seq for tap in taps]
    if epoch is None or len({tap.epoch for tap in taps}) > 1 or not _have_met(known, taps):
        return None
    if seqs[0] <= max(epoch.last_seq, known.drafted.get(key, 0)) or any(map(ge, seqs, seqs[1:])):
        return None
    known.drafted[key] = seqs[-1]
    maker = RowMaker(batch, device, known, limits)
    return Draft(known, key, seqs, [maker.row(item) for item in items], [stored(item) for item in items])


def _have_met(known: Known, taps: Sequence[TapV1]) -> bool:
    return (
        {tap.badge_uid for tap in taps if tap.badge_uid is not None} <= known.badges.keys()
        and {tap.child_ref for tap in taps if tap.child_ref is not None} <= known.children.keys()
        and {tap.service_ref for tap in taps if tap.service_ref is not None} <= known.services.keys()
    )
