"""From what happens to what is tapped: badges, roll calls, and the faults of real life."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from demo.life import DayLife, Visit
from demo.people import PlannedChild, PlannedFamily
from demo.randomness import stream
from demo.scope import Scope
from demo.source import DeviceData
from domain.taps import Direction, TapKind
from domain.time import MICROS_PER_SECOND, instant_at

FORGOTTEN_DEPARTURE = 0.03
DOUBLE_TAP = 0.025
BADGE_UNDO = 0.002
ROLL_CALL_UNDO = 0.005
OWN_BADGE_FORGOTTEN = 0.012  # another card is read first, then an agent picks the child
STRAY_BADGES_A_DAY = 0.25  # a card of nobody, and nothing follows
TYPED_NAMES_A_DAY = 0.3
ROLL_CALL_STARTS_SECOND = 11 * 3600 + 50 * 60
VALIDATED_AT = "vieux-moulin"  # this canteen validates pre-ticked lists, class by class
NEWCOMERS = ("Sacha, nouveau CE1", "Lilou (cousine de Tom)", "Mathéo D.", "Naëlle, arrive de Saint-Elme", "Jean B.")


@dataclass(frozen=True, slots=True)
class Gesture:
    """One gesture at a terminal, at its true instant (µs); `group` gestures are kept together.

    `key` names it inside the plan, so that an undo or a decision can point at it.
    """

    key: str
    at: int
    device: str
    kind: TapKind
    service: str
    badge_uid: str | None = None
    child_ref: str | None = None
    typed_name: str | None = None
    direction: Direction | None = None
    class_ref: str | None = None
    by_agent: bool = False
    undoes: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ForgottenDeparture:
    """A child who left without a tap, and when that was."""

    person_ref: str
    service: str
    structure: str
    day: date
    left_at: int


@dataclass(frozen=True, slots=True)
class TypedName:
    """A child whom an agent wrote down; `child_ref` when it turns out to be a known one."""

    gesture_key: str
    structure: str
    day: date
    child_ref: str | None


@dataclass
class Gestures:
    """Every gesture of the period in time order, and the faults that people will have to settle."""

    all: list[Gesture] = field(default_factory=list)
    forgotten: list[ForgottenDeparture] = field(default_factory=list)
    typed: list[TypedName] = field(default_factory=list)


class GestureMaker:
    """Turns the visits of each day into gestures; everything it draws comes from the seed."""

    def __init__(self, scope: Scope, families: Sequence[PlannedFamily]) -> None:
        self.scope = scope
        self.zone = scope.town.timezone
        self.children: dict[str, PlannedChild] = {c.ref: c for family in families for c in family.children}
        self.found = Gestures()
        self._number = 0

    def make(self, lives: Sequence[DayLife]) -> Gestures:
        """Return the gestures of all days, in time order."""
        for life in lives:
            self._day(life)
        self.found.all.sort(key=lambda gesture: (gesture.at, gesture.key))
        return self.found

    def _day(self, life: DayLife) -> None:
        source = self.scope.stream("gestures", life.day)
        meals = defaultdict(list)
        for visit in life.visits:
            if visit.service == "cantine":
                meals[visit.structure].append(visit)
            elif visit.service == "halte-garderie":
                self._daycare(visit)
            else:
                self._passages(visit, source)
        for structure, visits in sorted(meals.items()):
            self._meal(structure, visits, life, source)
        self._strays(life, source)

    # ---------------------------------------------------------------------------------------------- badges

    def _passages(self, visit: Visit, source: random.Random) -> None:
        """Arrivals and departures at a badge post, one after the other in the family."""
        device = self.scope.town.device_for(visit.service, visit.structure)
        needs_departure = self.scope.town.service(visit.service).rule.needs_departure
        for presence in visit.presences:
            # Brothers and sisters tap one after the other.
            lag = stream(self.scope.seed, "lag", visit.person_ref, visit.day).randrange(2, 14)
            self._passage(visit, device, (presence.arrived + lag, Direction.ARRIVAL), source)
            if not needs_departure or presence.left is None:
                continue
            if source.random() < FORGOTTEN_DEPARTURE and presence is visit.presences[-1]:
                at = self._instant(visit.day, presence.left + lag)
                self.found.forgotten.append(
                    ForgottenDeparture(visit.person_ref, visit.service, visit.structure, visit.day, at)
                )
            else:
                self._passage(visit, device, (presence.left + lag, Direction.DEPARTURE), source)

    def _passage(
        self, visit: Visit, device: DeviceData, when: tuple[int, Direction], source: random.Random
    ) -> None:
        second, direction = when
        child = self.children[visit.person_ref]
        year = self.scope.period.year_of(visit.day)
        tap = Gesture(
            key="",
            at=self._instant(visit.day, second),
            device=device.ref,
            kind=TapKind.BADGE,
            service=visit.service,
            badge_uid=child.badge_uid,
            direction=direction,
            class_ref=None,
        )
        if child.badge_uid is None or source.random() < OWN_BADGE_FORGOTTEN:
            if child.badge_uid is not None:
                card = f"04{source.getrandbits(48):012X}"
                self._add(replace(tap, at=tap.at - 25 * MICROS_PER_SECOND, badge_uid=card, direction=None))
            class_ref = child.class_refs.get(year.ref)
            self._add(
                replace(tap, kind=TapKind.ROLL_CALL, badge_uid=None, child_ref=child.ref, class_ref=class_ref,
                        by_agent=True)
            )  # fmt: skip
            return
        if source.random() < BADGE_UNDO and direction is Direction.ARRIVAL:
            self._taken_back(tap)
        kept = self._add(tap)
        if source.random() < DOUBLE_TAP:
            self._add(replace(kept, at=kept.at + source.randrange(4, 140) * MICROS_PER_SECOND))

    def _taken_back(self, tap: Gesture) -> None:
        """« Annuler cette arrivée »: the family sees its mistake, then taps again."""
        first = self._add(replace(tap, at=tap.at - 70 * MICROS_PER_SECOND))
        self._add(
            Gesture("", first.at + 5 * MICROS_PER_SECOND, tap.device, TapKind.UNDO, tap.service, undoes=first.key)
        )

    def _strays(self, life: DayLife, source: random.Random) -> None:
        """A card of nobody read in the evening, as people try what they have in their pocket."""
        posts = [each.ref for each in self.scope.town.devices if "garderie-soir" in each.services]
        is_open = any(visit.service == "garderie-soir" for visit in life.visits)
        if is_open and source.random() < STRAY_BADGES_A_DAY:
            second = 16 * 3600 + 40 * 60 + source.randrange(5400)
            self._add(
                Gesture("", self._instant(life.day, second), source.choice(posts), TapKind.BADGE, "garderie-soir",
                        badge_uid=f"04{source.getrandbits(48):012X}")
            )  # fmt: skip

    # ---------------------------------------------------------------------------------------------- roll calls

    def _daycare(self, visit: Visit) -> None:
        device = self.scope.town.device_for(visit.service, visit.structure)
        for presence in visit.presences:
            source = self.scope.stream("daycare-taps", visit.person_ref, visit.day)
            forgets = source.random() < FORGOTTEN_DEPARTURE
            moments = [(presence.arrived, Direction.ARRIVAL)]
            if presence.left is not None:
                moments.append((presence.left, Direction.DEPARTURE))
            for second, direction in moments:
                at = self._instant(visit.day, second)
                if forgets and direction is Direction.DEPARTURE:
                    self.found.forgotten.append(
                        ForgottenDeparture(visit.person_ref, visit.service, visit.structure, visit.day, at)
                    )
                    continue
                self._add(
                    Gesture("", at, device.ref, TapKind.ROLL_CALL, visit.service, child_ref=visit.person_ref,
                            direction=direction, by_agent=True)
                )  # fmt: skip

    def _meal(self, structure: str, visits: list[Visit], life: DayLife, source: random.Random) -> None:
        """The canteen: a tablet class by class, or badges in the queue."""
        device = self.scope.town.device_for("cantine", structure)
        year = self.scope.period.year_of(life.day)
        # Class by class, then the adults.
        queue = sorted(
            visits,
            key=lambda visit: (
                visit.person_ref not in self.children,
                self._class_of(visit.person_ref, year.ref),
                visit.person_ref,
            ),
        )
        second = ROLL_CALL_STARTS_SECOND + source.randrange(0, 240)
        for visit in queue:
            class_ref = self._class_of(visit.person_ref, year.ref)
            if device.mode == "badge":
                second += source.randrange(4, 11)
                self._queued(visit, device, second, source)
                continue
            is_list = structure == VALIDATED_AT and visit.is_expected
            second += 0 if is_list else source.randrange(3, 8)
            touch = Gesture(
                key="",
                at=self._instant(life.day, second),
                device=device.ref,
                kind=TapKind.ROLL_CALL,
                service="cantine",
                child_ref=visit.person_ref,
                direction=Direction.ARRIVAL,
                class_ref=class_ref or None,
                by_agent=True,
                group=f"{device.ref} {life.day} {class_ref}" if is_list else None,
            )
            if not is_list and source.random() < ROLL_CALL_UNDO:
                self._wrong_touch(touch, life, year.ref)
            self._add(touch)
        size = max(0.5, min(1.0, self.scope.scale))
        if source.random() < TYPED_NAMES_A_DAY * size / len(self.scope.town.schools):
            self._typed(device, life, second + 40, source)

    def _queued(self, visit: Visit, device: DeviceData, second: int, source: random.Random) -> None:
        if visit.person_ref in self.children:
            self._passage(visit, device, (second, Direction.ARRIVAL), source)
            return
        self._add(
            Gesture("", self._instant(visit.day, second), device.ref, TapKind.ROLL_CALL, "cantine",
                    child_ref=visit.person_ref, direction=Direction.ARRIVAL, by_agent=True)
        )  # fmt: skip

    def _wrong_touch(self, touch: Gesture, life: DayLife, year_ref: str) -> None:
        """The finger lands on a classmate who is not here; the agent takes it back at once."""
        absent = [
            absence.person_ref
            for absence in life.absences
            if absence.service == "cantine" and self._class_of(absence.person_ref, year_ref) == touch.class_ref
        ]
        if absent:
            wrong = self._add(replace(touch, at=touch.at - 6 * MICROS_PER_SECOND, child_ref=absent[0]))
            self._add(
                Gesture("", wrong.at + 4 * MICROS_PER_SECOND, touch.device, TapKind.UNDO, touch.service,
                        by_agent=True, undoes=wrong.key)
            )  # fmt: skip

    def _typed(self, device: DeviceData, life: DayLife, second: int, source: random.Random) -> None:
        """A child whom the list does not show: the agent types a name; half of them have a file."""
        year = self.scope.period.year_of(life.day)
        here = {visit.person_ref for visit in life.visits}
        known = sorted(
            child.ref
            for child in self.children.values()
            if child.school == device.structure and year.ref in child.class_refs and child.ref not in here
        )
        has_file = len(self.found.typed) % 2 == 0 and bool(known)
        child_ref = source.choice(known) if has_file else None
        name = self.children[child_ref].human.full_name if child_ref else source.choice(NEWCOMERS)
        kept = self._add(
            Gesture("", self._instant(life.day, second), device.ref, TapKind.ROLL_CALL, "cantine", typed_name=name,
                    direction=Direction.ARRIVAL, by_agent=True)
        )  # fmt: skip
        self.found.typed.append(TypedName(kept.key, device.structure, life.day, child_ref))

    # ------------------------------------------------------------------------------------------------- tools

    def _class_of(self, person_ref: str, year_ref: str) -> str:
        child = self.children.get(person_ref)
        return child.class_refs.get(year_ref, "") if child else ""

    def _instant(self, day: date, second: int) -> int:
        return instant_at(day, second // 60, self.zone) + second % 60 * MICROS_PER_SECOND

    def _add(self, gesture: Gesture) -> Gesture:
        self._number += 1
        # Sub-second parts, so that no two gestures of the town fall on the same microsecond.
        kept = replace(gesture, key=f"g{self._number:06d}", at=gesture.at + self._number % 1_000 * 997)
        self.found.all.append(kept)
        return kept
