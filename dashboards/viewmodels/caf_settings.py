"""The convention of a place with the CAF, as people type and read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from dashboards.viewmodels.caf_entries import quantity_text, typed_day, typed_number
from dashboards.viewmodels.tables import Cell, Table
from dashboards.viewmodels.typed import typed_amount, typed_percent_e4
from domain.errors import InvalidData
from domain.french import NBSP, plural, short_date, typeset
from records.operations.caf_settings import NewCafSetting

BY_SERVICE = ""
FUNDING_WORDS = {
    BY_SERVICE: "Selon les services du lieu",
    "psu": "PSU, petite enfance",
    "pso_periscolaire": "PSO périscolaire",
    "pso_extrascolaire": "PSO extrascolaire",
    "pso_jeunes": "PSO jeunes",
    "rpe": "Relais petite enfance",
    "laep": "Lieu d'accueil enfants-parents",
}
ROUNDING_WORDS = {"floor": "À l'entier inférieur", "nearest": "Au plus proche", "ceiling": "À l'entier supérieur"}
YES_NO_WORDS = {
    "meals_provided": "Le lieu fournit les repas",
    "diapers_provided": "Le lieu fournit les couches",
    "has_pedt": "Le lieu est dans un PEDT",
    "has_plan_mercredi": "Le lieu est dans un Plan mercredi",
}
TEXT_WORDS = {
    "authorised_places": "Places autorisées",
    "authorised_under_6": "Dont moins de 6 ans",
    "authorised_from_6": "Dont 6 ans et plus",
    "reference_wednesday_minutes": "Heures du mercredi de référence",
    "general_regime_e4": "Part du régime général (%)",
    "walking_from_months": "Crèche, marchent à partir de (mois)",
    "caf_office_code": "Code de la CAF",
    "caf_file_number": "Numéro de dossier",
    "idequ": "Identifiant de l'équipement (IDEQU)",
}
_MINUTES = 60
_UNSAID = "non précisé"


def held_setting(known: Sequence[NewCafSetting], today: date) -> NewCafSetting | None:
    """Return the version that holds today; `known` is oldest first, a correction after what it corrects."""
    begun = [each for each in known if each.valid_from <= today]
    return begun[-1] if begun else None


def headline(held: NewCafSetting | None, known: Sequence[NewCafSetting]) -> tuple[bool, str]:
    """Return whether somebody must act, and why: without places no capacity and no funding is calculated."""
    if held is not None:
        places = plural(held.authorised_places, "place autorisée", "places autorisées")
        return False, f"{held.decision}{NBSP}: {places} depuis le {short_date(held.valid_from)}."
    if known:
        first = short_date(known[0].valid_from)
        return True, f"**La convention ne commence que le {first}**{NBSP}: rien n'est calculé avant ce jour."
    return True, f"**La convention n'est pas saisie**{NBSP}: ni la capacité ni la prestation ne sont calculées."


def typed_value(setting: NewCafSetting | None, name: str) -> str:
    """Return a field of TEXT_WORDS as people type it; nothing where nothing is said."""
    value = None if setting is None else getattr(setting, name)
    if value is None:
        return ""
    if name == "reference_wednesday_minutes":
        return quantity_text((Decimal(value) / _MINUTES).quantize(Decimal("0.01")))
    return typed_amount(value) if name == "general_regime_e4" else str(value)


def typed_setting(place: str, texts: Mapping[str, str], choices: Mapping[str, str | bool]) -> NewCafSetting:
    """Return the version that was typed: `valid_from`, `decision` and TEXT_WORDS, then what was chosen.

    Raises InvalidData where a day, a number or the places are not there.
    """
    places = _whole(texts, "authorised_places")
    if places is None:
        raise InvalidData(typeset("Donnez le nombre de places autorisées. Rien n'a été enregistré."))
    hours = typed_number(texts["reference_wednesday_minutes"])
    return NewCafSetting(
        place,
        typed_day(texts["valid_from"]),
        texts["decision"].strip(),
        places,
        funding=str(choices["funding"]) or None,
        authorised_under_6=_whole(texts, "authorised_under_6"),
        authorised_from_6=_whole(texts, "authorised_from_6"),
        reference_wednesday_minutes=None if hours is None else round(hours * _MINUTES),
        oversize_rounding=str(choices["oversize_rounding"]),
        walking_from_months=_whole(texts, "walking_from_months"),
        general_regime_e4=typed_percent_e4(texts["general_regime_e4"]),
        caf_office_code=texts["caf_office_code"].strip() or None,
        caf_file_number=texts["caf_file_number"].strip() or None,
        idequ=texts["idequ"].strip() or None,
        **{name: bool(choices[name]) for name in YES_NO_WORDS},
    )


def setting_table(setting: NewCafSetting) -> Table:
    """Return everything one version says."""
    said: list[tuple[Cell, ...]] = [
        (words, typed_value(setting, name) or _UNSAID) for name, words in TEXT_WORDS.items()
    ]
    said += [(words, "oui" if getattr(setting, name) else "non") for name, words in YES_NO_WORDS.items()]
    said.append(("Financement", FUNDING_WORDS[setting.funding or BY_SERVICE]))
    said.append(("Arrondi des 115 %", ROUNDING_WORDS[setting.oversize_rounding]))
    return Table(("Réglage", "Valeur"), tuple(said))


def versions_table(known: Sequence[NewCafSetting], today: date) -> Table:
    """Return every version, the newest first."""
    rows: list[tuple[Cell, ...]] = [
        (
            short_date(each.valid_from) + (" (à venir)" if each.valid_from > today else ""),
            each.decision,
            each.authorised_places,
            "oui" if each.has_pedt else "non",
            "oui" if each.has_plan_mercredi else "non",
        )
        for each in reversed(known)
    ]
    return Table(("À partir du", "Convention", "Places", "PEDT", "Plan mercredi"), tuple(rows))


def _whole(texts: Mapping[str, str], name: str) -> int | None:
    found = typed_number(texts[name])
    if found is not None and found != found.to_integral_value():
        raise InvalidData(typeset(f"{TEXT_WORDS[name]} : donnez un nombre entier. Rien n'a été enregistré."))
    return None if found is None else int(found)
