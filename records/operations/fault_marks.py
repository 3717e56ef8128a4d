"""Faults of coherence go back to their owner and return marked done (domain notes §7).

What is wrong is in the figures (mart fct_coherence_faults); here is only what people say of it. A mark corrects
nothing: when figures calculated after it still show the fault, it has come back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from records.actors import Actor, Right
from records.database import Records
from records.models import FaultMark, Structure
from records.operations.lookup import add, by_ref, chunks, invalid
from records.operations.registry import Scope, operation

# What whoever is asked to mend a fault may do; roles are those that fct_coherence_faults names.
OWNER_RIGHTS = {
    "clerk": Right.EDIT_FAMILIES,
    "coordinator": Right.DECIDE_ATTENDANCE,
    "finance": Right.CLAIM_COVERAGES,
    "admin_school": Right.EDIT_REFERENCE,
}
OWNERS = {
    "clerk": "Bureau des familles",
    "coordinator": "Coordination et direction",
    "finance": "Finances",
    "admin_school": "Administration",
}
BACK, TO_DO, DONE = "back", "to_do", "done"
STATES = {BACK: "⊘ Revenu", TO_DO: "… À traiter", DONE: "✓ Traité"}
NOTE_LENGTH_MAX = 400
_KEY_LENGTH_MAX = 160


@dataclass(frozen=True, slots=True)
class NewFaultMark:
    """A fault that is dealt with: its key and owner in the figures, its place when it has one, what was done."""

    fault_key: str
    owner_role: str
    note: str
    structure_ref: str | None = None


@dataclass(frozen=True, slots=True)
class FaultSaid:
    """What was said last of a fault, when (µs UTC) and by whom; `times`: how often it was said to be dealt with."""

    note: str | None
    recorded_at: int
    recorded_by: str
    times: int


def fault_state(said: FaultSaid | None, as_of: int) -> str:
    """Return `to_do`, `done`, or `back`: figures calculated at `as_of` (µs UTC), after the mark, still have it."""
    if said is None:
        return TO_DO
    return DONE if said.recorded_at > as_of else BACK


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE, also=frozenset(OWNER_RIGHTS.values()))
def mark_fault(records: Records, actor: Actor, mark: NewFaultMark) -> int:
    """Note that a fault is dealt with; returns the row's id.

    Raises NotAllowed for another's fault, InvalidData without what was done, NotFound for an unknown place.
    """
    note = mark.note.strip()
    if not note:
        raise invalid("Dites ce qui a été fait : la note reste avec le défaut s'il revient.")
    if len(note) > NOTE_LENGTH_MAX:
        raise invalid(f"La note dépasse {NOTE_LENGTH_MAX} caractères : raccourcissez-la.")
    right = OWNER_RIGHTS.get(mark.owner_role)
    if right is None or not 0 < len(mark.fault_key) <= _KEY_LENGTH_MAX:
        raise invalid("Ce défaut n'est pas un de ceux des contrôles.", fault=mark.fault_key)
    with records.write(actor, "mark_fault") as write:
        if mark.structure_ref is None:
            actor.require_somewhere(right)
        else:
            actor.require(right, by_ref(write.session, Structure, mark.structure_ref).id)
        last = write.session.scalar(select(func.max(FaultMark.seq)).where(FaultMark.fault_key == mark.fault_key))
        row = FaultMark(
            fault_key=mark.fault_key,
            seq=(last or 0) + 1,
            owner_role=mark.owner_role,
            note=note,
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        return add(write, row)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def fault_marks(records: Records, actor: Actor, fault_keys: Collection[str]) -> dict[str, FaultSaid]:
    """Return what was said last of each of these faults that somebody marked, by its key."""
    found: dict[str, FaultSaid] = {}
    with records.read() as session:
        for keys in chunks(sorted(set(fault_keys))):
            rows = session.scalars(select(FaultMark).where(FaultMark.fault_key.in_(keys)).order_by(FaultMark.seq))
            for row in rows:
                found[row.fault_key] = FaultSaid(row.note, row.recorded_at, row.recorded_by, row.seq)
    return found
