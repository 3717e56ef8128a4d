"""The kitchen's day as it goes, the week to order, the ledger, and who foretold best; counts only, never a name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from dashboards.viewmodels.meals import rounded
from dashboards.viewmodels.proposals import DietTransfer, Proposal
from dashboards.viewmodels.tables import Cell, Table, totals_of
from domain.french import NBSP, clock, long_date, medium_date, number, plural, short_date
from domain.kitchen import HORIZON_WORDS
from records.operations.kitchen_today import MealService
from records.operations.meal_dispatch import Sent
from records.operations.menus import NewMenu
from warehouse.reader import MealAccuracy, MealChoice, MealDelay, MealDietTotal, MealLedgerRow

UNKNOWN = "inconnu"
WAYS = {
    "forecast": "Estimation",
    "simple_rule": "Règle simple",
    "forecast_where_ordered": "Estimation, jours commandés",
    "ordered": "Vos commandes",
}
ANSWERING = {
    "model": "le modèle",
    "simple": "la règle simple (les derniers mêmes jours de semaine)",
    "planned": "les prévus tels quels",
}
_KILO = 1000


def live_table(meals: Sequence[MealService]) -> Table:
    """Return the day's meals by place and service: expected, arrived, served, absent, not expected."""
    several = len({each.service_ref for each in meals}) > 1
    rows: list[tuple[Cell, ...]] = [
        (
            f"{each.structure_name}, {each.service_label}" if several else each.structure_name,
            f"{clock(each.start_minute)} – {clock(each.end_minute)}",
            each.expected,
            each.arrived,
            each.served,
            each.absent,
            each.unexpected,
        )
        for each in meals
        if each.is_open or each.served
    ]
    columns = ("Lieu", "Heures", "Attendus", "Arrivés", "Servis", "Absents", "Non prévus")
    return Table(columns, tuple(rows), totals_of("Total", rows, 2) if len(rows) > 1 else ())


def live_diets(meals: Sequence[MealService]) -> Table:
    """Return the day's diets over the places shown, the most expected first; baskets last."""
    expected: Counter[tuple[bool, str]] = Counter()
    served: Counter[tuple[bool, str]] = Counter()
    for meal in meals:
        for diet in meal.diets:
            expected[diet.is_basket, diet.label] += diet.expected
            served[diet.is_basket, diet.label] += diet.served
    ordered = sorted({*expected, *served}, key=lambda key: (key[0], -expected[key], key[1]))
    rows: list[tuple[Cell, ...]] = [(key[1], expected[key], served[key]) for key in ordered]
    return Table(("Régime", "Attendus", "Servis"), tuple(rows), totals_of("Total", rows, 1))


def care_sentence(meals: Sequence[MealService]) -> str:
    """Return how many of the expected have an allergy or a PAI: who they are is on the page of those who serve."""
    allergies, pai = sum(each.allergies for each in meals), sum(each.pai for each in meals)
    if not allergies and not pai:
        return "Aucune allergie ni PAI connu parmi les attendus."
    return (
        f"Parmi les attendus{NBSP}: {plural(allergies, 'allergie')} et {number(pai)} PAI. "
        "Les noms sont sur la page « Plateaux », pour qui sert."
    )


def week_table(found: Sequence[Proposal], menus: Mapping[tuple[date, str | None], NewMenu]) -> Table:
    """Return the coming days: menu, planned, estimate with its interval of 80 days in 100, proposed, ordered."""
    groups: dict[date, list[Proposal]] = defaultdict(list)
    for each in found:
        groups[each.row.day].append(each)
    rows: list[tuple[Cell, ...]] = []
    for day, lines in sorted(groups.items()):
        rows.append(
            (
                medium_date(day).capitalize(),
                menu_words(menus.get((day, None))),
                sum(each.row.planned for each in lines),
                rounded(sum((each.row.forecast for each in lines), Decimal(0))),
                interval_words(lines),
                _total(each.row.quantity for each in lines),
                _total(each.ordered for each in lines),
            )
        )
    columns = ("Jour", "Menu", "Prévus", "Estimés", "80 jours sur 100", "Proposés", "Commandés")
    return Table(columns, tuple(rows))


