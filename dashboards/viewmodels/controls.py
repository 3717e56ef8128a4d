"""Contrôles: what the figures find wrong in the records, whose it is to mend, and what was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.viewmodels.tables import Table
from domain.french import number, plural, short_date, typeset
from domain.time import local_day
from records.operations.fault_marks import BACK, DONE, OWNERS, STATES, TO_DO, FaultSaid, fault_state
from warehouse.reader import CoherenceFaultRow

_ORDER = (BACK, TO_DO, DONE)


@dataclass(frozen=True, slots=True)
class Control:
    """A fault, and what its owner said last of it; `state` says whether figures calculated since still have it."""

    fault: CoherenceFaultRow
    said: FaultSaid | None
    state: str

    @property
    def is_blocking(self) -> bool:
        """Whether a bill would be wrong or missing."""
        return self.fault.severity == "blocking"


def controls(faults: Sequence[CoherenceFaultRow], marks: Mapping[str, FaultSaid], as_of: int) -> list[Control]:
    """Return each fault of figures calculated at `as_of` (µs UTC): those that came back first, then what blocks."""
    found = [
        Control(fault, marks.get(fault.fault_key), fault_state(marks.get(fault.fault_key), as_of))
        for fault in faults
    ]
    return sorted(found, key=lambda each: (_ORDER.index(each.state), not each.is_blocking, each.fault.fault_key))


def headline(found: Sequence[Control]) -> tuple[bool, str]:
    """Return whether something is left to mend, and the sentence that says so."""
    left = [each for each in found if each.state != DONE]
    if not left:
        waiting = "" if not found else " Ce qui est traité sera revu au prochain calcul."
        return False, f"Aucun défaut à traiter.{waiting}"
    blocking = sum(each.is_blocking for each in left)
    back = sum(each.state == BACK for each in left)
    parts = [plural(len(left), "défaut à traiter", "défauts à traiter")]
    if blocking:
        parts.append(plural(blocking, "bloque une facture", "bloquent une facture"))
    if back:
        parts.append(plural(back, "est revenu", "sont revenus"))
    return True, f"{', dont '.join(parts[:2])}{''.join(f', {each}' for each in parts[2:])}."


def controls_table(found: Sequence[Control], zone: str) -> Table:
    """Return the faults with who must mend them and what was said last."""
    rows = tuple(
        (
            STATES[each.state],
            typeset(each.fault.message),
            OWNERS[each.fault.owner_role],
            "" if each.said is None else _said(each.said, zone),
        )
        for each in found
    )
    return Table(("État", "Défaut", "À qui", "Dernière marque"), rows)


def owners_table(found: Sequence[Control]) -> Table:
    """Return how many faults each owner has, by state."""
    rows = tuple(
        (label, *(number(sum(each.state == state for each in of_owner)) for state in (TO_DO, BACK, DONE)))
        for owner, label in OWNERS.items()
        if (of_owner := [each for each in found if each.fault.owner_role == owner])
    )
    return Table(("À qui", "À traiter", "Revenus", "Traités"), rows)


def _said(said: FaultSaid, zone: str) -> str:
    day = short_date(local_day(said.recorded_at, zone))
    times = f" ({plural(said.times, 'fois', 'fois')})" if said.times > 1 else ""
    return typeset(f"{day}, {said.recorded_by} : {said.note or 'note effacée'}{times}")
