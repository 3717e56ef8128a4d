"""`marelle meals`: what the kitchen asks."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.dates import parse_day

_PARTS = ("level", "weekday_part", "calendar_part", "menu_part")


class Model(StrEnum):
    """Which model answers."""

    SQL = "sql"
    BEST = "best"


def forecast(
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, demain.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=366, metavar="NOMBRE", help="Nombre de jours.")] = 14,
    structure: Annotated[str, typer.Option(metavar="REF", help="Une seule structure.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
    history: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Repas servis d'une autre cuisine : estimer ses fichiers.")
    ] = None,
    strikes: Annotated[Path | None, typer.Option(metavar="CSV", help="Ses jours de grève.")] = None,
    known: Annotated[
        Path | None, typer.Option(metavar="DOSSIER", help="Ce qu'elle sait d'avance : service_days.csv.")
    ] = None,
    targets: Annotated[Path | None, typer.Option(metavar="CSV", help="Les jours à estimer.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="CSV", help="Où écrire l'estimation.")] = None,
    lead_weeks: Annotated[
        int, typer.Option(min=0, max=52, metavar="NOMBRE", help="Semaines entre la commande et le repas.")
    ] = 3,
    model: Annotated[Model, typer.Option(help="sql : explicable ; best : le plus juste des deux.")] = Model.SQL,
) -> None:
    """Montrer les repas prévus et estimés des jours qui viennent, par école et par régime.

    Prévus : ce que les familles ont réservé, ce qui se commande et se facture. Estimés : ce qui sera
    vraiment servi, d'après les semaines passées. L'estimation n'entre jamais dans un prix.

    Avec --history, --strikes, --known, --targets et --out, la commande estime les fichiers d'une autre
    cuisine, par les mêmes calculs (docs/repas.md).
    """
    outside = {"--history": history, "--strikes": strikes, "--known": known, "--targets": targets, "--out": out}
    if any(outside.values()):
        _forecast_files(outside, lead_weeks, model)
        return
    _show_forecast(first, days, structure, as_json)


def _forecast_files(given: dict[str, Path | None], lead_weeks: int, model: Model) -> None:
    from cli.errors import say
    from cli.settings import home_folder
    from domain.errors import InvalidData
    from warehouse.meal_files import MealFiles
    from warehouse.meal_forecast import forecast_files

    paths = {name: path for name, path in given.items() if path is not None}
    missing = [name for name in given if name not in paths]
    if missing:
        raise InvalidData(f"Pour estimer des fichiers, ajoutez {', '.join(missing)}.")
    files = MealFiles(paths["--history"], paths["--strikes"], paths["--known"], paths["--targets"])
    done = forecast_files(
        home_folder(), files, paths["--out"], lead_weeks=lead_weeks, with_trees=model is Model.BEST
    )
    for message in done.messages:
        say(message)
    say(f"{done.rows} estimations écrites dans {paths['--out']} (modèle « {done.model} »).")


def _show_forecast(first: str, days: int, structure: str, as_json: bool) -> None:
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
        Column("lo80", "Au moins", is_right=True),
        Column("hi80", "Au plus", is_right=True),
        Column(
            "quantity", "À commander", lambda portions: "" if portions is None else str(portions), is_right=True
        ),
        Column("reason", "Pourquoi", as_text),
    ]
    keys = [column.key for column in columns]
    if as_json:
        keys += ["structure_ref", "service_ref", "diet_code", "take_up", "lo95", "hi95", *_PARTS, "basis_days"]
        keys += ["days_ahead", "horizon", "pack", "minimum", "needed", "quantity_reason"]
        columns = [Column(key, "") for key in keys]
    rows = [{key: getattr(row, key) for key in keys} for row in found]
    print_rows(
        rows,
        columns,
        as_json=as_json,
        empty=f"Aucun repas du {medium_date(first_day)} au {medium_date(last_day)}.",
    )
