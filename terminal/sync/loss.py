"""What a server that was restored from an older backup has lost, as its own words beside ours show it (F11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from domain.wire.digest import joined, mark_of_body, read
from domain.wire.v1 import APART_MAX, BATCH_TAPS_MAX, DeviceStateV1, EpochStateV1, TapStatus
from terminal.outbox.drafts import StoredTap
from terminal.outbox.store import Store


class Losses:
    """Finds what to offer again, and remembers what the server said it keeps."""

    def __init__(self, store: Store) -> None:
        self._apart = KeptApart(store.kept_apart())
        self._contents = KeptContents()

    def note(self, taps: Iterable[StoredTap], held: Mapping[str, str]) -> None:
        """The server just answered for these: tap id → its word."""
        for tap in taps:
            if held.get(tap.tap_id) == TapStatus.QUARANTINED:
                self._apart.note(tap)
            elif tap.tap_id in held:
                self._contents.note(tap)

    def offer_again(self, answer: DeviceStateV1, store: Store, *, is_start: bool) -> None:
        """Make pending again what was acknowledged once and is not held now.

        At the start everything above a watermark; later only when the server forgot something, because a hole it
        merely waits for would make every answer look like a loss. Under numbers that it does hold it may keep what
        a copy of this terminal sent: those are compared by content, and so is what it held in quarantine, which
        shows in no watermark.
        """
        doubtful = self._contents.doubtful(answer, store)
        watermarks = {one.epoch: one.watermark for one in answer.epochs}
        if (is_start or has_forgotten(answer, store)) and store.reoffer_above(watermarks):
            self._contents.start_over()
        for epoch in doubtful:
            store.reoffer_epoch(epoch)
        store.reoffer(self._apart.lost(answer, is_start=is_start))


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

    def note(self, tap: StoredTap) -> None:
        """The server just answered that it keeps this one apart."""
        self._known[hashlib.sha256(tap.body).hexdigest()] = tap.tap_id

    def lost(self, answer: DeviceStateV1, *, is_start: bool) -> list[str]:
        """Return, once, the taps that the server does not name now; a full list hides some, so only at a start."""
        if answer.apart is None or (len(answer.apart) >= APART_MAX and not is_start):
            return []
        return [self._known.pop(content_hash) for content_hash in self._known.keys() - set(answer.apart)]


class KeptContents:
    """Whether what the server keeps of an epoch is what it acknowledged to us, by one digest of all contents.

    Ours is made once for an epoch, then follows the answers: a state is compared in no time, whatever the backlog.
    """

    def __init__(self) -> None:
        self._ours: dict[str, int] = {}
        self._offered_on: dict[str, str] = {}

    def note(self, tap: StoredTap) -> None:
        """The server just answered that it keeps this one as a tap."""
        if tap.epoch in self._ours:
            self._ours[tap.epoch] ^= mark_of_body(tap.body)

    def start_over(self) -> None:
        """Other taps than those just sent changed their state: trust nothing that was counted."""
        self._ours.clear()

    def doubtful(self, answer: DeviceStateV1, store: Store) -> list[str]:
        """Return the epochs to offer again as a whole, each once for a digest of the server's.

        A copy of this terminal may have its own taps there for good, and then the digests never agree.
        """
        found = []
        for one in answer.epochs:
            if one.digest is None or self._offered_on.get(one.epoch) == one.digest:
                continue
            if not self._is_explained(one, read(one.digest), store):
                self._offered_on[one.epoch] = one.digest
                self._ours.pop(one.epoch, None)
                found.append(one.epoch)
        return found

    def _is_explained(self, one: EpochStateV1, digest: int, store: Store) -> bool:
        """Say whether the server keeps our taps and no other: all it acknowledged, and perhaps the first of a batch
        whose answer was lost; or all up to its watermark, when its backup ended there."""
        if one.epoch not in self._ours:
            self._ours[one.epoch] = joined(map(mark_of_body, store.held_bodies(one.epoch)))
        ours = self._ours[one.epoch]
        if ours == digest:
            return True
        for body in store.pending_bodies(one.epoch, BATCH_TAPS_MAX):
            ours ^= mark_of_body(body)
            if ours == digest:
                return True
        up_to_its_end = map(mark_of_body, store.held_bodies(one.epoch, one.watermark))
        return one.held == one.watermark and joined(up_to_its_end) == digest
