"""How the kitchen orders, as people type and read it: supplier, packs, delays, what a mistake costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dashboards.viewmodels.caf_entries import typed_day
from dashboards.viewmodels.tables import Table
from dashboards.viewmodels.typed import typed_amount, typed_cents
from domain.errors import InvalidData
from domain.french import NBSP, euros, plural, short_date, typeset
from records.operations.kitchen_settings import NewKitchenSetting

EVERY_PLACE = "Toute la ville"
WHOLE_WORDS = {
    "pack": "Portions par colis",
    "minimum": "Portions au moins, par livraison et régime",
    "supplier_days": "Commande au fournisseur, jours avant",
    "firm_days": "Commande ferme, jours avant",
}


def held_settings(known: Sequence[NewKitchenSetting], today: date) -> dict[str | None, NewKitchenSetting]:
    """Return the version in force of the town (None) and of each place with its own; `known` is oldest first."""
    return {each.structure_ref: each for each in known if each.valid_from <= today}


def headline(held: Mapping[str | None, NewKitchenSetting]) -> tuple[bool, str]:
    """Return whether somebody must act, and why: without costs and packs no quantity is proposed."""
    if not held:
        return True, f"**Aucun réglage n'est en vigueur**{NBSP}: aucune quantité n'est proposée à la commande."
    town = held.get(None)
    if town is None:
        return (
            False,
            f"{plural(len(held), 'lieu a ses réglages', 'lieux ont leurs réglages')}, la ville n'en a pas.",
        )
    where = (
        f"La commande part à {town.mail}." if town.mail else "**L'adresse où part la commande n'est pas saisie.**"
    )
    since = f"{town.supplier}, {town.decision}, depuis le {short_date(town.valid_from)}"
    return False, f"{since}. {cost_sentence(town)} {where}"


def cost_sentence(setting: NewKitchenSetting) -> str:
    """Return what the two costs come to: on how many days in 100 the order is to be enough."""
    enough = round(100 * setting.missing_cents / (setting.missing_cents + setting.wasted_cents))
    return (
        f"Un repas qui manque coûte {euros(setting.missing_cents)}, un repas perdu {euros(setting.wasted_cents)}"
        f"{NBSP}: on commande de quoi suffire {enough} jours sur 100."
    )


def versions_table(known: Sequence[NewKitchenSetting], names: Mapping[str, str], today: date) -> Table:
    """Return all versions, the latest first; the one in force of each place is said to be."""
    held = held_settings(known, today).values()
    rows = tuple(
        (
            names.get(each.structure_ref, each.structure_ref) if each.structure_ref else EVERY_PLACE,
            short_date(each.valid_from),
            "en vigueur"
            if any(each is one for one in held)
            else "à venir"
            if each.valid_from > today
            else "remplacé",
            each.supplier,
            each.decision,
            euros(each.missing_cents),
            euros(each.wasted_cents),
            each.pack,
            each.minimum,
            each.supplier_days,
            each.firm_days,
        )
        for each in reversed(known)
    )
    columns = ("Lieu", "À partir du", "État", "Fournisseur", "Décision", "Repas manquant", "Repas perdu", "Colis",
               "Minimum", "Fournisseur (jours)", "Ferme (jours)")  # fmt: skip
    return Table(columns, rows)


def typed_value(setting: NewKitchenSetting | None, name: str) -> str:
    """Return a field as people type it; nothing where nothing holds yet."""
    value = None if setting is None else getattr(setting, name)
    if name.endswith("_cents"):
        return typed_amount(value)
    return "" if value is None else str(value)


def typed_setting(place: str | None, texts: Mapping[str, str], wholes: Mapping[str, int]) -> NewKitchenSetting:
    """Return the version typed: `valid_from`, `decision`, `supplier`, `mail`, two costs, and WHOLE_WORDS.

    Raises InvalidData where a day or a cost is not there.
    """
    missing, wasted = typed_cents(texts["missing_cents"]), typed_cents(texts["wasted_cents"])
    if missing is None or wasted is None:
        raise InvalidData(
            typeset("Donnez ce que coûtent un repas qui manque et un repas perdu. Rien n'a été enregistré.")
        )
    return NewKitchenSetting(
        typed_day(texts["valid_from"]),
        texts["decision"].strip(),
        texts["supplier"].strip(),
        missing,
        wasted,
        structure_ref=place,
        mail=texts["mail"].strip() or None,
        **wholes,
    )
