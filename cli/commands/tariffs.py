"""`marelle tariffs`: what leaves a service without a price, and what another grid would have brought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.dates import parse_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.what_if import GroupChange, Simulation
    from records.database import Records


def check(
    day: Annotated[str, typer.Option("--on", metavar="AAAA-MM-JJ", help="Jour ; sans lui, aujourd'hui.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Vérifier que chaque service a un prix pour tous les QF : ni trou, ni chevauchement.

    Termine avec le code 1 quand il manque un prix.
    """
    from dataclasses import asdict

    from cli.dates import today_here
    from cli.output import Column, print_rows
    from cli.settings import records_here
    from domain.french import long_date
    from records.operations.tariffs import tariff_faults

    on = parse_day(day) if day else today_here()
    with records_here() as records, records.read() as session:
        faults = [asdict(fault) for fault in tariff_faults(session, on)]
    columns = [Column("service_label", "Service"), Column("message", "Ce qui manque")]
    if as_json:
        columns.insert(0, Column("service_ref", ""))
    print_rows(faults, columns, as_json=as_json, empty=f"✓ Tous les services ont un prix le {long_date(on)}.")
    if faults:
        raise typer.Exit(1)


def simulate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FICHIER", help="tarifs_lignes.csv à l'essai, ou le dossier qui le contient."),
    ] = None,
    tariff: Annotated[
        list[str] | None,
        typer.Option("--tariff", metavar="TARIF", help="Tarif déjà publié, au lieu d'un fichier ; répétable."),
    ] = None,
    year: Annotated[str, typer.Option("--year", metavar="AAAA-AAAA", help="Année scolaire rejouée.")] = "",
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FICHIER", help="Écrire le détail par famille (références).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Rejouer une année scolaire publiée avec une autre grille : recettes, tranches de QF, gagnants et perdants.

    Rien n'est enregistré. Les montants sont avant prises en charge.
    """
    from cli.output import progress
    from cli.settings import home_folder, records_here
    from domain.what_if import school_year
    from warehouse.what_if import simulate as replay

    if (file is None) == (not tariff) or not year:
        raise typer.BadParameter("donnez un fichier ou --tariff, et --year AAAA-AAAA.")
    asked = school_year(year)
    with records_here() as records:
        grid = _grid(records, file, tariff or [], year)
    with progress("Simulation") as tell:
        _, found = replay(home_folder(), grid, asked, tell)
    if csv_file is not None:
        _write_families(csv_file, found)
    if as_json:
        _print_json(found)
    else:
        _tell(found, year)


def _grid(records: Records, file: Path | None, tariffs: Sequence[str], year: str) -> list[dict[str, Any]]:
    from cli.settings import operator
    from domain.what_if import school_year
    from records.operations.tariff_trials import published_grid, read_grid

    if file is None:
        return published_grid(records, operator(), tariffs)
    return read_grid(records, operator(), file, school_year(year))


def _print_json(found: Simulation) -> None:
    from dataclasses import asdict

    from cli.output import print_json

    totals = {"now": found.now, "then": found.then, "winners": found.winners, "losers": found.losers}
    groups = {"deciles": found.deciles(), "changes": found.changes()}
    print_json(
        {**asdict(found), **totals, **{name: [asdict(one) for one in all_] for name, all_ in groups.items()}}
    )


def _tell(found: Simulation, year: str) -> None:
    from dataclasses import asdict

    from cli.output import Column, print_line, print_rows
    from domain.what_if_text import headline, missing_sentences

    print_line(headline(found))
    for sentence in missing_sentences(found):
        print_line(f"⚠ {sentence}")
    money = [Column("now", f"{year}", is_right=True), Column("then", "À l'essai", is_right=True)]
    print_rows(
        [asdict(one) for one in found.services],
        [Column("service_label", "Service"), Column("lines", "Lignes", is_right=True), *money],
        as_json=False,
        empty="",
    )
    families = Column("families", "Familles", is_right=True)
    sides = [Column("winners", "Paient moins", is_right=True), Column("losers", "Paient plus", is_right=True)]
    for title, groups in (("Dixième de QF", found.deciles()), ("Écart sur l'année", found.changes())):
        _print_groups(groups, [Column("label", title), families, *money, *sides])


def _print_groups(groups: Sequence[GroupChange], columns: Sequence[Any]) -> None:
    from dataclasses import asdict

    from cli.output import print_rows

    print_rows([asdict(one) for one in groups], columns, as_json=False, empty="")


def _write_families(path: Path, found: Simulation) -> None:
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter=";")
        writer.writerow(["dossier", "qf", "annee", "essai", "ecart"])
        for one in found.families:
            amounts = (one.now, one.then, one.change)
            writer.writerow(
                [one.family_ref, *("" if x is None else f"{x}".replace(".", ",") for x in (one.qf, *amounts))]
            )
