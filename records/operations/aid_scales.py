"""Scales of aids that a body publishes: what it pays per unit by QF, from a day on (domain notes §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise

from domain.french import number
from domain.money import from_cents
from records.actors import Actor, Right
from records.database import Records
from records.models import AidBand, AidScale, PayingBody
from records.models.aids import QF_DAYS
from records.models.bodies import COVERAGE_UNITS
from records.operations.lookup import add, by_ref, invalid
from records.operations.registry import operation
from records.operations.versions import add_version

PAID_UNITS = tuple(unit for unit in COVERAGE_UNITS if unit not in ("month", "total"))


@dataclass(frozen=True, slots=True, order=True)
class NewAidBand:
    """Cents per unit for a QF in `[qf_from_e2, qf_to_e2)`, in hundredths."""

    qf_from_e2: int
    qf_to_e2: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class NewAidScale:
    """What a body pays per unit by QF from a day on, and the paper that says so."""

    body_ref: str
    valid_from: date
    decision: str
    unit: str
    bands: tuple[NewAidBand, ...]
    qf_day: str = "january"


@operation(Right.EDIT_REFERENCE)
def publish_aid_scale(records: Records, actor: Actor, scale: NewAidScale) -> int:
    """Publish what a body pays by QF from a day on; returns its id. Earlier scales stay for the days before.

    Raises InvalidData for bands that overlap or leave a gap, each named; NotFound.
    """
    if scale.unit not in PAID_UNITS or scale.qf_day not in QF_DAYS:
        raise invalid("Un barème paie par heure, demi-journée, journée ou repas, au QF du jour ou de janvier.")
    if not scale.decision.strip():
        raise invalid("Dites d'où vient ce barème : le courrier ou la convention, et sa date.")
    bands = sorted(scale.bands, key=lambda band: band.qf_from_e2)
    check_bands(bands)
    with records.write(actor, "publish_aid_scale") as write:
        body = by_ref(write.session, PayingBody, scale.body_ref)
        values = {
            "valid_from": scale.valid_from,
            "decision": scale.decision.strip(),
            "unit": scale.unit,
            "qf_day": scale.qf_day,
        }
        row = add_version(write, AidScale, {"body_id": body.id}, values)
        for band in bands:
            add(write, AidBand(scale_id=row.id, **asdict(band)))
        return row.id


def check_bands(bands: Sequence[NewAidBand]) -> None:
    """Raise InvalidData unless bands, in their order, follow each other without a gap or an overlap."""
    if not bands:
        raise invalid("Donnez au moins une tranche de QF et son montant.")
    for band in bands:
        if not 0 <= band.qf_from_e2 < band.qf_to_e2 or band.amount_cents <= 0:
            raise invalid(f"La tranche qui commence à {_qf(band.qf_from_e2)} est impossible.")
    for before, after in pairwise(bands):
        if after.qf_from_e2 < before.qf_to_e2:
            raise invalid(f"Deux tranches se chevauchent à partir du QF {_qf(after.qf_from_e2)}.")
        if after.qf_from_e2 > before.qf_to_e2:
            raise invalid(f"Aucune tranche ne couvre le QF {_qf(before.qf_to_e2)}.")


def _qf(value_e2: int) -> str:
    return number(from_cents(value_e2), 2)