def interval_words(lines: Iterable[Proposal]) -> str:
    """Return « 171 à 189 » of lines together, prudently: as if all were off the same way, as on a day of flu."""
    ends = [(each.row.lo80, each.row.hi80) for each in lines]
    low, high = (rounded(sum(side, Decimal(0))) for side in zip(*ends, strict=True))
    return f"{number(low)} à {number(high)}"


def menu_words(menu: NewMenu | None) -> str:
    """Return a menu as the kitchen reads it, the vegetarian one marked."""
    if menu is None:
        return "non saisi"
    return f"{menu.label} (végétarien)" if menu.is_vegetarian else menu.label


def weeks_without_vegetarian(menus: Iterable[NewMenu], days: Iterable[date]) -> list[date]:
    """Return the Mondays of the served weeks whose menus are known and none is vegetarian (law EGalim)."""
    served = {_monday(day) for day in days}
    said = {_monday(menu.day) for menu in menus}
    green = {_monday(menu.day) for menu in menus if menu.is_vegetarian}
    return sorted((served & said) - green)


def line_words(each: Proposal, *, with_place: bool) -> str:
    """Return how a line to order is named: its place when several are shown, and its diet."""
    return f"{each.row.structure_label}, {each.row.diet_label}" if with_place else each.row.diet_label


def line_help(each: Proposal) -> str:
    """Return why a quantity is proposed, in one sentence."""
    row = each.row
    known = row.quantity is not None
    proposed = plural(row.quantity or 0, "portion proposée", "portions proposées") if known else "aucune quantité"
    return (
        f"{number(row.planned)} prévus, {number(row.forecast, 1)} estimés{NBSP}: {row.reason}. "
        f"{proposed.capitalize()}{NBSP}: {row.quantity_reason}."
    )


def transfer_sentence(each: DietTransfer, places: Mapping[str, str]) -> str:
    """Return « École B → École A : transférer 4 Standard »."""
    ways = f"{places[each.giver]} → {places[each.receiver]}"
    return f"{ways}{NBSP}: transférer {number(each.portions)} {each.diet_label}"


def gap_sentences(found: Sequence[Proposal], day: date) -> list[str]:
    """Return « École A +6 » for each place that lacks meals, or has too many, against what is ordered."""
    gaps: Counter[str] = Counter()
    for each in found:
        if each.row.day == day and each.gap is not None:
            gaps[each.row.structure_label] += each.gap
    return [f"{place} {'+' if gap > 0 else '−'}{abs(gap)}" for place, gap in sorted(gaps.items()) if gap]


def sent_table(sent: Sequence[Sent]) -> Table:
    """Return what left for suppliers, the last first."""
    rows = tuple(
        (
            each.supplier,
            HORIZON_WORDS[each.horizon].capitalize(),
            f"du {short_date(each.first_day)} au {short_date(each.end_day - timedelta(days=1))}",
            each.portions,
            each.recorded_by,
        )
        for each in sent
    )
    return Table(("Fournisseur", "Échéance", "Jours", "Portions", "Envoyée par"), rows)


def ledger_table(ledger: Sequence[MealLedgerRow]) -> Table:
    """Return the days served, the last first: ordered, served, left over, missing, kilos weighed."""
    rows = tuple(
        (
            medium_date(row.day).capitalize(),
            row.structure_label,
            _said(row.ordered),
            _said(row.served),
            _said(row.left_over),
            _said(row.missing),
            _kilos(row.unserved_grams),
            _kilos(row.plate_grams),
        )
        for row in sorted(ledger, key=lambda row: (-row.day.toordinal(), row.structure_label))
    )
    columns = ("Jour", "Lieu", "Commandés", "Servis", "En trop", "Manqués", "Non servi (kg)", "Assiettes (kg)")
    return Table(columns, rows)


def ledger_sentence(ledger: Sequence[MealLedgerRow]) -> str:
    """Return what the days known come to."""
    known = [row for row in ledger if row.left_over is not None]
    if not known:
        return "Rien à comparer encore : il faut des commandes enregistrées, et des jours servis."
    left, missing = sum(row.left_over or 0 for row in known), sum(row.missing or 0 for row in known)
    served = sum(row.served or 0 for row in known)
    return (
        f"**{plural(left, 'repas', 'repas')} en trop et {number(missing)} manqués** pour {number(served)} servis, "
        f"sur {plural(len({row.day for row in known}), 'jour')}."
    )


