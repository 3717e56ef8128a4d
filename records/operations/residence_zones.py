"""Zones of residence: which communes count as which zone of a tariff, from a day on (docs/adr/0020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from domain.french import short_date
from domain.names import search_key
from records.actors import Actor, Right
from records.database import Records
from records.models import ResidenceZone
from records.operations.lookup import add, invalid
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class NewResidenceZone:
    """The zone of a commune's inhabitants from a day on; a commune that no list names is `outside`."""

    commune: str
    zone: str
    valid_from: date
    decision: str


@operation(Right.EDIT_REFERENCE)
def add_residence_zones(records: Records, actor: Actor, zones: Sequence[NewResidenceZone]) -> list[int]:
    """Add zones, all or nothing; an earlier version is never changed. Returns their ids.

    Raises InvalidData for a commune without a name or a zone, or given twice from one day.
    """
    with records.write(actor, "add_residence_zones") as write:
        found = write.session.execute(select(ResidenceZone.commune_key, ResidenceZone.valid_from))
        known = {(key, day) for key, day in found}
        rows = []
        for zone in zones:
            key = search_key(zone.commune)
            if not key or not zone.zone.strip():
                raise invalid("Donnez la commune et le code de sa zone.", commune=zone.commune)
            if (key, zone.valid_from) in known:
                raise invalid(
                    f"{zone.commune} a déjà une zone à partir du {short_date(zone.valid_from)}. "
                    "Une version ne se modifie pas : choisissez une autre date de début."
                )
            known.add((key, zone.valid_from))
            row = ResidenceZone(
                commune=zone.commune.strip(),
                commune_key=key,
                zone=zone.zone.strip(),
                valid_from=zone.valid_from,
                decision=zone.decision,
            )
            add(write, row)
            rows.append(row)
        write.session.flush()
        return [row.id for row in rows]


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def residence_zones(records: Records, actor: Actor) -> list[NewResidenceZone]:
    """Return every zone, by commune and date."""
    with records.read() as session:
        rows = session.scalars(select(ResidenceZone).order_by(ResidenceZone.commune_key, ResidenceZone.valid_from))
        return [NewResidenceZone(row.commune, row.zone, row.valid_from, row.decision) for row in rows]
