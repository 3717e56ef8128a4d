"""The shape of « Présents maintenant »: children by place and service, with what each state means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Whereabouts(StrEnum):
    """Where a child is, for one service of the day."""

    AWAITED = "awaited"  # expected, and the slot has not begun
    MISSING = "missing"  # expected, the slot has begun, nobody saw the child
    INSIDE = "inside"
    LEFT = "left"
    ABSENT = "absent"  # an absence was decided


@dataclass(frozen=True, slots=True)
class ChildPresence:
    """One child at one place and service. Instants are µs UTC, minutes local wall-clock.

    `decision` is an absence decided for the bill; a child who was seen is still shown where they are.
    `is_departure_missing`: still inside by the taps although the service is over; nothing is invented.
    """

    child_id: int
    child_ref: str
    first_name: str
    last_name: str
    class_label: str | None
    whereabouts: Whereabouts
    is_expected: bool
    formula: str | None
    arrived_at: int | None
    arrived_minute: int | None
    left_at: int | None
    left_minute: int | None
    is_departure_missing: bool
    decision: str | None

    @property
    def is_unexpected(self) -> bool:
        """Present, or having been, without being expected."""
        return not self.is_expected and self.whereabouts in (Whereabouts.INSIDE, Whereabouts.LEFT)


@dataclass(frozen=True, slots=True)
class ServicePresence:
    """One service at one place on the day, its children by name."""

    structure_id: int
    structure_ref: str
    structure_name: str
    service_ref: str
    service_label: str
    service_kind: str
    slot_start_minute: int
    slot_end_minute: int
    is_open: bool
    has_begun: bool
    is_over: bool
    needs_departure: bool
    children: tuple[ChildPresence, ...]

    def those(self, *whereabouts: Whereabouts) -> tuple[ChildPresence, ...]:
        """Return the children who are in one of these states."""
        return tuple(child for child in self.children if child.whereabouts in whereabouts)

    @property
    def expected(self) -> tuple[ChildPresence, ...]:
        """All the children expected that day, come or not."""
        return tuple(child for child in self.children if child.is_expected)

    @property
    def inside(self) -> tuple[ChildPresence, ...]:
        """The children who are here."""
        return self.those(Whereabouts.INSIDE)

    @property
    def missing(self) -> tuple[ChildPresence, ...]:
        """The children expected and not seen, once the service has begun."""
        return self.those(Whereabouts.MISSING)

    @property
    def left(self) -> tuple[ChildPresence, ...]:
        """The children who came and left."""
        return self.those(Whereabouts.LEFT)

    @property
    def unexpected(self) -> tuple[ChildPresence, ...]:
        """The children who came without being expected."""
        return tuple(child for child in self.children if child.is_unexpected)


@dataclass(frozen=True, slots=True)
class UnknownPresence:
    """A tap that waits for a person: who it was, or which service it was for, is not known."""

    tap_id: str
    structure_ref: str
    structure_name: str
    occurred_at: int
    occurred_minute: int
    badge_uid: str | None
    typed_name: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class PresenceBoard:
    """All places and services of the day that the actor may see, by place then by hour."""

    day: date
    now: int
    services: tuple[ServicePresence, ...]
    unknown: tuple[UnknownPresence, ...]
