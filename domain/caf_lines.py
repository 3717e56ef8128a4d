"""French words of the lines, faults and controls of a CAF declaration, by the codes of the warehouse.

One place for screens, files and commands. Labels are those of the portal where they are known (CAF notes §3.2).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.counts import INDICATOR_WORDS
from domain.french import NBSP, number, short_date, typeset
from domain.parameters import national

BLOCK_WORDS = {
    "eaje_activity": "Petite enfance, activité",
    "alsh_peri": "Accueil périscolaire, activité",
    "alsh_extra": "Accueil extrascolaire, activité",
    "youth": "Accueil de jeunes, activité",
    "rpe": "Relais petite enfance",
    "laep": "Lieu d'accueil enfants-parents",
    "finance": "Charges et produits",
    "result": "Prestation calculée",
}
UNIT_WORDS = {
    "hours": "h",
    "euros": "€",
    "children": "enfants",
    "days": "jours",
    "percent": "%",
    "places": "places",
    "count": "",
}
_ONE = {"children": "enfant", "days": "jour", "places": "place"}
_PLURAL_FROM = 2
_HOURS = {
    "hours": "heures",
    "hours_under_6": "heures, moins de 6 ans",
    "hours_from_6": "heures, 6 ans et plus",
    "hours_under_4": "heures, moins de 4 ans",
    "hours_from_4": "heures, 4 ans et plus",
    "hours_age_unknown": "heures, âge inconnu",
    "hours_rg": "heures, régime général",
    "hours_msa": "heures, MSA",
    "hours_other": "heures, autres régimes",
    "hours_regime_unknown": "heures, régime inconnu",
    "hours_aeeh": "heures, enfants avec AEEH",
    "hours_morning": "heures du matin",
    "hours_midday": "heures de la pause méridienne",
    "hours_evening": "heures du soir",
    "hours_wednesday": "heures du mercredi",
    "hours_small_holidays": "heures des petites vacances",
    "hours_summer": "heures d'été",
    "hours_saturday": "heures du samedi",
    "hours_other_days": "heures des autres jours",
}
_SIDES = {"realised_": "réalisées", "billed_": "facturées"}
_OTHERS = {
    "authorised_places": "Places autorisées",
    "opening_days": "Jours d'ouverture",
    "days_morning": "Jours d'ouverture du matin",
    "days_midday": "Jours d'ouverture de la pause méridienne",
    "days_evening": "Jours d'ouverture du soir",
    "days_wednesday": "Mercredis d'ouverture",
    "opening_hours": "Heures d'ouverture",
    "capacity_hours": "Capacité théorique en heures",
    "children": "Enfants différents",
    "aeeh_children": "Enfants différents avec AEEH",
    "held_hours": "Heures en attente de pointages, non comptées",
    "family_contributions": "Participations familiales",
    "invoicing_rate": "Taux de facturation",
    "occupancy_realised": "Taux d'occupation réel",
    "occupancy_billed": "Taux d'occupation financier",
    "charge_total": "Total des charges",
    "produit_total": "Total des produits",
}
_RESULTS = {
    "charges": "charges de l'activité",
    "cost_per_hour": "prix de revient de l'heure",
    "price_cap": "prix plafond",
    "price_retained": "prix retenu",
    "general_rate": "part du régime général",
    "gross_amount": "montant avant part du régime",
    "amount": "montant",
    "contribution_per_hour": "participation familiale par heure",
    "mixite_per_place": "bonus mixité sociale par place",
    "mixite_bonus": "bonus mixité sociale",
    "new_wednesday_hours": "nouvelles heures du mercredi",
    "plan_mercredi_amount": "montant Plan mercredi",
    "inclusive_amount": "complément inclusif",
}
_FUNDINGS = {
    "psu_": "PSU",
    "pso_periscolaire_": "PSO périscolaire",
    "pso_extrascolaire_": "PSO extrascolaire",
    "pso_youth_": "PSO jeunes",
}
PART_WORDS = {"jan_jun": "de janvier à juin", "jan_sep": "de janvier à septembre"}
_FAULTS = {
    "last_year_unknown": "Rien n'est connu de {about} : saisissez cette ligne du prévisionnel, ou laissez-la vide.",
    "follows_typed": "Cette ligne se déduit d'une autre, qui est saisie : saisissez-la aussi, ou laissez-la vide.",
    "setting_missing": "La convention du lieu n'est pas saisie pour {about} : saisissez-la dans Convention CAF.",
    "setting_incomplete": "Des jours d'ouverture de {about} n'ont pas de convention : saisissez dans Convention "
    "CAF celle qui vaut depuis le premier.",
    "accounts_missing": "Les comptes de {about} ne sont pas saisis : sans eux, pas de prix de revient.",
    "cost_unknown": "Rien ne dit encore ce que coûte une heure en {about}, ni ses comptes ni ceux de l'année "
    "d'avant : saisissez ceux de janvier à juin dès que juin est fini.",
    "part_unfinished": "La période n'est pas finie ({about}) : ses comptes ne vont pas avec les heures faites "
    "jusqu'ici. Les euros sont donnés pour une période finie, avec ses comptes.",
    "whole_year_only": "Les heures de référence du mercredi sont d'une année : pas de montant pour {about}.",
    "accounts_negative": "Le total des charges de {about} est négatif : vérifiez les comptes saisis.",
    "realised_missing": "Aucune heure réalisée en {about}.",
    "billed_missing": "Aucune heure facturée en {about}.",
    "regime_missing": "Aucun régime n'est connu en {about} : complétez les dossiers.",
    "reference_wednesday_missing": "Les heures du mercredi de l'année de référence ne sont pas saisies.",
}
CONTROL_WORDS = {
    "held_back": "Pointages en attente",
    "regime_missing": "Régime inconnu",
    "age_unknown": "Date de naissance inconnue",
    "over_age": "Enfant au-dessus de l'âge",
    "sejour_too_long": "Séjour trop long",
    "parameter_missing": "Paramètre national absent",
    "hours_above_opening": "Heures au-delà de l'ouverture",
    "above_capacity": "Enfants au-delà des places",
    "price_missing": "Heures facturées sans prix",
    "unbilled_hours": "Heures réalisées non facturées",
    "local_price": "Majoration ou remise locale dans les participations",
    "ratio": "Encadrement insuffisant",
    "team_unknown": "Équipe non saisie",
}
CONTROL_UNITS = {  # of what is not counted in minutes: one, several
    "above_capacity": ("enfant", "enfants"),
    "local_price": ("journée", "journées"),
    "team_unknown": ("jour", "jours"),
}
CAUSE_WORDS = {
    "absent_undecided": "Absences que personne n'a décidées",
    "absent_declared": "Absences annoncées, encore facturées",
    "absent_unjustified": "Absences non justifiées",
    "absent_justified": "Absences justifiées, encore facturées",
    "contract_undertime": "Présences plus courtes que le contrat",
    "contract_months": "Mensualisation : mois égaux, jours inégaux",
    "booked_hours": "Heures réservées et non faites",
    "free_hours": "Heures faites et non facturées",
    "closure": "Fermetures déduites",
    "held_back": "Présences en attente",
    "to_come": "Jours à venir",
    "rounding": "Arrondi des heures",
}
CONTROL_ADVICE = {
    "held_back": "Faites régler les trous et les passages sans nom : ces heures ne sont pas déclarées.",
    "regime_missing": "Notez la caisse de la famille dans Déclarations CAF, « Régime ».",
    "age_unknown": "Complétez la date de naissance : l'âge décide de la ligne.",
    "over_age": "Vérifiez la date de naissance ; ces heures ne sont pas déclarées.",
    "sejour_too_long": "Vérifiez les dates du séjour.",
    "parameter_missing": "Saisissez la valeur nationale qui manque, avec sa source.",
    "hours_above_opening": "Vérifiez les pointages du jour et l'horaire d'ouverture saisi.",
    "above_capacity": "Vérifiez les pointages du jour et les places de la convention.",
    "unbilled_hours": "Corrigez le contrat, la présence ou la décision du jour ; si ces heures sont offertes "
    "(adaptation), préparez l'explication : elles baissent le taux de facturation sous 100 %.",
    "price_missing": "Faites lever la faute de prix de la ligne (« marelle doctor »).",
    "local_price": "La CAF ne déduit que le barème : retirez cette part des participations (compte 70642).",
    "ratio": "Notez qui était présent dans Encadrement, ou préparez l'explication pour la CAF.",
    "team_unknown": "Saisissez l'équipe dans Encadrement : sans elle, le taux de ces jours n'est pas vérifié.",
}


def line_label(code: str) -> str:
    """Return the French label of a line; the code itself for one that has none yet."""
    for prefix, side in _SIDES.items():
        said = _HOURS.get(code.removeprefix(prefix)) if code.startswith(prefix) else None
        if said is not None:
            return f"Heures {side}{said.removeprefix('heures')}"
    for prefix, funding in _FUNDINGS.items():
        said = _RESULTS.get(code.removeprefix(prefix)) if code.startswith(prefix) else None
        if said is not None:
            return typeset(f"{funding} : {said}")
    if code in _HOURS:
        said = _HOURS[code]
        return said[0].upper() + said[1:]
    nature, _, account = code.partition("_")
    if nature in ("charge", "produit") and account.isdigit():
        return f"Compte {account}, {nature}s"
    return _OTHERS.get(code) or INDICATOR_WORDS.get(code, code)


def fault_words(fault: str) -> str:
    """Return why a figure is refused, and what to do: a code of the warehouse, then its name and day."""
    code, _, about = fault.partition(" ")
    if code == "parameter_missing":
        name, _, day = about.partition(" ")
        parameter = national().get(name)
        said = parameter.description if parameter is not None else name
        when = f" au {short_date(date.fromisoformat(day))}" if day else ""
        return typeset(
            f"« {said} » ({name}) n'a pas de valeur{when} : saisissez-la dans Paramètres nationaux, avec sa source."
        )
    return typeset(_FAULTS[code].format(about=_year_words(about))) if code in _FAULTS else fault


def _year_words(about: str) -> str:
    """Return « 2026 », or « 2026, de janvier à septembre »."""
    year, _, part = about.partition(" ")
    return f"{year}, {PART_WORDS[part]}" if part else year


def figure_words(value: Decimal, unit: str) -> str:
    """Return a figure as people read it: two decimals for hours, euros and rates, four for a finer price."""
    exact = value == value.to_integral_value()
    decimals = 2 if unit in ("hours", "euros", "percent") else (0 if exact else 2)
    if unit == "euros" and value != round(value, 2):
        decimals = 4
    words = UNIT_WORDS[unit] if abs(value) >= _PLURAL_FROM else _ONE.get(unit, UNIT_WORDS[unit])
    return f"{number(value, decimals)}{NBSP}{words}".rstrip(NBSP)
