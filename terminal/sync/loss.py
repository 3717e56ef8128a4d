"""What a server that was restored from an older backup has lost, as its own words beside ours show it (F11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from domain.wire.v1 import APART_MAX, DeviceStateV1
from terminal.outbox.drafts import StoredTap
from terminal.outbox.store import Store


def has_forgotten(answer: DeviceStateV1, store: Store) -> bool:
    """Say whether the server lost taps it had stored: the end of an epoch, or some behind a hole.

    The second when taps that came after the loss already hide that the end was missing.
    """
    last = {one.epoch: one.last_seq for one in answer.epochs}
    for epoch, seq in store.highest_acked().items():
        if seq > last.get(epoch, 0) and store.acked_between(epoch, last.get(epoch, 0), seq):
            return True
    return any(
        store.acked_between(one.epoch, one.watermark, one.last_seq) > one.held - one.watermark
        for one in answer.epochs
        if one.watermark < one.last_seq
    )


class KeptApart:
    """What the server said it keeps in quarantine: no watermark shows that it lost it, so contents are compared."""

    def __init__(self, known: Mapping[str, str]) -> None:
        """`known` is the SHA-256 of each content → its tap's id."""
        self._known = dict(known)

    def note(self, taps: Iterable[StoredTap]) -> None:
        """The server just answered that it keeps these apart."""
        self._known |= {hashlib.sha256(tap.body).hexdigest(): tap.tap_id for tap in taps}

    def lost(self, answer: DeviceStateV1, *, is_start: bool) -> list[str]:
        """Return, once, the taps that the server does not name now; a full list hides some, so only at a start."""
        if answer.apart is None or (len(answer.apart) >= APART_MAX and not is_start):
            return []
        return [self._known.pop(content_hash) for content_hash in self._known.keys() - set(answer.apart)]
