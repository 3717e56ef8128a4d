"""`marelle warehouse`: compute and publish."""

from __future__ import annotations

from typing import Annotated

import typer


def build(
    full: Annotated[bool, typer.Option("--full", help="Tout recalculer, même si rien n'a changé.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Calculer les séjours, les prix, les repas et les heures CAF, puis les publier.

    Les pages déjà ouvertes lisent les chiffres précédents jusqu'à la publication, d'un coup, des nouveaux.
    """
    from cli.output import print_json, print_line, progress
    from cli.settings import database_url, home_folder, records_here
    from warehouse.build import build as build_warehouse

    with records_here():  # says in French what is missing
        url = database_url()
    with progress("Calcul") as tell:
        snapshot = build_warehouse(home_folder(), url, full=full, progress=tell)
    if as_json:
        print_json({"id": snapshot.id, "path": snapshot.path, "change_seq": snapshot.change_seq})
        return
    print_line(f"✓ Chiffres publiés : {snapshot.path.name} (état {snapshot.change_seq} des données).")
