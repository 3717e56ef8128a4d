"""Questions a terminal asks its roster: who has this badge, what is open now, who is expected. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from domain.french import staff_name
from domain.names import search_key
from domain.slots import Slot, service_at
from domain.time import local, local_day, local_minute
from domain.wire.v1 import AgentV1, ChildV1, RosterV1, ServiceV1


class RosterBook:
    """A roster with its indexes."""

    def __init__(self, roster: RosterV1) -> None:
        self.roster = roster
        self._children = {child.child_ref: child for child in roster.children}
        self._services = {service.service_ref: service for service in roster.services}
        self._agents = {agent.agent_ref: agent for agent in roster.agents}
        self._expected = {(one.day, one.service_ref): one.child_refs for one in roster.expected}
        self._by_badge: dict[str, list[ChildV1]] = defaultdict(list)
        for child in roster.children:
            for uid in child.badges:
                self._by_badge[uid].append(child)
        self._homonyms = _homonyms(roster.children)

    # -- who ------------------------------------------------------------------------------------------------

    def children_of_badge(self, uid: str) -> tuple[ChildV1, ...]:
        """Return the children a badge brings; empty for a badge nobody here has."""
        return tuple(self._by_badge.get(uid, ()))

    def child(self, child_ref: str) -> ChildV1 | None:
        """Return a child of this place."""
        return self._children.get(child_ref)

    def agent(self, agent_ref: str) -> AgentV1 | None:
        """Return a member of staff."""
        return self._agents.get(agent_ref)

    def public_name(self, child: ChildV1) -> str:
        """Return the first name, with letters of the last name for two class-mates of the same first name."""
        return self._homonyms.get(child.child_ref, child.first_name)

    def search(self, query: str, class_ref: str | None = None) -> list[ChildV1]:
        """Return the children whose names hold each word typed, accents and case aside, in list order."""
        words = search_key(query).split()
        found = [
            child
            for child in self.roster.children
            if (class_ref is None or child.class_ref == class_ref) and _matches(child, words)
        ]
        return in_list_order(found)

    # -- what and when ----------------------------------------------------------------------------------------

    def service(self, service_ref: str) -> ServiceV1 | None:
        """Return a service of this place."""
        return self._services.get(service_ref)

    def day(self, instant: int) -> date:
        """Return the civil day of an instant (µs UTC) here."""
        return local_day(instant, self.roster.timezone)

    def minute(self, instant: int) -> int:
        """Return minutes since midnight of an instant (µs UTC) here."""
        return local_minute(instant, self.roster.timezone)

    def start_of_day(self, instant: int) -> int:
        """Return the instant (µs UTC) when the civil day of an instant began here."""
        midnight = local(instant, self.roster.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()) * 1_000_000

    def services_of_day(self, day: date) -> list[ServiceV1]:
        """Return the services with a slot that weekday, by opening; none on a day known to be closed."""
        if self.is_closed(day):
            return []
        opening = [
            (slot.start_minute, service.service_ref, service)
            for service in self.roster.services
            for slot in service.slots
            if slot.weekday == day.weekday()
        ]
        return [service for _, _, service in sorted(opening, key=lambda each: each[:2])]

    def is_closed(self, day: date) -> bool:
        """Say whether a day is known to be closed; beyond the days the roster covers, the weekday decides."""
        open_days = self.roster.open_days
        if not open_days or day.isoformat() > max(open_days):
            return False
        return day.isoformat() not in open_days

    def service_at(self, instant: int) -> ServiceV1 | None:
        """Return the service a moment belongs to, None outside opening hours."""
        day = self.day(instant)
        slots = [
            Slot(service.service_ref, slot.start_minute, slot.end_minute, service.grace_minutes)
            for service in self.services_of_day(day)
            for slot in service.slots
            if slot.weekday == day.weekday()
        ]
        found = service_at(slots, self.minute(instant))
        return None if found is None else self._services[found]

    def knows_expected(self, day: date) -> bool:
        """Say whether the roster tells who is expected that day (it covers about a week)."""
        days = [one.day for one in self.roster.expected]
        return bool(days) and min(days) <= day.isoformat() <= max(days)

    def expected(self, service_ref: str, day: date) -> list[ChildV1]:
        """Return the children expected at a service on a day, in list order."""
        refs = self._expected.get((day.isoformat(), service_ref), [])
        return in_list_order([self._children[ref] for ref in refs if ref in self._children])

    def is_expected(self, child_ref: str, service_ref: str, day: date) -> bool:
        """Say whether a child is expected at a service on a day."""
        return child_ref in self._expected.get((day.isoformat(), service_ref), [])


def in_list_order(children: Iterable[ChildV1]) -> list[ChildV1]:
    """Sort as paper lists do: last name, first name, accents aside."""
    return sorted(children, key=lambda one: (search_key(one.last_name), search_key(one.first_name), one.child_ref))


def list_name(child: ChildV1) -> str:
    """Return « FOURNIER Léa »."""
    return staff_name(child.last_name, child.first_name)


def _matches(child: ChildV1, words: Sequence[str]) -> bool:
    names = f"{search_key(child.last_name)} {search_key(child.first_name)}".split()
    return all(any(name.startswith(word) for name in names) for word in words)


def _homonyms(children: Sequence[ChildV1]) -> dict[str, str]:
    """Return longer public names for class-mates who share a first name: « Léa F. », « Léa Fo. »."""
    groups: dict[tuple[str | None, str], list[ChildV1]] = defaultdict(list)
    for child in children:
        groups[child.class_ref, search_key(child.first_name)].append(child)
    found: dict[str, str] = {}
    for group in groups.values():
        if len(group) > 1:
            found |= {child.child_ref: _distinct(child, group) for child in group}
    return found


def _distinct(child: ChildV1, group: Sequence[ChildV1]) -> str:
    others = [search_key(one.last_name) for one in group if one is not child]
    for letters in range(1, len(child.last_name) + 1):
        start = child.last_name[:letters]
        if not any(other.startswith(search_key(start)) for other in others):
            return f"{child.first_name} {start.capitalize()}."
    return f"{child.first_name} {child.last_name.capitalize()}"