def accuracy_table(found: Sequence[MealAccuracy]) -> Table:
    """Return what each way to foretell missed, in hundredths of the meals served."""
    rows = tuple(
        (WAYS[each.way], each.days, each.error, each.bias, _percent(each.within_80), _percent(each.within_95))
        for each in found
    )
    columns = ("Ce qui annonce", "Lieux et jours", "Écart (%)", "Biais (%)", "Dans 80 % (%)", "Dans 95 % (%)")
    return Table(columns, rows)


def accuracy_title(found: Sequence[MealAccuracy]) -> str:
    """Return the finding: against the agents' orders when there are any, else against the simple rule."""
    by_way = {each.way: each.error for each in found}
    ours, other, name = by_way.get("forecast_where_ordered"), by_way.get("ordered"), "vos commandes"
    if ours is None or other is None:
        ours, other, name = by_way.get("forecast"), by_way.get("simple_rule"), "la règle simple"
    if ours is None or other is None:
        return "Rien à rejouer encore : il faut quelques semaines servies"
    words = "moins" if ours <= other else "plus"
    return f"Écart de l'estimation{NBSP}: {number(ours, 1)}{NBSP}%, {words} que {name} ({number(other, 1)}{NBSP}%)"


def diets_table(found: Sequence[MealDietTotal]) -> Table:
    """Return what was ordered, served, left over and missing of each diet, with totals."""
    rows: list[tuple[Cell, ...]] = [
        (each.diet_label, each.ordered, each.served, each.left_over, each.missing) for each in found
    ]
    columns = ("Régime", "Commandés", "Servis", "En trop", "Manqués")
    return Table(columns, tuple(rows), totals_of("Total", rows, 1))


def delays_table(found: Sequence[MealDelay]) -> Table:
    """Return what the estimate and the simple rule would have missed with each delay."""
    rows = tuple(
        (delay_words(each.delay_days), each.days, each.error, each.bias, each.simple_error) for each in found
    )
    return Table(("Commandé", "Lieux et jours", "Écart (%)", "Biais (%)", "Règle simple (%)"), rows)


def delay_words(days: int) -> str:
    """Return « 3 semaines avant », « 1 jour avant »."""
    weeks, rest = divmod(days, 7)
    return f"{plural(weeks, 'semaine')} avant" if weeks and not rest else f"{plural(days, 'jour')} avant"


def choice_sentence(choice: MealChoice | None) -> str:
    """Return which way answers for the town, since when, and by how much each was off on the days replayed."""
    if choice is None:
        return ""
    answering = ANSWERING[choice.way]
    errors = [
        f"{ANSWERING[way]} de {number(error, 1)}{NBSP}%"
        for way, error in (
            ("model", choice.model_error),
            ("simple", choice.simple_error),
            ("planned", choice.planned_error),
        )
        if error is not None
    ]
    verb = "annoncent" if choice.way == "planned" else "annonce"
    said = f"**Qui répond.** Depuis le {long_date(choice.since)}, {answering} {verb} les repas de la ville"
    if not errors:
        return f"{said}{NBSP}: aucun jour passé ne permet encore de comparer."
    return (
        f"{said}. Sur {plural(choice.days, 'jour rejoué', 'jours rejoués')}, se sont trompés{NBSP}: "
        f"{', '.join(errors)}. Une autre manière ne remplace le modèle que si l'écart dépasse ce que le hasard "
        "donne d'un jour à l'autre ; le choix est revu à chaque calcul."
    )


def places_of(found: Iterable[Proposal]) -> dict[str, str]:
    """Return the names of the places by their references."""
    return {each.row.structure_ref: each.row.structure_label for each in found}


def days_words(days: Iterable[date]) -> dict[str, str]:
    """Return days as a list to choose from."""
    return {str(day): long_date(day).capitalize() for day in sorted(set(days))}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _total(values: Iterable[int | None]) -> Cell:
    known = [value for value in values if value is not None]
    return number(sum(known)) if known else "–"


def _said(value: int | None) -> Cell:
    return UNKNOWN if value is None else number(value)


def _kilos(grams: int | None) -> Cell:
    return "–" if grams is None else number(Decimal(grams) / _KILO, 1)


def _percent(value: Decimal | None) -> Cell:
    return "–" if value is None else number(value, 1)
