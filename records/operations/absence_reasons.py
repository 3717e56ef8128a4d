"""The town's dated reasons of absence: which one may explain which absence (domain notes §4, §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from domain.french import medium_date
from domain.schedule import in_force
from records.models import AbsenceReason
from records.operations.lookup import by_ref, invalid

_KIND = {True: "absent_justified", False: "absent_unjustified"}


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
