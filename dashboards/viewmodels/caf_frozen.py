"""A line of a frozen declaration: what was declared, what its days say today, and which differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from dashboards.viewmodels.caf_opening import by_day_and_service, ends_of, noted_by, shown
from dashboards.viewmodels.tables import Cell, Table
from domain.caf_audit import DECISION_WORDS
from domain.caf_days import DayDifference
from domain.caf_declarations import Figure
from domain.caf_lines import figure_words
from domain.french import NBSP, clock, plural, short_date, staff_name, typeset
from domain.names import search_key
from domain.time import local_day, local_minute
from records.operations.caf_noted import NotedSince
from warehouse.reader import StayRow

_UNITS = {"hours": "h", "euros": "€", "children": "journées"}
NOTED_WORDS = {
    **DECISION_WORDS,
    "booking_absence": "absence annoncée",
    "booking_book": "réservation ajoutée",
    "booking_cancel": "réservation annulée",
    "booking_accept": "réservation acceptée",
    "booking_refuse": "réservation refusée",
    "booking_wait": "mise en attente d'une place",
    "tap_late": "passage reçu après coup",
    "tap_undone": "passage annulé",
    "hole_settled": "passages manquants réglés",
    "regime": "régime de la famille changé",
    "qf": "quotient familial changé",
    "income": "ressources de la famille changées",
    "aeeh_right": "droit à l'AEEH changé",
    "merge": "fusionné avec un doublon",
    "merge_undone": "fusion avec un doublon annulée",
    "care_contract": "contrat d'accueil changé",
    "enrolment": "inscription changée",
    "enrolment_pattern": "jours ou heures réservés changés",
    "structure_opening": "horaire d'ouverture changé",
    "calendar_day": "jour du calendrier changé",
    "calendar_event": "fermeture, sortie ou grève notée ou changée",
    "service_rule": "règle du service changée",
    "state_value": "valeur nationale changée",
}
UNEXPLAINED = typeset("rien de noté depuis : le dossier de l'enfant, un tarif ou le calcul lui-même a changé")


def why_closed(*, days_are_gone: bool) -> str:
    """Return why the lines of a frozen declaration open to no day."""
    return typeset(
        "Ses journées ont été effacées, passé le temps d'un contrôle : ses lignes ne s'ouvrent plus."
        if days_are_gone
        else "Figée avant que les journées soient gardées avec elle : ses lignes ne s'ouvrent pas."
    )


def sentence(figure: Figure, days: Sequence[DayDifference]) -> str:
    """Return what was declared, and whether the same days still say it; if not, how many make the difference."""
    declared = [each for each in days if each.before]
    children = plural(len({each.child_ref for each in declared}), "enfant", "enfants")
    value = "–" if figure.value is None else figure_words(figure.value, figure.unit)
    said = f"Déclaré : **{value}**, {children}, {plural(_day_count(declared), 'journée', 'journées')}."
    moved = [each for each in days if each.change]
    if not moved:
        return typeset(f"{said} Aucune de ces journées n'a changé depuis.")
    of = plural(len({each.child_ref for each in moved}), "enfant", "enfants")
    count = _day_count(moved)
    makes = "fait" if count == 1 else "font"
    return typeset(
        f"{said} Aujourd'hui, **{plural(count, 'journée', 'journées')}** de {of} {makes} un écart "
        f"de **{_signed(figure, days)}**."
    )


def children_table(figure: Figure, days: Sequence[DayDifference], names: Mapping[str, tuple[str, str]]) -> Table:
    """Return what each child made of the line, then and now; those that moved first."""
    found = _by_child(days)
    rows: list[tuple[Cell, ...]] = [
        (name, *_sums(figure, found[child]), _day_count(each for each in found[child] if each.change))
        for child, name in names_in_order(days, names).items()
    ]
    moved = _day_count(each for each in days if each.change)
    return Table(
        ("Enfant", *_columns(figure), "Journées changées"), tuple(rows), ("Total", *_sums(figure, days), moved)
    )


def names_in_order(days: Sequence[DayDifference], names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the children by their reference, those that moved first, then by name, known or not."""
    found = _by_child(days)
    said = {child: staff_name(*names.get(child, (child, ""))) for child in found}
    ordered = sorted(
        found, key=lambda child: (not any(each.change for each in found[child]), search_key(said[child]), child)
    )
    return {child: said[child] for child in ordered}


def days_table(
    figure: Figure, days: Sequence[DayDifference], stays: Iterable[StayRow], noted: Sequence[NotedSince], zone: str
) -> Table:
    """Return the days of a child in the line, then and now; those that moved first, with what was noted since."""
    stays = list(stays)
    there, labels = by_day_and_service(stays), {stay.service_ref: stay.service_label for stay in stays}
    rows: list[tuple[Cell, ...]] = []
    for each in sorted(days, key=lambda one: (not one.change, one.day, one.service_ref)):
        found = there[each.day, each.service_ref]
        rows.append(
            (
                short_date(each.day),
                labels.get(each.service_ref, each.service_ref),
                *_sums(figure, [each]),
                why(each, noted, zone),
                ends_of(found),
                ", ".join(dict.fromkeys(noted_by(stay) for stay in found)) or "aucun passage",
            )
        )
    return Table(("Jour", "Service", *_columns(figure), "Noté depuis le gel", "De – à", "Noté par"), tuple(rows))


def why(day: DayDifference, noted: Iterable[NotedSince], zone: str) -> str:
    """Return what was noted since of a day that moved, with when and by whom; empty for one that did not."""
    if not day.change:
        return ""
    found = [each for each in noted if each.concerns(day.service_ref, day.day)]
    return f"{NBSP}; ".join(noted_words(each, zone) for each in found) or UNEXPLAINED


def noted_words(noted: NotedSince, zone: str) -> str:
    """Return « absence justifiée (grippe), le 03/12/2026 à 10 h 12, par Claire »."""
    said = NOTED_WORDS.get(noted.what, noted.what)
    detail = f" ({noted.detail})" if noted.detail else ""
    when = f"le {short_date(local_day(noted.recorded_at, zone))} à {clock(local_minute(noted.recorded_at, zone))}"
    return typeset(f"{said}{detail}, {when}{f', par {noted.recorded_by}' if noted.recorded_by else ''}")


def _day_count(days: Iterable[DayDifference]) -> int:
    """Return how many days of children these are: a day at two services is one."""
    return len({(each.child_ref, each.day) for each in days})


def _by_child(days: Iterable[DayDifference]) -> dict[str, list[DayDifference]]:
    found: defaultdict[str, list[DayDifference]] = defaultdict(list)
    for each in days:
        found[each.child_ref].append(each)
    return found


def _columns(figure: Figure) -> tuple[str, str, str]:
    unit = _UNITS[figure.unit]
    return f"Déclaré ({unit})", f"Aujourd'hui ({unit})", f"Écart ({unit})"


def _sums(figure: Figure, days: Iterable[DayDifference]) -> tuple[Decimal, Decimal, Decimal]:
    """Return what was declared, what is today, and the difference of the two as they are shown."""
    parts = [(each.before, each.after) for each in days]
    before, after = (shown(figure, sum((part[place] for part in parts), Decimal(0))) for place in (0, 1))
    return before, after, after - before


def _signed(figure: Figure, days: Iterable[DayDifference]) -> str:
    *_, change = _sums(figure, days)
    unit = "days" if figure.unit == "children" else figure.unit
    return f"{'+ ' if change > 0 else ''}{figure_words(change, unit)}"
