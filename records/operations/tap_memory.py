"""What the one writer of taps knows without asking again: devices, epochs, badges, children and services.

Every operation adds 1 to `change_seq` in its own transaction and holds the write lock until it commits. So when our
transaction gets the number that follows our last one, nobody has written since, and all we read then still holds;
otherwise everything is forgotten. Exact on both engines, without a lifetime to choose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, bindparam, select

from domain.schedule import in_force
from domain.wire.digest import read
from records.models import BadgeAssignment, Device, DeviceEpoch, Person, Service, Structure
from records.operations.lookup import chunks

_ENTRIES_MAX = 100_000
# Made once: to write a statement anew costs SQLAlchemy as much as to run it.
_DEVICES = (
    select(Device.id, Device.token_hash, Device.revoked_at, Structure.timezone)
    .join(Structure, Structure.id == Device.structure_id)
    .where(Device.id.in_(bindparam("ids", expanding=True)))
)
_EPOCHS = select(
    DeviceEpoch.device_id,
    DeviceEpoch.epoch,
    DeviceEpoch.watermark,
    DeviceEpoch.last_seq,
    DeviceEpoch.first_seen_at,
    DeviceEpoch.digest,
).where(
    DeviceEpoch.device_id.in_(bindparam("ids", expanding=True)),
    DeviceEpoch.epoch.in_(bindparam("epochs", expanding=True)),
)
_BADGES = select(BadgeAssignment.badge_uid, BadgeAssignment.valid_from, BadgeAssignment.valid_to).where(
    BadgeAssignment.badge_uid.in_(bindparam("uids", expanding=True))
)
_REFS = {
    model: select(model.ref).where(model.ref.in_(bindparam("refs", expanding=True))) for model in (Person, Service)
}

EpochKey = tuple[int, str]


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """A device as it stands in this transaction."""

    device_id: int
    token_hash: str | None
    is_revoked: bool
    timezone: str


@dataclass(slots=True)
class EpochNow:
    """An epoch as it stands in this transaction; `is_new` when it has no row yet; `digest` None when unknown."""

    watermark: int
    last_seq: int
    first_seen_at: int
    is_new: bool
    digest: int | None = 0


@dataclass(slots=True)
class Known:
    """Rows read by the writer, valid as long as nobody else writes; negative answers are remembered too.

    The writer alone adds to it, each answer in one step: others may look while it does. `drafted` holds the highest
    seq of each epoch that a draft speaks of (records.operations.tap_draft).
    """

    devices: dict[int, DeviceNow | None] = field(default_factory=dict)
    epochs: dict[EpochKey, EpochNow] = field(default_factory=dict)
    badges: dict[str, tuple[tuple[date, date | None], ...]] = field(default_factory=dict)
    children: dict[str, bool] = field(default_factory=dict)
    services: dict[str, bool] = field(default_factory=dict)
    drafted: dict[EpochKey, int] = field(default_factory=dict)

    def learn_devices(self, connection: Connection, device_ids: Collection[int]) -> None:
        """Read the devices that are not known yet."""
        missing = [device_id for device_id in device_ids if device_id not in self.devices]
        if not missing:
            return
        found: dict[int, DeviceNow | None] = dict.fromkeys(missing)
        for device_id, token_hash, revoked_at, timezone in connection.execute(_DEVICES, {"ids": missing}):
            found[device_id] = DeviceNow(device_id, token_hash, revoked_at is not None, timezone)
        self.devices.update(found)

    def learn_epochs(self, connection: Connection, keys: Mapping[EpochKey, int]) -> None:
        """Read the epochs that are not known yet; one never seen begins at the instant given with its key."""
        missing = [key for key in keys if key not in self.epochs]
        if not missing:
            return
        found = {key: EpochNow(0, 0, keys[key], True) for key in missing}
        wanted = {"ids": list({device_id for device_id, _ in missing}), "epochs": list({key[1] for key in missing})}
        rows = connection.execute(_EPOCHS, wanted)
        for device_id, epoch, watermark, last_seq, first_seen_at, digest in rows:
            if (device_id, epoch) in found:
                known = None if digest is None else read(digest)
                found[device_id, epoch] = EpochNow(watermark, last_seq, first_seen_at, False, known)
        self.epochs.update(found)

    def learn_badges(self, connection: Connection, badge_uids: Iterable[str]) -> None:
        """Read when the badges that are not known yet were somebody's."""
        missing = sorted({uid for uid in badge_uids if uid not in self.badges})
        if not missing:
            return
        found: dict[str, tuple[tuple[date, date | None], ...]] = dict.fromkeys(missing, ())
        for part in chunks(missing):
            for uid, valid_from, valid_to in connection.execute(_BADGES, {"uids": part}):
                found[uid] = (*found[uid], (valid_from, valid_to))
        self.badges.update(found)

    def learn_refs(self, connection: Connection, children: Iterable[str], services: Iterable[str]) -> None:
        """Read which of the claimed children and services exist."""
        _learn_refs(connection, Person, self.children, children)
        _learn_refs(connection, Service, self.services, services)

    def is_badge_held(self, badge_uid: str, day: date) -> bool:
        """Return whether the badge was somebody's that day; it must have been learnt."""
        return any([in_force(day, valid_from, valid_to) for valid_from, valid_to in self.badges[badge_uid]])

    def entries(self) -> int:
        """Return how much is remembered of what a town may have many of."""
        return len(self.epochs) + len(self.badges) + len(self.children) + len(self.services)


@dataclass(slots=True)
class Memory:
    """What is known, and the transaction it was last true in. Replaced as a whole when it is in doubt.

    So whatever was decided from a `known` that is no longer this one is void.
    """

    change_seq: int | None = None
    known: Known = field(default_factory=Known)

    def begin(self, change_seq: int) -> Known:
        """Start a transaction that has just been given this number; return what is known in it."""
        if self.change_seq is None or self.change_seq + 1 != change_seq or self.known.entries() > _ENTRIES_MAX:
            self.forget()
        self.change_seq = change_seq
        return self.known

    def forget(self) -> None:
        """Trust nothing: somebody else wrote, or our transaction failed."""
        self.change_seq = None
        self.known = Known()


def _learn_refs(
    connection: Connection, model: type[Person | Service], known: dict[str, bool], refs: Iterable[str]
) -> None:
    missing = sorted({ref for ref in refs if ref not in known})
    if not missing:
        return
    found = dict.fromkeys(missing, False)
    for part in chunks(missing):
        found.update(dict.fromkeys(connection.scalars(_REFS[model], {"refs": part}), True))
    known.update(found)
