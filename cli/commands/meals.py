"""`marelle meals`: what the kitchen asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from cli.dates import parse_day


def forecast(
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, demain.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=366, metavar="NOMBRE", help="Nombre de jours.")] = 14,
    structure: Annotated[str, typer.Option(metavar="REF", help="Une seule structure.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Montrer les repas prévus et estimés des jours qui viennent, par école et par régime.

    Prévus : ce que les familles ont réservé, ce qui se commande et se facture. Estimés : ce qui sera
    vraiment servi, d'après les semaines passées. L'estimation n'entre jamais dans un prix.
    """
    from cli.dates import today_here
    from cli.output import Column, as_text, print_rows
    from cli.settings import home_folder
    from domain.french import medium_date
    from warehouse.reader import open_snapshot

    first_day = parse_day(first) if first else today_here() + timedelta(days=1)
    last_day = first_day + timedelta(days=days - 1)
    found = open_snapshot(home_folder()).meal_forecast(first_day, last_day, [structure] if structure else None)
    columns = [
        Column("day", "Jour", medium_date),
        Column("structure_label", "Lieu"),
        Column("service_label", "Service"),
        Column("diet_label", "Régime"),
        Column("planned", "Prévus", is_right=True),
        Column("forecast", "Estimés", is_right=True),
        Column("reason", "Pourquoi", as_text),
    ]
    keys = [column.key for column in columns]
    if as_json:
        keys += ["structure_ref", "service_ref", "diet_code", "take_up", "basis_days"]
        columns = [Column(key, "") for key in keys]
    rows = [{key: getattr(row, key) for key in keys} for row in found]
    print_rows(
        rows,
        columns,
        as_json=as_json,
        empty=f"Aucun repas du {medium_date(first_day)} au {medium_date(last_day)}.",
    )
