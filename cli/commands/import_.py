"""`marelle import`: a whole collectivity from a folder of CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from records.operations.town_import import ImportReport


def import_(
    folder: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier des fichiers CSV.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Contrôler seulement : rien n'est enregistré.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Charger une collectivité entière depuis des fichiers CSV : tout ou rien.

    Chaque faute est dite avec son fichier, sa ligne et sa colonne. Un seul fichier suffit pour commencer ; la liste
    des fichiers est dans docs/import.md.
    """
    from cli.output import print_json, progress
    from cli.settings import operator, records_here
    from records.operations.town_import import import_collectivity

    with records_here() as records, progress("Import") as tell:
        report = import_collectivity(records, operator(), folder, is_dry_run=dry_run, progress=tell)
    if as_json:
        print_json(_as_json(report))
    else:
        _tell(report)
    if report.faults:
        raise typer.Exit(1)


def _as_json(report: ImportReport) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "written": report.is_written,
        "rows": report.rows,
        "files": [asdict(each) for each in report.files],
        "faults": [asdict(each) for each in report.faults],
        "doubts": [asdict(each) for each in report.doubts],
    }


def _tell(report: ImportReport) -> None:
    from cli.output import print_line
    from domain.french import plural

    for fault in report.faults:
        print_line(str(fault))
    for doubt in report.doubts:
        print_line(f"À vérifier : {doubt}")
    rows = plural(report.rows, "ligne", "lignes")
    files = plural(len(report.files), "fichier", "fichiers")
    if report.faults:
        count = plural(len(report.faults), "faute", "fautes")
        print_line(f"{count} dans {files} ({rows}). Rien n'a été enregistré. Corrigez, puis recommencez.")
    elif report.is_written:
        print_line(f"{rows} de {files} : la collectivité est chargée. Vérifiez avec « marelle doctor ».")
    else:
        print_line(f"{rows} de {files} : aucune faute. Rien n'a été enregistré. Relancez sans --dry-run.")
