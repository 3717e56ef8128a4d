"""The town's dated reasons of absence: which one may explain which absence (domain notes §4, §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import medium_date
from domain.schedule import in_force
from records.actors import Actor, Right
from records.database import Records
from records.models import AbsenceReason, Service
from records.operations.kept_lists import Kept, add_kept, refs_by_id, row_to_edit
from records.operations.lookup import by_ref, change, invalid
from records.operations.registry import Scope, operation

_KIND = {True: "absent_justified", False: "absent_unjustified"}

# Whether it justifies, and for which service, is what past absences were judged by: end it, and add another.
REASON_FIELDS = frozenset({"label", "needs_document", "is_for_families", "valid_to"})


@dataclass(frozen=True, slots=True)
class NewAbsenceReason:
    """A reason from a day on: justified is AJ (not billed), else A (billed). No service = for all.

    `deducts_after_days`: how many days from the first one of a justified absence stay billed (None: none), of the
    calendar unless `deducts_after_unit` is `service_day`: those on which the child should have come.
    """

    ref: str
    label: str
    is_justified: bool
    valid_from: date
    service_ref: str | None = None
    needs_document: bool = False
    is_for_families: bool = True
    valid_to: date | None = None
    deducts_after_days: int | None = None
    deducts_after_unit: str | None = None


class Explained(Protocol):
    """What may name a reason of absence."""

    @property
    def day(self) -> date:
        """The day of the absence."""

    @property
    def kind(self) -> str:
        """A or AJ, as they are recorded."""

    @property
    def service_ref(self) -> str:
        """Where the child is absent."""

    @property
    def absence_reason_ref(self) -> str | None:
        """The reason chosen in the list."""


@operation(Right.EDIT_REFERENCE)
def add_absence_reason(records: Records, actor: Actor, reason: NewAbsenceReason) -> int:
    """Add a reason of absence; returns its id. Raises InvalidData, NotFound for an unknown service."""
    days = reason.deducts_after_days
    if days is not None and (days < 0 or not reason.is_justified):
        raise invalid("Seul un motif qui justifie l'absence dit combien de jours restent facturés.", days=days)
    if reason.deducts_after_unit not in (None, "service_day") or (reason.deducts_after_unit and days is None):
        raise invalid("Dites combien de jours restent facturés : de calendrier, ou jours d'accueil.")
    with records.write(actor, "add_absence_reason") as write:
        values = asdict(reason)
        service_ref = values.pop("service_ref")
        values["service_id"] = by_ref(write.session, Service, service_ref).id if service_ref else None
        return add_kept(write, AbsenceReason, values)


@operation(Right.EDIT_REFERENCE)
def edit_absence_reason(
    records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change REASON_FIELDS of a reason; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    with records.write(actor, "edit_absence_reason") as write:
        row = row_to_edit(write, AbsenceReason, ref, changes, REASON_FIELDS)
        return change(write, row, dict(changes), row_version=row_version)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def absence_reasons(records: Records, actor: Actor) -> list[Kept[NewAbsenceReason]]:
    """Return every reason, ended ones too, by label."""
    with records.read() as session:
        services = refs_by_id(session, Service)
        rows = session.scalars(select(AbsenceReason).order_by(AbsenceReason.label, AbsenceReason.id))
        return [
            Kept(
                NewAbsenceReason(
                    row.ref,
                    row.label,
                    row.is_justified,
                    row.valid_from,
                    services[row.service_id],
                    row.needs_document,
                    row.is_for_families,
                    row.valid_to,
                    row.deducts_after_days,
                    row.deducts_after_unit,
                ),
                row.row_version,
            )
            for row in rows
        ]


def reasons_of(session: Session, absences: Sequence[Explained]) -> dict[str, AbsenceReason]:
    """Return the reasons that are named, by ref; raises NotFound."""
    refs = {each.absence_reason_ref for each in absences if each.absence_reason_ref is not None}
    return {ref: by_ref(session, AbsenceReason, ref) for ref in sorted(refs)}


def check_reasons(
    absences: Sequence[Explained], reasons: Mapping[str, AbsenceReason], services: Mapping[str, int]
) -> None:
    """Raise InvalidData for a reason that is not in force, of another service, or that says the contrary."""
    for each in absences:
        if each.absence_reason_ref is None:
            continue
        reason = reasons[each.absence_reason_ref]
        if each.kind not in _KIND.values():
            raise invalid("Un motif d'absence n'explique qu'une absence, A ou AJ.", kind=each.kind)
        if not in_force(each.day, reason.valid_from, reason.valid_to):
            raise invalid(
                f"Le motif « {reason.label} » n'est pas en vigueur le {medium_date(each.day)}. "
                "Choisissez-en un autre.",
                day=each.day,
            )
        if reason.service_id not in (None, services[each.service_ref]):
            raise invalid(f"Le motif « {reason.label} » est celui d'un autre service. Choisissez-en un autre.")
        if each.kind != _KIND[reason.is_justified]:
            said = "justifie l'absence : notez AJ" if reason.is_justified else "ne justifie pas l'absence : notez A"
            raise invalid(f"Le motif « {reason.label} » {said}, ou choisissez un autre motif.", kind=each.kind)
