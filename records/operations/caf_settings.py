"""What the convention with the CAF says of a place, from a day on (CAF notes §1.3, §1.4, §2.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import ParameterMissing
from domain.french import short_date, typeset
from records.actors import Actor, Right
from records.database import Records
from records.models import CafSetting, Structure
from records.models.caf import CAF_FUNDINGS, OVERSIZE_ROUNDINGS
from records.operations.lookup import by_ref, invalid
from records.operations.registry import Scope, operation
from records.operations.versions import add_version, version_on
from records.town_files.kinds import PERCENT, TEXT, YES_NO, Kind, Misread, whole

_SHARE_MAX_E4 = 10_000
_WALKING_MAX_MONTHS = 71  # the last month in which somebody may be in a crèche
# Fields that are typed one by one, and how each reads.
_READ: dict[str, Kind] = {
    "funding": TEXT,
    "authorised_under_6": whole(),
    "authorised_from_6": whole(),
    "meals_provided": YES_NO,
    "diapers_provided": YES_NO,
    "has_pedt": YES_NO,
    "has_plan_mercredi": YES_NO,
    "reference_wednesday_minutes": whole(),
    "oversize_rounding": TEXT,
    "walking_from_months": whole(),
    "general_regime_e4": PERCENT,  # hundredths of a percent are ten-thousandths
    "caf_office_code": TEXT,
    "caf_file_number": TEXT,
    "idequ": TEXT,
}


@dataclass(frozen=True, slots=True)
class NewCafSetting:
    """What holds of a place from a day on (records.models.caf.CafSetting); `decision` names the convention."""

    structure_ref: str
    valid_from: date
    decision: str
    authorised_places: int
    funding: str | None = None
    authorised_under_6: int | None = None
    authorised_from_6: int | None = None
    meals_provided: bool = False
    diapers_provided: bool = False
    has_pedt: bool = False
    has_plan_mercredi: bool = False
    reference_wednesday_minutes: int | None = None
    oversize_rounding: str = "floor"
    general_regime_e4: int | None = None
    walking_from_months: int | None = None
    caf_office_code: str | None = None
    caf_file_number: str | None = None
    idequ: str | None = None


@operation(Right.EDIT_REFERENCE)
def set_caf(records: Records, actor: Actor, setting: NewCafSetting) -> int:
    """Say what the convention says of a place from a day on; former versions stay. Returns the row's id."""
    check_setting(setting)
    values = asdict(setting)
    structure_ref = values.pop("structure_ref")
    with records.write(actor, "set_caf") as write:
        structure_id = by_ref(write.session, Structure, structure_ref).id
        return add_version(write, CafSetting, {"structure_id": structure_id}, values).id


@operation(Right.SEE_CAF, Scope.PLACE)
def caf_settings(records: Records, actor: Actor, structure_ref: str) -> list[NewCafSetting]:
    """Return every version of a place's settings, oldest first. Raises NotFound."""
    with records.read() as session:
        structure = by_ref(session, Structure, structure_ref)
        actor.require(Right.SEE_CAF, structure.id)
        rows = session.scalars(
            select(CafSetting)
            .where(CafSetting.structure_id == structure.id)
            .order_by(CafSetting.valid_from, CafSetting.seq)
        )
        return [seen(row, structure.ref) for row in rows]


def changed_setting(
    known: Sequence[NewCafSetting], head: tuple[str, date, str, int | None], changes: Mapping[str, str]
) -> NewCafSetting:
    """Return the version that follows the last one, with some fields given as people type them.

    `head`: structure, first day, decision, places (None: as before). An empty value empties a field that may
    be. Raises InvalidData for a field that does not exist or a value that is not of its kind.
    """
    structure_ref, valid_from, decision, places = head
    earlier = [each for each in known if each.valid_from <= valid_from]
    if places is None and not earlier:
        raise invalid("Donnez le nombre de places autorisées.")
    base = earlier[-1] if earlier else NewCafSetting(structure_ref, valid_from, decision, places or 0)
    unknown = sorted(changes.keys() - _READ.keys())
    if unknown:
        raise invalid(f"« {unknown[0]} » n'est pas un réglage. Choisissez parmi : {', '.join(_READ)}.")
    values = {name: _typed(name, text) for name, text in changes.items()}
    return replace(
        base,
        valid_from=valid_from,
        decision=decision,
        authorised_places=base.authorised_places if places is None else places,
        **values,
    )


def _typed(name: str, text: str) -> Any:
    if not text:
        if NewCafSetting.__dataclass_fields__[name].default is not None:
            raise invalid(f"{name} a toujours une valeur : donnez-la après le signe égal.")
        return None
    try:
        return _READ[name].read(text)
    except Misread as misread:
        raise invalid(f"{name} : {misread.message}") from None


def seen(row: CafSetting, structure_ref: str) -> NewCafSetting:
    """Return what a row says, as people give it."""
    names = [name for name in NewCafSetting.__dataclass_fields__ if name != "structure_ref"]
    return NewCafSetting(structure_ref, **{name: getattr(row, name) for name in names})


def caf_setting_on(session: Session, structure: Structure, day: date) -> CafSetting:
    """Return what holds of a place on a day; raises ParameterMissing before the first version."""
    found = version_on(session, CafSetting, {"structure_id": structure.id}, day)
    if found is None:
        raise ParameterMissing(
            typeset(
                f"La convention CAF de « {structure.name} » n'est pas saisie au {short_date(day)} : places "
                "autorisées, numéro de dossier. À l'administration de la saisir dans Convention CAF."
            ),
            parameter="caf_setting",
            day=day,
        )
    return found


def check_setting(setting: NewCafSetting) -> None:
    """Raise InvalidData for a convention that cannot be."""
    if not setting.decision.strip():
        raise invalid("Dites d'où viennent ces réglages, par exemple « Convention 2026-2029 ».")
    places = (setting.authorised_places, setting.authorised_under_6, setting.authorised_from_6)
    if any(each is not None and each < 0 for each in places):
        raise invalid("Un nombre de places n'est pas négatif.")
    if setting.funding is not None and setting.funding not in CAF_FUNDINGS:
        raise invalid("Ce financement n'est pas dans la liste.", funding=setting.funding)
    if setting.oversize_rounding not in OVERSIZE_ROUNDINGS:
        raise invalid("L'arrondi des 115 % est inférieur, au plus proche ou supérieur.")
    if setting.general_regime_e4 is not None and not 0 <= setting.general_regime_e4 <= _SHARE_MAX_E4:
        raise invalid("La part du régime général va de 0 à 100 %.")
    if setting.reference_wednesday_minutes is not None and setting.reference_wednesday_minutes < 0:
        raise invalid("Les heures de référence du mercredi ne sont pas négatives.")
    months = setting.walking_from_months
    if months is not None and not 1 <= months <= _WALKING_MAX_MONTHS:
        raise invalid("L'âge compté comme marchant va de 1 à 71 mois ; vide, un seul taux vaut pour tous.")
    _check_numbers(setting)


def _check_numbers(setting: NewCafSetting) -> None:
    if setting.caf_office_code is not None and not re.fullmatch(r"\d{3}", setting.caf_office_code):
        raise invalid("Le code de la CAF a trois chiffres, par exemple 791.")
    for number in (setting.caf_file_number, setting.idequ):
        if number is not None and not re.fullmatch(r"[0-9A-Za-z-]{1,20}", number):
            raise invalid("Un numéro de dossier a 20 caractères au plus, chiffres, lettres ou tirets.")
