"""What a simulation says, in French: the same sentences in the terminal, on the page and on paper."""

from __future__ import annotations

from decimal import Decimal

from domain.french import euros, number, percent, plural, typeset
from domain.what_if import GroupChange, SchoolYear, Simulation

# Said of lines, to who decides on a grid; families read domain.explanations.
FAULTS = {
    "birth_date_missing": "date de naissance inconnue",
    "formula_missing": "formule inconnue",
    "income_missing": "revenus inconnus",
    "level_missing": "niveau de classe inconnu",
    "payer_missing": "payeur inconnu",
    "qf_missing": "QF inconnu",
    "residence_missing": "adresse inconnue",
    "tariff_gap": "aucun prix dans la grille",
    "tariff_missing": "aucun tarif ce jour-là",
    "too_many_modifiers": "plus de huit modulations",
}


def money(amount: Decimal) -> str:
    """Return « 1 234,50 € »."""
    return euros(int(amount * 100))


def signed(amount: Decimal) -> str:
    """Return « + 12,00 € », « − 12,00 € »."""
    return f"+\u00a0{money(amount)}" if amount > 0 else money(amount)


def headline(found: Simulation) -> str:
    """Return the finding: more or less revenue, by how much."""
    change, year = found.then - found.now, SchoolYear(found.year)
    if change == 0:
        return typeset(f"Cette grille aurait rapporté autant en {year} : {money(found.now)}.")
    way = "de plus" if change > 0 else "de moins"
    share = f" ({signed_percent(found.now, found.then)})" if found.now else ""
    return typeset(
        f"Cette grille aurait rapporté {money(abs(change))} {way}{share} en {year} : "
        f"{money(found.then)} au lieu de {money(found.now)}."
    )


def signed_percent(now: Decimal, then: Decimal) -> str:
    """Return « + 3,2 % » of a change; empty when there was nothing."""
    if not now:
        return ""
    rate = (then - now) * 100 / now
    return f"+\u00a0{percent(rate, 1)}" if rate > 0 else percent(rate, 1)


def families_sentence(found: Simulation) -> str:
    """Return how many families would pay less, more, the same."""
    same = len(found.families) - found.winners - found.losers
    return typeset(
        f"{plural(found.winners, 'famille paierait moins', 'familles paieraient moins')}, "
        f"{plural(found.losers, 'paierait plus', 'paieraient plus')}, {number(same)} autant."
    )


def missing_sentences(found: Simulation) -> list[str]:
    """Return, by service and reason, the lines that the grid leaves without a price: they are in no amount."""
    return [
        typeset(
            f"{one.service_label} : {plural(one.lines, 'ligne', 'lignes')} sans prix "
            f"({FAULTS.get(one.fault, one.fault)}), hors des montants."
        )
        for one in found.missing
    ]


def decile_finding(groups: tuple[GroupChange, ...]) -> str:
    """Return the title of the chart by QF: who bears the change most."""
    moved = [group for group in groups if group.then != group.now]
    if not moved:
        return "Aucun dixième de QF ne paierait un total différent"
    most = max(moved, key=lambda group: abs(group.then - group.now))
    way = "plus" if most.then > most.now else "moins"
    return typeset(
        f"L'écart le plus fort : {money(abs(most.then - most.now))} de {way} pour le groupe {most.label}"
    )


def changes_finding(found: Simulation) -> str:
    """Return the title of the chart of winners and losers."""
    if found.winners == found.losers == 0:
        return "Aucune famille ne paierait un autre montant"
    if found.winners >= found.losers:
        return typeset(f"{plural(found.winners, 'famille paierait', 'familles paieraient')} moins sur l'année")
    return typeset(f"{plural(found.losers, 'famille paierait', 'familles paieraient')} plus sur l'année")
