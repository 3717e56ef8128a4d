"""Figures for elected officials: by commune and service, small groups hidden, never a name."""

from __future__ import annotations

from dashboards.viewmodels.tables import Cell, Table
from domain.commune_figures import HIDDEN, Sum, Told, commune_words, percent_words
from domain.french import NBSP, number, plural


def figures(shown: Told, before: Told) -> list[tuple[str, str, str]]:
    """Return the metrics of the page: label, value, and what it is to be compared with."""
    total, last_year = shown.total, before.total
    return [
        ("Venues", _visits(total), f"l'an dernier{NBSP}: {_visits(last_year) if before.communes else 'inconnu'}"),
        (
            "Venus parmi les prévus",
            percent_words(total),
            f"l'an dernier{NBSP}: {percent_words(last_year) if before.communes else 'inconnu'}",
        ),
        ("Communes", number(len(shown.communes)), f"{plural(len(shown.services), 'service')}"),
        ("Groupes masqués", number(shown.hidden_count), "moins de 5 enfants"),
    ]


def headline(shown: Told) -> str:
    """Return the one sentence to keep of the month."""
    told = {name: found for name, found in shown.by_commune.items() if found is not None}
    if not told:
        return "Trop peu d'enfants pour donner un chiffre par commune sans dire qui ils sont."
    top = max(told, key=lambda name: (told[name].visits, name))
    return (
        f"{commune_words(top)}{NBSP}: {plural(told[top].children or 0, 'enfant accueilli', 'enfants accueillis')}, "
        f"{plural(told[top].visits, 'venue')}, le plus du mois."
    )


def commune_table(shown: Told) -> Table:
    """Return one line a commune, with the total of what may be added up."""
    lines = [(commune_words(name), *_cells(shown.by_commune[name])) for name in shown.communes]
    return Table(
        ("Commune", "Enfants", "Venues", "Venus / prévus"),
        tuple(lines),
        ("Toutes communes", "–", _visits(shown.total), percent_words(shown.total)),
    )


def service_table(shown: Told) -> Table:
    """Return one line a commune × service."""
    labels = dict(shown.services)
    lines = [
        (commune_words(name), labels[ref], *_cells(shown.cells[name, ref]))
        for name in shown.communes
        for ref, _ in shown.services
        if (name, ref) in shown.cells
    ]
    return Table(("Commune", "Service", "Enfants", "Venues", "Venus / prévus"), tuple(lines))


def by_service_table(shown: Told) -> Table:
    """Return one line a service, all communes."""
    lines = [
        (label, _visits(shown.by_service[ref]), percent_words(shown.by_service[ref]))
        for ref, label in shown.services
    ]
    return Table(("Service", "Venues", "Venus / prévus"), tuple(lines))


def bars(shown: Told) -> list[tuple[str, int]]:
    """Return commune × visits for the chart, those told, the most first."""
    told = [(commune_words(name), found.visits) for name, found in shown.by_commune.items() if found is not None]
    return sorted(told, key=lambda bar: (-bar[1], bar[0]))


def _cells(found: Sum | None) -> tuple[Cell, ...]:
    if found is None:
        return HIDDEN, HIDDEN, HIDDEN
    return number(found.children or 0), number(found.visits), percent_words(found)


def _visits(found: Sum | None) -> str:
    return HIDDEN if found is None else number(found.visits)
