"""How meals are ordered: supplier, packs, minimum, horizons and costs, dated, of the town or of one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import ParameterMissing
from domain.french import short_date, typeset
from records.actors import Actor, Right
from records.database import Records
from records.models import KitchenSetting, Structure
from records.models.kitchen import MINIMUM_MAX, PACK_MAX
from records.operations.kept_lists import refs_by_id
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, version_on

HORIZON_DAYS_MAX = 60


@dataclass(frozen=True, slots=True)
class NewKitchenSetting:
    """How a kitchen orders from a day on (KitchenSetting); no structure: wherever nothing else is said.

    Costs are cents: of a child without a meal, and of a meal that nobody eats.
    """

    valid_from: date
    decision: str
    supplier: str
    missing_cents: int
    wasted_cents: int
    structure_ref: str | None = None
    mail: str | None = None
    pack: int = 1
    minimum: int = 0
    supplier_days: int = 28
    firm_days: int = 7


@operation(Right.EDIT_REFERENCE)
def set_kitchen(records: Records, actor: Actor, setting: NewKitchenSetting) -> int:
    """Say how meals are ordered from a day on; returns the row's id. Former settings stay, for the days before."""
    _check(setting)
    with records.write(actor, "set_kitchen") as write:
        values = asdict(setting)
        ref = values.pop("structure_ref")
        structure_id = by_ref(write.session, Structure, ref).id if ref else None
        return add_version(write, KitchenSetting, {"structure_id": structure_id}, values).id


@operation(Right.SEE_MEALS, Scope.PLACE)
def kitchens_on(records: Records, actor: Actor, day: date) -> dict[str, NewKitchenSetting]:
    """Return the settings in force on a day, by the reference of each of the actor's places that has any."""
    places = actor.structures_with(Right.SEE_MEALS)
    with records.read() as session:
        found = {}
        for place in session.scalars(select(Structure).order_by(Structure.id)):
            row = _in_force(session, place.id, day) if places is None or place.id in places else None
            if row is not None:
                found[place.ref] = _told(row, place.ref)
        return found


@operation(Right.SEE_MEALS, Scope.PLACE)
def kitchen_versions(records: Records, actor: Actor) -> list[NewKitchenSetting]:
    """Return the settings of the town and of the actor's places, oldest first, a correction after its mistake."""
    places = actor.structures_with(Right.SEE_MEALS)
    with records.read() as session:
        refs = refs_by_id(session, Structure)
        rows = session.scalars(
            select(KitchenSetting).order_by(KitchenSetting.valid_from, KitchenSetting.seq, KitchenSetting.id)
        )
        return [
            _told(row, refs[row.structure_id])
            for row in rows
            if row.structure_id is None or places is None or row.structure_id in places
        ]


def kitchen_on(session: Session, place: Structure, day: date) -> KitchenSetting:
    """Return the settings of a place on a day, its own before the town's; raises ParameterMissing."""
    found = _in_force(session, place.id, day)
    if found is None:
        raise ParameterMissing(
            typeset(
                f"Les réglages de la cuisine ne sont pas saisis pour {place.name} au {short_date(day)} : "
                "fournisseur, conditionnement, délais, coûts. À l'administration de les saisir."
            ),
            parameter="kitchen_setting",
            day=day,
        )
    return found


def _in_force(session: Session, structure_id: int, day: date) -> KitchenSetting | None:
    own = version_on(session, KitchenSetting, {"structure_id": structure_id}, day)
    return own or version_on(session, KitchenSetting, {"structure_id": None}, day)


def _told(row: KitchenSetting, structure_ref: str | None) -> NewKitchenSetting:
    names = [name for name in NewKitchenSetting.__dataclass_fields__ if name != "structure_ref"]
    return NewKitchenSetting(structure_ref=structure_ref, **{name: getattr(row, name) for name in names})


def _check(setting: NewKitchenSetting) -> None:
    if not setting.decision.strip() or not setting.supplier.strip():
        raise invalid("Dites qui a décidé de ces réglages et qui fournit les repas.")
    if setting.mail is not None and "@" not in setting.mail:
        raise invalid(
            f"« {setting.mail} » n'est pas une adresse : donnez celle où le fournisseur reçoit la commande."
        )
    if not 1 <= setting.pack <= PACK_MAX or not 0 <= setting.minimum <= MINIMUM_MAX:
        raise invalid(f"Un conditionnement va de 1 à {PACK_MAX} portions, un minimum de 0 à {MINIMUM_MAX}.")
    if not 1 <= setting.firm_days <= setting.supplier_days <= HORIZON_DAYS_MAX:
        raise invalid(
            f"La commande au fournisseur vient avant la ferme : de {HORIZON_DAYS_MAX} jours à 1 jour avant."
        )
    if setting.missing_cents <= 0 or setting.wasted_cents <= 0:
        raise invalid("Donnez ce que coûtent un repas qui manque et un repas perdu, en centimes : plus de 0.")
