"""`marelle figures`: figures without names, for elected officials."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import parse_month


def sheet(
    month: Annotated[str, typer.Argument(metavar="AAAA-MM", help="Le mois, par exemple 2026-11.")],
    out: Annotated[
        str, typer.Option("--out", metavar="FICHIER", help="Où écrire le PDF ; sans lui, dans MARELLE_HOME/elus.")
    ] = "",
) -> None:
    """Mettre en PDF la feuille d'un mois pour les élus : chiffres par commune, groupes de moins de cinq masqués.

    Le serveur fait de même le 5 de chaque mois, pour le mois d'avant.
    """
    from pathlib import Path

    from cli.dates import today_here
    from cli.output import print_line
    from cli.settings import home_folder, records_here
    from domain.errors import InvalidData
    from domain.french import month_name
    from exchanges.papers.figures import keep_sheet, sheet_path, sheet_pdf
    from records.operations.paper_readers import letterhead_on
    from warehouse.reader import open_snapshot

    first = parse_month(month)
    shown = open_snapshot(home_folder()).commune_figures(first)
    with records_here() as records:
        head = letterhead_on(records)
    if head is None or not shown.communes:
        raise InvalidData(f"Aucun chiffre pour {month_name(first)} : choisissez un mois de présences.", month=first)
    path = Path(out) if out else sheet_path(home_folder(), first)
    keep_sheet(path, sheet_pdf(shown, first, today_here(), head[0]))
    print_line(f"✓ Feuille des élus, {month_name(first)} : {path}")
