"""A line of a frozen declaration opened: what each child and day said then, says now, and the difference."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import download, secondary, show_table
from dashboards.screens.common import choose
from dashboards.viewmodels import caf_frozen as view
from dashboards.viewmodels.caf_opening import openable, opens_to_children
from domain.caf_days import DayDifference, day_differences
from domain.caf_declarations import FORECAST, PERIOD_OF, Figure
from records.actors import Right
from records.operations.caf_changes import ChildAsked, noted_since
from records.operations.declarations import DeclarationSeen, declared_days, declared_names
from warehouse.reader import Reader

NONE = "aucune"


def draw_frozen_opening(visit: Visit, reader: Reader, seen: DeclarationSeen) -> None:
    """Let a counted line of a frozen declaration be opened to its days, held against those of today."""
    about = seen.about
    if about.version == FORECAST or not visit.may(Right.SEE_FAMILIES, about.structure_ref):
        return
    if not seen.keeps_days:
        secondary(view.why_closed(days_are_gone=seen.days_are_gone))
        return
    counted = {each.key: each for each in seen.figures if opens_to_children(each)}
    lines = openable(counted.values())
    if not lines:
        return
    chosen = choose("Ligne figée à ouvrir", "ligne-figee", {NONE: "Choisissez une ligne", **lines}, NONE)
    if chosen not in counted:
        return
    figure = counted[chosen]
    frozen = declared_days(records(), visit.actor, about)
    now = reader.declared_days(about.structure_ref, about.year, PERIOD_OF[about.version], chosen)
    days = day_differences(frozen, now, chosen)
    st.markdown(view.sentence(figure, days))
    # Who is counted no more has no stay left: the records know their name.
    names = {**declared_names(records(), visit.actor, about), **reader.child_names(about.structure_ref)}
    table = view.children_table(figure, days, names)
    show_table(table, on_phone=(0, 1, 3))
    stem = f"figee-{about.structure_ref}-{about.year}-{about.version}-{about.number}-{figure.code}"
    download(table, f"{stem}.csv", "Télécharger ces enfants en CSV")
    _child(visit, reader, seen, (figure, days, view.names_in_order(days, names)))


def _child(
    visit: Visit,
    reader: Reader,
    seen: DeclarationSeen,
    line: tuple[Figure, Sequence[DayDifference], dict[str, str]],
) -> None:
    about, (figure, days, names) = seen.about, line
    child = choose("Enfant de la ligne figée", "enfant-fige", {NONE: "Choisissez un enfant", **names}, NONE)
    of_child = [each for each in days if each.child_ref == child]
    if not of_child:
        return
    stays = reader.child_stays(about.structure_ref, child, of_child[0].day, of_child[-1].day)
    taps = tuple(tap.tap_no for stay in stays for tap in stay.taps)
    noted = noted_since(records(), visit.actor, ChildAsked(about, child, taps)) if _moved(of_child) else []
    table = view.days_table(figure, of_child, stays, noted, visit.site.timezone)
    show_table(table, on_phone=(0, 4, 5) if _moved(of_child) else (0, 2, 3))
    download(table, f"figee-{about.structure_ref}-{figure.code}-{child}.csv", "Télécharger ces jours en CSV")
    secondary(
        "Les passages sont ceux d'aujourd'hui, corrections comprises ; « Déclaré » ne change plus. « Noté depuis » "
        "remonte à la veille du gel : les chiffres figés avaient été calculés avant lui."
    )


def _moved(days: Sequence[DayDifference]) -> bool:
    return any(each.change for each in days)
