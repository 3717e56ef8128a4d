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


def filoue(
    year: Annotated[int, typer.Argument(metavar="ANNÉE", help="L'année dite par le fichier.")],
    structure: Annotated[str, typer.Option("--structure", metavar="REF", help="La structure de petite enfance.")],
    target: Annotated[Path, typer.Option("--to", metavar="FICHIER", help="Fichier à écrire.")],
    layout: Annotated[
        str,
        typer.Option(metavar="FORMAT", help="Format du paquet (2021), ou fichier TOML d'un format plus récent."),
    ] = "2021",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Écrire le fichier Filoué d'une structure : les enfants dont la famille est d'accord, sans leurs noms."""
    from cli.output import print_json, print_line
    from cli.settings import home_folder, operator, records_here
    from domain.french import plural
    from exchanges.caf_declarations import write_files
    from exchanges.filoue.files import filoue_file
    from exchanges.filoue.layouts import read_layout
    from records.operations.filoue_people import filoue_people
    from warehouse.reader import open_snapshot

    chosen = read_layout(layout)
    figures = open_snapshot(home_folder()).filoue_figures(structure, year)
    with records_here() as records:
        made = filoue_file(filoue_people(records, operator(), structure, year), figures, chosen)
    write_files({target.name: made.content}, target.parent)
    if as_json:
        counts = {name: getattr(made, name) for name in ("children", "without_agreement", "without_figures")}
        print_json({"file": str(target), "layout": chosen.name, **counts})
        return
    print_line(f"{target} : {plural(made.children, 'enfant', 'enfants')}, format {chosen.name} ({chosen.source}).")
    print_line(
        f"Laissés de côté : {made.without_agreement} sans accord de la famille, {made.without_figures} sans heure."
    )
    print_line("Vérifiez auprès de la CAF que ce format est celui de la campagne avant de déposer le fichier.")
