"""What a terminal had promised at one point of a log: gathered from the marks, independent of the outbox."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Self

from domain.wire.v1 import TapV1
from terminal.outbox import StoredTap
from terminal.outbox.journal import tap_frame
from tests.simulation.power.disk import Image
from tests.simulation.power.taps import is_genuine


@dataclass
class Promises:
    """Who was told what. Taps are known by `tap_id`; `green` holds the exact bytes that were promised."""

    green: dict[str, bytes] = field(default_factory=dict)
    epoch_of: dict[str, str] = field(default_factory=dict)
    identities: set[str] = field(default_factory=set)
    # Names of gestures that a screen showed red. Until the same opening keeps another tap, the disk may have kept
    # what it denied, and nobody could write down that it must not be offered.
    unsure: dict[int, set[str]] = field(default_factory=dict)
    red: set[str] = field(default_factory=set)
    offered: set[str] = field(default_factory=set)  # the server holds them
    settled: set[str] = field(default_factory=set)  # and the outbox has been told
    leaving: set[str] = field(default_factory=set)  # a purge began that may have removed them
    doubtful: set[str] = field(default_factory=set)  # of those, the ones that this purge may still spare
    gone: set[str] = field(default_factory=set)  # removed for good
    errors: list[str] = field(default_factory=list)
    expects_damage: bool = False  # the files were hurt before anybody started, and nobody has mended them yet
    genuine: set[bytes] = field(default_factory=set)  # a cache: bodies found to be real gestures

    def note(self, mark: dict[str, Any], actor: int = 0) -> None:
        """Take the mark of an actor into account; marks that promise nothing are passed over."""
        if mark["what"] == "green":
            self.red |= self.unsure.pop(actor, set())
        elif mark["what"] == "opening":
            self.unsure.pop(actor, None)
        elif mark["what"] == "red":
            self.unsure.setdefault(actor, set()).update(mark["names"])
        elif mark["what"] == "verified" and self.unsure.get(actor):
            return  # what the disk kept of a red tap is for the next tap to clear away
        action = getattr(self, f"_on_{mark['what']}", None)
        if action is not None:
            action(mark)

    def copy(self) -> Self:
        """Return promises that go their own way from here."""
        return deepcopy(self)

    def with_tap(self, tap: TapV1) -> Self:
        """Return promises that hold one more green tap; the rest is shared with these."""
        more = replace(self, green=dict(self.green), identities=self.identities | {tap.tap_id, tap.epoch})
        more.green[tap.tap_id] = StoredTap.of(tap).body
        return more

    def keep_only(self, image: Image) -> None:
        """Owe no more than what a journal still holds, whole: both copies were hurt."""
        journals = [bytes(content) for name, content in image.files.items() if name.startswith("journal-")]
        taps = {tap_id: StoredTap.read(body) for tap_id, body in self.green.items()}
        frames = {tap_id: tap_frame(tap) for tap_id, tap in taps.items() if tap is not None}
        whole = {tap_id for tap_id, frame in frames.items() if any(frame in journal for journal in journals)}
        self.green = {tap_id: body for tap_id, body in self.green.items() if tap_id in whole}

    def owe_only(self, bodies: Iterable[bytes]) -> None:
        """Owe these taps, whatever was promised before, and remember nothing of what the outbox was told."""
        self.expects_damage = True
        self.green.clear()
        self.leaving.clear()
        self.settled.clear()
        self.gone.clear()
        self._on_green({"bodies": [body.decode() for body in bodies]})

    @property
    def owed(self) -> dict[str, bytes]:
        """The taps that must be found after any power cut from here on."""
        return {tap_id: body for tap_id, body in self.green.items() if tap_id not in self.leaving}

    def is_genuine(self, body: bytes) -> bool:
        """Say whether these bytes are a gesture that was really made."""
        if body not in self.genuine and is_genuine(body, self.identities):
            self.genuine.add(body)
        return body in self.genuine

    # -- marks ------------------------------------------------------------------------------------------------

    def _on_identity(self, mark: dict[str, Any]) -> None:
        self.identities.add(mark["identity"])

    def _on_green(self, mark: dict[str, Any]) -> None:
        for text in mark["bodies"]:
            tap = StoredTap.read(text.encode())
            assert tap is not None
            self.green[tap.tap_id] = tap.body
            self.epoch_of[tap.tap_id] = tap.epoch

    _on_held = _on_green  # what a start brought back is promised as if it had just been shown green

    def _on_offered(self, mark: dict[str, Any]) -> None:
        self.offered.update(mark["ids"])

    def _on_settled(self, mark: dict[str, Any]) -> None:
        self.settled.update(mark["ids"])

    def _on_reoffering(self, _mark: dict[str, Any]) -> None:
        self.settled.clear()

    def _on_purging(self, _mark: dict[str, Any]) -> None:
        waiting = {self.epoch_of[tap_id] for tap_id in self.owed if tap_id not in self.offered}
        ripe = {tap_id for tap_id in self.offered if self.epoch_of.get(tap_id) not in waiting}
        self.doubtful = ripe - self.leaving
        self.leaving |= ripe

    def _on_purged(self, mark: dict[str, Any]) -> None:
        self.gone.update(mark["ids"])
        self.leaving -= self.doubtful - self.gone

    def _on_error(self, mark: dict[str, Any]) -> None:
        self.errors.append(mark["text"])

    def _on_verified(self, mark: dict[str, Any]) -> None:
        if mark["whole"]:
            self.expects_damage = False
        elif not self.expects_damage:
            self.errors.append("the background check found damage on a disk that had none")

    def _on_opened(self, mark: dict[str, Any]) -> None:
        if mark["mode"] != "wal":
            self.errors.append(f"the database is open, and in the mode {mark['mode']}")
        if mark["store_was"] == "damaged" and not self.expects_damage:
            self.errors.append("a sound database was taken for damaged and moved aside")
        if mark["store_was"] in ("damaged", "new"):
            self.expects_damage = False  # it was made anew, from everything that could be read

    def _on_recovered(self, mark: dict[str, Any]) -> None:
        if not all(mark["shown"][1:]):
            self.errors.append(f"no green light after the disk healed: {mark['shown']}")
