"""`marelle export`: what leaves the collectivity as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def data(
    folder: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier à créer.")],
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Écrire toute la collectivité en fichiers CSV, que « marelle import » relit.

    Les fichiers contiennent des données personnelles : seul leur propriétaire peut les lire. Gardez-les ainsi.
    """
    from dataclasses import asdict

    from cli.output import print_json, print_line, progress
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.town_export import export_collectivity

    with records_here() as records, progress("Export") as tell:
        report = export_collectivity(records, operator(), folder, progress=tell)
    if as_json:
        print_json(asdict(report))
        return
    rows = plural(sum(each.rows for each in report.files), "ligne", "lignes")
    print_line(f"{rows} en {plural(len(report.files), 'fichier', 'fichiers')} dans {folder}.")
    print_line("Ces fichiers contiennent des données personnelles : gardez-les à l'abri, effacez-les après usage.")
    for name in report.left_out:
        print_line(f"⚠ {name} n'a pas été écrit : votre compte n'a pas ce droit.")
