"""State values entered by an administrator, with their date and source, before a release brings them (notes §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import ParameterMissing
from domain.french import number, short_date
from domain.parameters import ENTERED, EnteredValue, Parameter, codes_of, national, with_entered
from records.actors import Actor, Right
from records.database import Records
from records.models import StateValue
from records.operations.family_search import local_day_of
from records.operations.lookup import invalid
from records.operations.registry import operation
from records.operations.versions import add_version

DECIMALS_MAX = 6
_VALUE_MAX = Decimal(10) ** 10
_PERCENT_MAX = 200
# A bonus that is no more paid, a deduction that is no more made.
_MAY_BE_NOTHING = ("caf.mixite.amount_", "caf.alsh.midday_meal_deduction")


@dataclass(frozen=True, slots=True)
class NewStateValue:
    """A national value from a day on: a decimal number as people write it, and the text it comes from."""

    parameter_id: str
    valid_from: date
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class StateValueSeen:
    """A value of a national parameter from a day on; `packaged` is what the release says when it differs."""

    parameter_id: str
    description: str
    unit: str
    valid_from: date
    value: Decimal
    source: str
    is_entered: bool
    packaged: Decimal | None
    confidence: str = ""


@operation(Right.ADMINISTER)
def enter_state_value(records: Records, actor: Actor, entered: NewStateValue) -> int:
    """Enter a national value newer than those that are known; returns its id.

    A value to come may be entered again: the last stands. Raises ParameterMissing for an unknown parameter,
    InvalidData for a value that would change the past, has no source or is no number.
    """
    parameter = national().get(entered.parameter_id)
    if parameter is None:
        raise ParameterMissing(
            f"Le paramètre national {entered.parameter_id} n'existe pas. Rien n'a été enregistré.",
            parameter=entered.parameter_id,
        )
    value = _read(entered.value)
    _refuse_impossible(parameter, value)
    if not entered.source.strip():
        raise invalid("Indiquez le texte d'où vient cette valeur (circulaire, décret, arrêté).")
    with records.write(actor, "enter_state_value") as write:
        session = write.session
        _refuse_past(session, parameter, entered.valid_from, local_day_of(session, write.now))
        values = {"valid_from": entered.valid_from, "value": str(value), "source": entered.source.strip()}
        return add_version(write, StateValue, {"parameter_id": parameter.id}, values).id


@operation(Right.ADMINISTER)
def state_values(records: Records, actor: Actor) -> list[StateValueSeen]:
    """Return every value of every national parameter, oldest first, and where the release says something else."""
    with records.read() as session:
        return _seen(entered_values(session))


def entered_values(session: Session) -> Sequence[EnteredValue]:
    """Return what the town entered, in the order of entry: the last of a day stands."""
    rows = session.scalars(select(StateValue).order_by(StateValue.id))
    return [EnteredValue(row.parameter_id, row.valid_from, Decimal(row.value), row.source) for row in rows]


def differing_values(session: Session) -> list[StateValueSeen]:
    """Return the entered values that the release contradicts: they stand until a person has looked."""
    return [each for each in _seen(entered_values(session)) if each.packaged is not None]


def parameter_on(session: Session, parameter_id: str, day: date) -> Decimal:
    """Return a national value on a day, entered or packaged; raises ParameterMissing by name and date, never 0."""
    parameter = with_entered(entered_values(session)).get(parameter_id)
    if parameter is None:
        raise ParameterMissing(
            f"Le paramètre national {parameter_id} n'existe pas.", parameter=parameter_id, day=day
        )
    return parameter.at(day).value


def _seen(entered: Sequence[EnteredValue]) -> list[StateValueSeen]:
    packaged = national()
    found = []
    for parameter in with_entered(entered).values():
        said = {one.valid_from: one.value for one in packaged[parameter.id].values}
        for dated in parameter.values:
            other = said.get(dated.valid_from)
            found.append(
                StateValueSeen(
                    parameter.id,
                    parameter.description,
                    parameter.unit,
                    dated.valid_from,
                    dated.value,
                    dated.reference,
                    dated.confidence == ENTERED,
                    None if other == dated.value else other,
                    dated.confidence,
                )
            )
    return found


def _refuse_past(session: Session, parameter: Parameter, valid_from: date, today: date) -> None:
    """Raise InvalidData when a value that began would be changed, or a period that another value rules."""
    known = with_entered(entered_values(session))[parameter.id].values
    begun = [one for one in known if one.valid_from >= valid_from and one.valid_from <= today]
    if begun:
        raise invalid(
            f"« {parameter.description} » vaut déjà {_said(begun[-1].value)} depuis le "
            f"{short_date(begun[-1].valid_from)} : une valeur passée ne se modifie pas. "
            "Choisissez une date de début plus tardive."
        )


def _refuse_impossible(parameter: Parameter, value: Decimal) -> None:
    """Raise InvalidData for a code that means nothing, a share beyond reason, or nothing where it cannot be."""
    codes = codes_of(parameter.unit)
    if codes and value not in codes:
        listed = ", ".join(f"{code} ({words})" for code, words in codes.items())
        raise invalid(f"« {parameter.description} » est un code : choisissez {listed}.", value=str(value))
    if parameter.unit == "pour cent" and value > _PERCENT_MAX:
        raise invalid(f"Un pourcentage ne dépasse pas {_PERCENT_MAX} ici : vérifiez la virgule.", value=str(value))
    if value == 0 and not parameter.id.startswith(_MAY_BE_NOTHING):
        raise invalid("« 0 » n'est pas une valeur possible ici : laissez-la inconnue si le texte ne la dit pas.")


def _said(value: Decimal) -> str:
    """Return a value with every digit it has."""
    return number(value, max(0, -int(value.as_tuple().exponent)))


def _read(text: str) -> Decimal:
    """Return the exact number that people wrote, with a comma or a point."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise invalid(f"« {text} » n'est pas un nombre. Écrivez par exemple 814,62.", value=text) from None
    if not value.is_finite() or not 0 <= value < _VALUE_MAX or value != round(value, DECIMALS_MAX):
        raise invalid(f"« {text} » n'est pas une valeur possible : un nombre positif, six décimales au plus.")
    return value
